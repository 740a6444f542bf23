"""Optimizers against numbers worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn import optimizers


def steps(optimizer, params, grads):
  """The parameters' moves under gradients that follow one another."""
  state, moves = optimizer.init(params), []
  for grad in grads:
    new, state = optimizers.apply(optimizer, grad, state, params)
    moves.append(jax.tree.map(lambda a, b: a - b, new, params))
    params = new
  return moves


def test_laprop_by_hand():
  """Gradients 2 and -4, rate 0.1.

  v1 = 0.001 * 4, corrected 4: normalised 2/2 = 1; m1 = 0.1, corrected 1.
  v2 = 0.999 * 0.004 + 0.001 * 16 = 0.019996, corrected by 1 - 0.999^2 =
  0.001999: 10.0030; normalised -4/3.16276 = -1.26472; m2 = 0.9 * 0.1 - 0.126472
  = -0.036472, corrected by 1 - 0.81 = 0.19: -0.191958.
  """
  moves = steps(
    optimizers.make(0.1, kind="laprop"), jnp.zeros(1), [jnp.full(1, 2.0),
                                                  jnp.full(1, -4.0)]
  )  # fmt: skip
  np.testing.assert_allclose(moves, [[-0.1], [0.0191958]], rtol=1e-4)


def test_laprop_ignores_scale():
  grads = [jnp.array([1.0, -3.0]), jnp.array([2.0, 0.5])]
  small = [1e-6 * g for g in grads]
  optimizer = optimizers.make(0.1, kind="laprop")
  np.testing.assert_allclose(
    steps(optimizer, jnp.zeros(2), grads),
    steps(optimizer, jnp.zeros(2), small),
    rtol=1e-4,
  )


def test_adaptive_clip_by_hand():
  """Columns of norm 5 and 0, blocks of matrices, and a vector."""
  params = {
    "kernel": jnp.array([[3.0, 0.0], [4.0, 0.0]]),
    "blocks": jnp.array([[[3.0], [4.0]], [[0.0], [1.0]]]),
    "bias": jnp.array([0.6, 0.8]),
  }
  grads = {
    "kernel": jnp.array([[0.0, 2.0], [10.0, 0.0]]),
    "blocks": jnp.array([[[0.0], [1.0]], [[0.0], [5.0]]]),
    "bias": jnp.array([0.0, 0.1]),
  }
  clip = optimizers.adaptive_clip(0.5)
  got, _ = clip.update(grads, clip.init(params), params)
  np.testing.assert_allclose(got["kernel"], [[0, 5e-4], [2.5, 0]])
  np.testing.assert_allclose(got["blocks"].ravel(), [0, 1, 0, 0.5])
  np.testing.assert_allclose(got["bias"], [0.0, 0.1])


def test_weight_decay_spares_vectors():
  params = {"kernel": jnp.ones((2, 2)), "bias": jnp.ones(2)}
  (move,) = steps(
    optimizers.make(0.1, weight_decay=0.01), params,
    [jax.tree.map(jnp.zeros_like, params)],
  )  # fmt: skip
  np.testing.assert_allclose(move["kernel"], -0.001, rtol=1e-3)
  np.testing.assert_array_equal(move["bias"], 0.0)


def test_zero_switches_a_clip_off():
  """Plain descent would show it: Adam hides a constant factor."""
  params, grad = jnp.ones((2, 1)), jnp.full((2, 1), 100.0)
  mean = lambda state: jax.tree.leaves(state)[1]
  for options, expected in [({}, 10.0), ({"clip": 1.0}, 0.1 / np.sqrt(2)),
                            ({"agc": 0.5}, 0.05)]:  # fmt: skip
    optimizer = optimizers.make(0.1, **options)
    _, state = optimizer.update(grad, optimizer.init(params), params)
    np.testing.assert_allclose(mean(state).ravel(), expected, rtol=1e-5)


def test_schedule():
  rate = optimizers.cosine(1.0, 10, 110)
  at = [float(rate(i)) for i in (0, 5, 10, 60, 110, 500)]
  np.testing.assert_allclose(at, [0, 0.5, 1, 0.55, 0.1, 0.1], atol=1e-6)
  constant = optimizers.cosine(1.0, 10, None)
  assert [float(constant(i)) for i in (5, 10, 500)] == [0.5, 1.0, 1.0]


def test_average_forgets_its_beginning():
  """Weights that are 1 from the first update on, averaged from 0."""
  average = 0.0
  for update in range(1000):
    fraction = optimizers.ema_fraction(jnp.asarray(update), 0.999)
    average = optimizers.ema(average, 1.0, float(fraction))
  assert average > 0.9999
  late = optimizers.ema_fraction(jnp.asarray(10**6), 0.999)
  np.testing.assert_allclose(late, 0.001, rtol=1e-3)


def chance(steps, *shape):
  return np.random.default_rng(0).normal(size=(steps, *shape))


def test_laprop_is_its_recursion():
  """Thirty chance gradients of very different sizes, in a loop of NumPy."""
  grads = chance(30, 3) * np.geomspace(1e-3, 1e3, 30)[::-1, None]
  mean, square, want = np.zeros(3), np.zeros(3), []
  for t, grad in enumerate(grads, 1):
    square = 0.999 * square + 0.001 * grad**2
    unit = grad / (np.sqrt(square / (1 - 0.999**t)) + 1e-15)
    mean = 0.9 * mean + 0.1 * unit
    want.append(-0.1 * mean / (1 - 0.9**t))
  optimizer = optimizers.make(0.1, kind="laprop")
  got = steps(optimizer, jnp.zeros(3), jnp.asarray(grads, jnp.float32))
  np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-5)


def test_adam_is_its_recursion():
  grads = chance(20, 3)
  mean, square, want = np.zeros(3), np.zeros(3), []
  for t, grad in enumerate(grads, 1):
    mean = 0.9 * mean + 0.1 * grad
    square = 0.999 * square + 0.001 * grad**2
    root = np.sqrt(square / (1 - 0.999**t)) + 1e-7
    want.append(-0.1 * mean / (1 - 0.9**t) / root)
  got = steps(optimizers.make(0.1), jnp.zeros(3), jnp.asarray(grads))
  np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (6,)], ids=str)
def test_adaptive_clip_is_unit_by_unit(shape):
  """A loop over columns: none exceeds its share, none is turned."""
  ratio, rng = 0.3, np.random.default_rng(1)
  params, grads = rng.normal(size=(2, *shape))
  grads *= rng.uniform(0.01, 3, shape)
  clip = optimizers.adaptive_clip(ratio)
  got, _ = clip.update(
    jnp.asarray(grads), clip.init(jnp.asarray(params)), jnp.asarray(params)
  )
  units = lambda x: np.moveaxis(np.reshape(x, (-1, *shape[-2:])), -2, -1)
  if len(shape) == 1:
    units = lambda x: np.reshape(x, (1, 1, -1))
  for new, old, weights in zip(*map(units, (got, grads, params)), strict=True):
    for g, before, w in zip(new, old, weights, strict=True):
      most = ratio * max(np.linalg.norm(w), 1e-3)
      factor = min(1, most / np.linalg.norm(before))
      np.testing.assert_allclose(g, factor * before, rtol=1e-5)


def test_gradients_are_clipped_as_one():
  """The norm is of all leaves together: 3 and 4 in two leaves are 5."""
  params = {"a": jnp.zeros(1), "b": jnp.zeros((1, 1))}
  grads = {"a": jnp.full(1, 30.0), "b": jnp.full((1, 1), 40.0)}
  optimizer = optimizers.make(0.1, clip=5.0)
  _, state = optimizer.update(grads, optimizer.init(params), params)
  mean = next(s.mu for s in state if hasattr(s, "mu"))
  np.testing.assert_allclose(mean["a"], 0.1 * 3.0, rtol=1e-5)
  np.testing.assert_allclose(mean["b"], [[0.1 * 4.0]], rtol=1e-5)


@pytest.mark.parametrize("kind", ["adam", "laprop"])
def test_weight_decay_is_apart_from_the_gradient(kind):
  """It takes the same share however large the gradient is, at any rate."""
  params = jnp.full((2, 2), 3.0)
  moves = {
    (decay, size): steps(
      optimizers.make(0.1, kind=kind, weight_decay=decay), params,
      [jnp.full((2, 2), size)],
    )[0]
    for decay in (0.0, 0.01) for size in (1.0, 1e4)
  }  # fmt: skip
  for size in (1.0, 1e4):
    decayed = moves[0.01, size] - moves[0.0, size]
    np.testing.assert_allclose(decayed, -0.1 * 0.01 * 3.0, rtol=1e-3)


def test_steps_follow_the_schedule():
  """Under a gradient that stays, Adam's steps are the rate itself."""
  rate = optimizers.cosine(0.5, 2, 6)
  got = steps(optimizers.make(rate), jnp.zeros(1), [jnp.ones(1)] * 8)
  want = [-float(rate(i)) for i in range(8)]
  np.testing.assert_allclose(np.ravel(got), want, rtol=1e-4, atol=1e-6)
  assert want[0] == 0 and min(want) == want[2]


def test_without_an_end_the_rate_stays_at_its_height():
  rate = optimizers.cosine(0.3, 4, None)
  at = [float(rate(i)) for i in (0, 1, 4, 5, 10**6)]
  np.testing.assert_allclose(at, [0, 0.075, 0.3, 0.3, 0.3], rtol=1e-6)


def test_without_a_rise_and_an_end_the_rate_is_one_number():
  rate = optimizers.cosine(0.3, 0, None)
  np.testing.assert_allclose([rate(0), rate(9)], 0.3, rtol=1e-6)


def test_the_fall_is_a_cosine_from_the_height_to_a_tenth():
  rate = optimizers.cosine(1.0, 0, 8)
  got = [float(rate(i)) for i in range(12)]
  want = [
    0.1 + 0.9 * (1 + np.cos(np.pi * min(i, 8) / 8)) / 2 for i in range(12)
  ]
  np.testing.assert_allclose(got, want, rtol=1e-5)


def test_an_average_moves_leaf_by_leaf():
  old = {"a": jnp.array([1.0, 2.0]), "b": jnp.array(10.0)}
  new = {"a": jnp.array([3.0, 2.0]), "b": jnp.array(0.0)}
  got = optimizers.ema(old, new, 0.25)
  np.testing.assert_allclose(got["a"], [1.5, 2.0])
  np.testing.assert_allclose(got["b"], 7.5)
  for fraction, same in ((0.0, old), (1.0, new)):
    moved = optimizers.ema(old, new, fraction)
    jax.tree.map(np.testing.assert_allclose, moved, same)


def test_an_average_takes_nine_parts_in_the_number_of_updates():
  """And its decay from there on, where that is more: 0.99 from 890 on."""
  at = lambda *n: optimizers.ema_fraction(jnp.asarray(n), 0.99)
  np.testing.assert_allclose(at(0, 8, 80), [0.9, 0.5, 0.1], rtol=1e-6)
  np.testing.assert_allclose(at(890, 891, 10**7), 0.01, rtol=1e-5)
  assert (at(*range(0, 889, 37)) > 0.01).all()
