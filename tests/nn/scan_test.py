"""The scan that takes weight gradients afterwards, against `lax.scan`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from dreamer_jax.nn import scan as scan_lib
from dreamer_jax.nn.layers import Block, Linear


class Cell(nn.Module):
  """A recurrent step with a normalised layer and a plain one."""

  @nn.compact
  def __call__(self, carry, x):
    hidden = Block(5)(jnp.concatenate([carry, x], -1))
    return jnp.tanh(Linear(3)(hidden))


def test_every_gradient_is_that_of_a_plain_scan():
  rng = jax.random.split(jax.random.PRNGKey(0), 3)
  start = jax.random.normal(rng[0], (2, 3))
  xs = (jax.random.normal(rng[1], (7, 2, 4)), jnp.arange(7))
  cell = Cell()
  variables = cell.init(rng[2], start, xs[0][0])
  params, taps = variables["params"], variables["taps"]

  def tapped(params, taps, carry, x):
    carry, state = cell.apply(
      {"params": params, "taps": taps}, carry, x[0], mutable=["inputs"]
    )
    carry = carry * jnp.where(x[1] == 3, 0.5, 1.0)[..., None]
    return (carry, carry**2), state["inputs"]

  def plain(params, carry, xs):
    step = lambda carry, x: tapped(params, taps, carry, x)[0]
    return jax.lax.scan(step, carry, xs)

  def ours(params, carry, xs):
    return scan_lib.scan(tapped, params, taps, carry, xs)

  def gradient(run):
    loss = lambda params, carry, x: (
      lambda out: out[0].sum() + (out[1] * out[1][::-1]).sum()
    )(run(params, carry, (x, xs[1])))
    return jax.jit(jax.value_and_grad(loss, (0, 1, 2)))(params, start, xs[0])

  want, got = gradient(plain), gradient(ours)
  assert jax.tree.structure(want) == jax.tree.structure(got)
  for a, b in zip(jax.tree.leaves(want), jax.tree.leaves(got), strict=True):
    np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5)


class BlockCell(nn.Module):
  """A recurrent step whose layers are block-diagonal, or narrow."""

  blocks: int = 1
  dtype: str = "float32"

  @nn.compact
  def __call__(self, carry, x):
    both = jnp.concatenate([carry, x], -1)
    hidden = Linear(4, blocks=self.blocks, dtype=self.dtype, name="hidden")
    return jnp.tanh(Linear(4, dtype=self.dtype, name="out")(hidden(both)))


def runs(cell, rows, steps=5):
  """Gradients in the parameters of a plain scan, and of ours."""
  keys = jax.random.split(jax.random.PRNGKey(0), 3)
  start = jax.random.normal(keys[0], (rows, 4))
  xs = jax.random.normal(keys[1], (steps, rows, 2))
  variables = cell.init(keys[2], start, xs[0])
  params, taps = variables["params"], variables["taps"]

  def step(params, taps, carry, x):
    carry, state = cell.apply(
      {"params": params, "taps": taps}, carry, x, mutable=["inputs"]
    )
    return (carry, carry**2), state["inputs"]

  def plain(params, taps):
    body = lambda carry, x: step(params, taps, carry, x)[0]
    return jax.lax.scan(body, start, xs)

  ours = lambda params, taps: scan_lib.scan(step, params, taps, start, xs)
  return params, taps, plain, ours


def loss_of(run):
  return lambda *a: (lambda out: out[0].sum() + (out[1] ** 2).sum())(run(*a))


@pytest.mark.parametrize(
  "cell, tolerance",
  [(BlockCell(blocks=2), 1e-4), (BlockCell(dtype="bfloat16"), 2e-2)],
  ids=["blocks", "bfloat16"],
)
def test_blocks_and_narrow_layers_have_the_gradients_of_a_plain_scan(
  cell, tolerance
):
  """Narrow sums are of rounded errors either way, in another order."""
  params, taps, plain, ours = runs(cell, 9)
  want, got = (
    jax.jit(jax.grad(loss_of(run)))(params, taps) for run in (plain, ours)
  )
  assert jax.tree.structure(want) == jax.tree.structure(got)
  for a, b in zip(jax.tree.leaves(want), jax.tree.leaves(got), strict=True):
    assert b.dtype == jnp.float32 and np.abs(a).max() > 0
    np.testing.assert_allclose(b, a, atol=tolerance * np.abs(a).max())


def test_without_a_gradient_it_is_the_plain_scan():
  params, taps, plain, ours = runs(BlockCell(), 3)
  got, traced, want = jax.jit(
    lambda *a: (ours(*a), jax.vjp(ours, *a)[0], plain(*a))
  )(params, taps)
  same = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4)
  jax.tree.map(same, got, want)
  jax.tree.map(same, traced, want)


def test_a_tap_has_the_sum_of_all_steps_for_a_gradient():
  """So has the bias that it stands beside, over the rows too."""
  params, taps, plain, ours = runs(BlockCell(), 3)
  want = jax.jit(jax.grad(loss_of(plain), 1))(params, taps)
  grads, got = jax.jit(jax.grad(loss_of(ours), (0, 1)))(params, taps)
  for name in ("hidden", "out"):
    np.testing.assert_allclose(
      got[name]["output"], want[name]["output"], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
      grads[name]["bias"], got[name]["output"].sum(0), rtol=1e-4, atol=1e-5
    )
