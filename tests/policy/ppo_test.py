"""PPO's advantages and scales, by hand."""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.policy import networks, ppo


def test_advantages_are_normalised_over_what_counts():
  """(10, -10) in units of 10 are (1, -1): the third is dead."""
  target = jnp.array([[15.0], [0.0], [500.0]])
  value = jnp.array([[5.0], [10.0], [0.0]])
  weight = jnp.array([[1.0], [1.0], [0.0]])
  got = ppo.advantages(target, value, weight, jnp.asarray(10.0))
  np.testing.assert_allclose(got[:2, 0], [1.0, -1.0], rtol=1e-6)


def test_trifles_are_not_blown_up():
  """A spread of 1/1000 of the returns' range stays below 1/30 of a unit."""
  target = jnp.array([[0.01], [-0.01]])
  got = ppo.advantages(target, 0 * target, jnp.ones((2, 1)), jnp.asarray(10.0))
  np.testing.assert_allclose(
    got[:, 0], [0.001 / 0.03, -0.001 / 0.03], rtol=1e-5
  )


def test_the_scale_is_the_range_of_returns():
  target = jnp.linspace(0.0, 100.0, 101).reshape(101, 1)
  np.testing.assert_allclose(ppo.return_scale(target, 1.0), 90.0, rtol=1e-6)
  assert ppo.return_scale(target / 1000, 1.0) == 1.0


def test_a_critic_that_says_a_number_learns_scaled_targets():
  """An error of one unit costs one half."""
  target = jnp.array([networks.VALUE_UNIT, -networks.VALUE_UNIT])
  loss, metrics = ppo.value_loss(jnp.zeros((2, 1)), target, jnp.ones(2))
  np.testing.assert_allclose(loss, 0.5, rtol=1e-6)
  np.testing.assert_allclose(metrics["value_explained"], 0.0, atol=1e-6)


def test_a_critic_in_bins_learns_the_mean_of_returns():
  """Values of any size, by the cross-entropy with their two bins."""
  target = jnp.array([0.004, 0.5, 29.0, 110.0, -3.0])
  weight = jnp.ones(5)
  loss = lambda logits: ppo.value_loss(logits, target, weight)[0]
  logits = jnp.zeros((5, 97))
  np.testing.assert_allclose(networks.expected_value(logits), 0.0, atol=1e-3)
  descend = lambda _, x: x - 20.0 * jax.grad(loss)(x)
  logits = jax.jit(lambda x: jax.lax.fori_loop(0, 300, descend, x))(logits)
  np.testing.assert_allclose(
    networks.expected_value(logits), target, rtol=0.05, atol=0.05
  )
  metrics = ppo.value_loss(logits, target, weight)[1]
  assert metrics["value_explained"] > 0.999
