"""`lax.scan` over dense layers, with their weight gradients taken afterwards.

Backpropagation through a scan adds to every weight's gradient at every step:
for the RSSM that is 32 thin products and 32 sums of a megabyte, where one
product over all steps does. So the loop's backward pass only finds what each
layer's output should change by (a zero `tap` added to it), and the products
with the layer's recorded inputs follow once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from flax import traverse_util

from dreamer_jax.nn.layers import kernel_gradient

# step(params, taps, carry, x) -> (carry, y), inputs; taps and inputs by layer
Step = Callable[[dict, dict, Any, Any], tuple[tuple[Any, Any], dict]]
_LEAVES = ("kernel", "bias")


def _split(params: dict, taps: dict) -> tuple[dict, dict]:
  """Flat parameters: those of tapped layers, and the others."""
  layers = {path[:-1] for path in traverse_util.flatten_dict(taps)}
  dense, rest = {}, {}
  for path, leaf in traverse_util.flatten_dict(params).items():
    tapped = path[:-1] in layers and path[-1] in _LEAVES
    (dense if tapped else rest)[path] = leaf
  return dense, rest


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def scan(step: Step, params: dict, taps: dict, carry, xs) -> tuple:
  """`lax.scan(lambda c, x: step(params, taps, c, x)[0], carry, xs)`.

  Args:
    step: one step. It must add `taps` to the outputs of its dense layers and
      return those layers' inputs, as `layers.Linear` does with the Flax
      collections "taps" and "inputs".
    params: of the step's modules, nested as Flax has them.
    taps: zeros, of the shape of each dense layer's output in one step.
    carry: at the start.
    xs: `[T, ...]` inputs.

  Returns:
    the last carry, and the stacked outputs `[T, ...]`.
  """

  def body(carry, x):
    return step(params, taps, carry, x)[0]

  return jax.lax.scan(body, carry, xs)


def _forward(step, params, taps, carry, xs):
  length = len(jax.tree.leaves(xs)[0])
  dense, rest = _split(params, taps)
  taps = jax.tree.map(lambda x: jnp.zeros((length, *x.shape), x.dtype), taps)

  def run(rest, taps, carry, xs):
    whole = traverse_util.unflatten_dict({**rest, **dense})

    def body(carry, inputs):
      tap, x = inputs
      (carry, y), recorded = step(whole, tap, carry, x)
      return carry, (y, recorded)

    carry, (ys, recorded) = jax.lax.scan(body, carry, (taps, xs))
    return (carry, ys), recorded

  out, pullback, recorded = jax.vjp(run, rest, taps, carry, xs, has_aux=True)
  return out, (pullback, recorded, dense)


def _backward(step, residuals, cotangents):
  del step
  pullback, recorded, dense = residuals
  rest, taps, carry, xs = pullback(cotangents)
  grads = dict(rest)
  flat = traverse_util.flatten_dict(recorded)
  for (*layer, _), error in traverse_util.flatten_dict(taps).items():
    rows = flat[(*layer, "rows")]
    kernel = dense[(*layer, "kernel")]
    grads[(*layer, "kernel")] = _kernel_gradient(rows, error, kernel)
    grads[(*layer, "bias")] = error.sum((0, 1))
  one_step = jax.tree.map(lambda x: x.sum(0), taps)
  return traverse_util.unflatten_dict(grads), one_step, carry, xs


def _kernel_gradient(rows, error, kernel: jax.Array) -> jax.Array:
  """Of a layer's kernel `[I, O]` or `[G, I/G, O/G]`, from all its steps."""
  if kernel.ndim == 2:
    flat = lambda x: x.reshape(-1, x.shape[-1])
    return kernel_gradient(flat(rows), flat(error).astype(rows.dtype))
  rows, error = rows.astype(jnp.float32), error.astype(jnp.float32)
  split = lambda x: x.reshape(*x.shape[:2], len(kernel), -1)
  return jnp.einsum("tbgi,tbgo->gio", split(rows), split(error))


scan.defvjp(_forward, _backward)
