"""The scan that takes weight gradients afterwards, against `lax.scan`."""

import jax
import jax.numpy as jnp
import numpy as np
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
