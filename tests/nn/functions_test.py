"""Named functions against their definitions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn import functions


def test_symlog_and_back():
  x = jnp.array([-300.0, -1.0, 0.0, 0.5, 664.0])
  np.testing.assert_allclose(
    functions.symexp(functions.symlog(x)), x, rtol=1e-5
  )


def test_two_hot_keeps_the_value():
  bins = jnp.array([0.0, 1.0, 3.0])
  weights = functions.two_hot(jnp.array([0.0, 0.25, 2.0, 3.0, 9.0]), bins)
  np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)
  np.testing.assert_allclose(weights @ bins, [0, 0.25, 2, 3, 3], rtol=1e-6)
  np.testing.assert_allclose(weights[2], [0, 0.5, 0.5], rtol=1e-6)


def test_unimix_has_a_floor():
  log_p = functions.unimix(jnp.array([100.0, 0.0, 0.0, 0.0]), 0.01)
  np.testing.assert_allclose(jnp.exp(log_p).sum(), 1, rtol=1e-6)
  np.testing.assert_allclose(jnp.exp(log_p[1]), 0.0025, rtol=1e-4)


def test_what_is_unlikely_is_left_out():
  """Without the uniform share: 0.9, 0.08, 0.02 and nothing."""
  given = jnp.log(jnp.array([0.9, 0.08, 0.02, 1e-9]))
  mixed = functions.unimix(given, 0.01)
  assert (functions.likely(mixed, 0.0, 0.01) == mixed).all()
  kept = jnp.exp(functions.likely(mixed, 0.05, 0.01))
  np.testing.assert_allclose(kept, [0.9, 0.08, 0, 0], rtol=1e-4)
  np.testing.assert_allclose(
    jnp.exp(functions.likely(mixed, 0.01, 0.01)),
    [0.9, 0.08, 0.02, 0],
    rtol=1e-3,
  )


def test_the_likeliest_stays():
  """Also where it is below the floor, as among many that are alike."""
  even = functions.unimix(jnp.zeros((2, 32)).at[0, 5].set(0.1), 0.01)
  kept = jnp.exp(functions.likely(even, 0.5, 0.01))
  assert (kept[0] > 0).sum() == 1 and kept[0, 5] > 0
  assert (kept[1] > 0).all()  # all are the likeliest


def test_categorical_kl_by_hand():
  p = jnp.log(jnp.array([[0.5, 0.5]]))
  q = jnp.log(jnp.array([[0.75, 0.25]]))
  expected = np.log(2) - np.log(3) / 2
  np.testing.assert_allclose(
    functions.categorical_kl(p, q), expected, rtol=1e-5
  )


def straight_through(rng, logits):
  uniform = jax.random.uniform(rng, logits.shape[:-1])
  return functions.sample_straight_through(uniform, logits)


def gumbel(temperature):
  return lambda rng, logits: functions.sample_gumbel(
    jax.random.gumbel(rng, logits.shape), logits, temperature, 0.3
  )


SAMPLERS = {
  "straight_through": straight_through,
  "gumbel": gumbel(1.0),
  "gumbel_below_floor": gumbel(0.1),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_samples_follow_the_distribution(name):
  logits = jnp.log(jnp.array([0.2, 0.3, 0.5]))
  keys = jax.random.split(jax.random.PRNGKey(0), 4000)
  drawn = jax.vmap(lambda key: SAMPLERS[name](key, logits))(keys)
  np.testing.assert_allclose(drawn.max(-1), 1, atol=1e-6)
  np.testing.assert_allclose(drawn.mean(0), [0.2, 0.3, 0.5], atol=0.03)


def test_straight_through_has_the_gradient_of_the_probabilities():
  logits = jnp.array([0.1, -0.4, 0.9])
  rng, weights = jax.random.PRNGKey(1), jnp.array([1.0, 2.0, 3.0])
  got = jax.grad(lambda x: straight_through(rng, x) @ weights)
  want = jax.grad(lambda x: jax.nn.softmax(x) @ weights)
  np.testing.assert_allclose(got(logits), want(logits), rtol=1e-5)


@pytest.mark.parametrize("draw", [0.0, 0.4999, 0.5001, 1 - 2**-24])
def test_a_draw_at_the_edge_is_still_one_class(draw):
  """Rounding of the sums may not leave a variable without a class."""
  logits = jnp.log(jnp.array([[0.5, 0.25, 0.25 - 1e-7, 1e-7]]))
  hard = functions.sample_straight_through(jnp.array([draw]), logits)
  np.testing.assert_allclose(hard.sum(), 1, atol=1e-5)
  want = {0.0: 0, 0.4999: 0, 0.5001: 1}.get(draw, 3)
  assert hard.argmax() == want


def test_gumbel_falls_back_below_its_floor():
  logits, rng = jnp.array([0.1, -0.4, 0.9]), jax.random.PRNGKey(1)
  weights = jnp.array([1.0, 2.0, 3.0])
  gradient = lambda f: jax.grad(lambda x: f(rng, x) @ weights)(logits)
  low, straight = (
    gradient(SAMPLERS[n]) for n in ("gumbel_below_floor", "straight_through")
  )
  np.testing.assert_allclose(low, straight, rtol=1e-5)
  assert np.abs(gradient(SAMPLERS["gumbel"]) - straight).max() > 1e-3
