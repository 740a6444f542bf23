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


def example(rows=7, classes=5, seed=0):
  rng = np.random.default_rng(seed)
  x, kernel, bias = (
    jnp.asarray(rng.normal(size=s), jnp.float32)
    for s in ((rows, 3), (3, classes), (classes,))
  )
  ids = jnp.asarray(rng.integers(0, classes, rows), jnp.int32)
  return x, kernel, bias, ids


def test_rows_that_weigh_nothing_teach_nothing(monkeypatch):
  """The value and all gradients are those of the other rows alone."""
  monkeypatch.setattr(softmax, "_ROWS", 4)
  x, kernel, bias, ids = example()
  weight = jnp.array([1.0, 0, 2, 0, 0, 1, 0])
  some = weight > 0
  nats = lambda x, k, b, ids, w: softmax.linear_cross_entropy(x, k, b, ids, w)
  of = jax.value_and_grad(nats, (0, 1, 2), has_aux=True)
  (loss, right), grads = of(x, kernel, bias, ids, weight)
  (want, counted), other = of(x[some], kernel, bias, ids[some], weight[some])
  np.testing.assert_allclose(loss, want, rtol=1e-5)
  np.testing.assert_allclose(right, counted)
  assert (grads[0][~some] == 0).all()
  np.testing.assert_allclose(grads[0][some], other[0], rtol=1e-4, atol=1e-6)
  for a, b in zip(grads[1:], other[1:], strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_errors_of_a_row_add_up_to_nothing():
  """What is taken from some classes is given to the wanted one."""
  x, kernel, bias, ids = example()
  nats = lambda b: softmax.linear_cross_entropy(x, kernel, b, ids, jnp.ones(7))[
    0
  ]
  gradient = jax.grad(nats)(bias)
  np.testing.assert_allclose(gradient.sum(), 0, atol=1e-5)
  p = jax.nn.softmax(x @ kernel + bias)
  want = p.sum(0) - np.bincount(ids, minlength=5)
  np.testing.assert_allclose(gradient, want, rtol=1e-4, atol=1e-5)


def test_rights_are_counted_by_weight():
  """Three rows, sure of classes 0, 1 and 2; the second is wrong."""
  kernel = 9 * jnp.eye(3)
  of = lambda ids, weight: softmax.linear_cross_entropy(
    jnp.eye(3), kernel, jnp.zeros(3), jnp.array(ids), jnp.array(weight)
  )[1]
  assert of([0, 0, 2], [1.0, 1.0, 1.0]) == 2
  assert of([0, 0, 2], [0.5, 4.0, 2.0]) == 2.5


def test_whole_blocks_need_no_filling(monkeypatch):
  """As many rows as a block has, and one more: the same sums."""
  x, kernel, bias, ids = example(9)
  sums = []
  for rows in (1, 3, 8, 9, 100):
    monkeypatch.setattr(softmax, "_ROWS", rows)
    sums.append(softmax.linear_cross_entropy(x, kernel, bias, ids, jnp.ones(9)))
  np.testing.assert_allclose(sums, np.repeat([sums[0]], 5, 0), rtol=1e-5)
