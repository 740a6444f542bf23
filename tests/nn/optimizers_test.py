"""Optimizers against numbers worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np

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
  constant = optimizers.cosine(1.0, 10, 0)
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
