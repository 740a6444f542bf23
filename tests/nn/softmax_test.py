"""The fused softmax against the plain one."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax.nn import softmax


def plain(x, kernel, bias, ids, weight):
  logits = x @ kernel + bias
  nll = optax.softmax_cross_entropy_with_integer_labels(logits, ids)
  right = logits.argmax(-1) == ids
  return (nll * weight).sum(), (right * weight).sum()


@pytest.mark.parametrize("rows", [1, 6, 8, 21])
def test_value_and_gradient_are_those_of_separate_steps(rows, monkeypatch):
  """Also where rows do not fill a block, or not even one."""
  monkeypatch.setattr(softmax, "_ROWS", 8)
  rng = np.random.default_rng(0)
  x, kernel, bias = (
    jnp.asarray(rng.normal(size=s), jnp.float32)
    for s in ((rows, 3), (3, 5), (5,))
  )
  ids = jnp.asarray(rng.integers(0, 5, rows), jnp.int32)
  weight = jnp.asarray(rng.uniform(size=rows), jnp.float32)

  def both(f):
    g = lambda *a: (lambda out: (3 * out[0], out[1]))(f(*a, ids, weight))
    return jax.value_and_grad(g, (0, 1, 2), has_aux=True)(x, kernel, bias)

  want, got = both(plain), both(softmax.linear_cross_entropy)
  for a, b in zip(jax.tree.leaves(want), jax.tree.leaves(got), strict=True):
    np.testing.assert_allclose(b, a, rtol=2e-5, atol=2e-6)
  alone = softmax.linear_cross_entropy(x, kernel, bias, ids, weight)
  np.testing.assert_allclose(3 * alone[0], want[0][0], rtol=1e-5)


def test_large_logits_do_not_overflow():
  kernel = jnp.array([[1e4, -1e4]])
  loss, _ = softmax.linear_cross_entropy(
    jnp.ones((1, 1)), kernel, jnp.zeros(2), jnp.array([1]), jnp.ones(1)
  )
  np.testing.assert_allclose(loss, 2e4, rtol=1e-6)
