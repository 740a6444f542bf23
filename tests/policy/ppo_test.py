"""PPO's advantages and scales, by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn import functions
from dreamer_jax.policy import networks, ppo
from dreamer_jax.types import Dream


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


def chance(steps=6, count=3, seed=0):
  """Reward, cont, trust and value of dreams, each with an end and a doubt."""
  rng = np.random.default_rng(seed)
  reward, value = rng.normal(size=(steps, count)), rng.normal(
    size=(steps + 1, count)
  )  # fmt: skip
  cont = rng.uniform(0.5, 1, (steps, count))
  trust = np.ones((steps, count))
  cont[2, 0] = trust[3, 1] = 0.0
  return reward, cont, trust, value


def dreamed(reward, cont, trust):
  none = jnp.zeros(())
  reward, cont, trust = map(jnp.asarray, (reward, cont, trust))
  return Dream(none, none, none, none, reward, cont, none, none, trust)


def test_targets_are_lambda_returns_by_a_loop():
  """From the last step back, for each dream alone; a doubt bootstraps."""
  reward, cont, trust, value = chance()
  got = ppo.targets(dreamed(reward, cont, trust), jnp.asarray(value), 0.9, 0.7)
  for n in range(3):
    later = value[-1, n]
    for t in reversed(range(6)):
      mix = 0.7 * trust[t, n]
      ahead = (1 - mix) * value[t + 1, n] + mix * later
      later = reward[t, n] + 0.9 * cont[t, n] * ahead
      np.testing.assert_allclose(got[t, n], later, rtol=1e-4, atol=1e-5)


def test_what_comes_after_an_end_or_a_doubt_changes_no_target():
  """Dream 0 ends at arriving at step 3, dream 1 is doubted at step 4."""
  reward, cont, trust, value = chance()
  late, far = reward.copy(), value.copy()
  late[3:, 0], late[4:, 1], far[3:, 0], far[5:, 1] = 9, 9, 9, 9
  one, two = (
    ppo.targets(dreamed(r, cont, trust), jnp.asarray(v), 0.9, 0.95)
    for r, v in ((reward, value), (late, far))
  )
  np.testing.assert_array_equal(one[:3, 0], two[:3, 0])
  np.testing.assert_array_equal(one[:4, 1], two[:4, 1])
  np.testing.assert_array_equal(one[:, 2], two[:, 2])
  assert one[2, 0] == np.float32(reward[2, 0])  # the end pays its own reward


def test_the_scale_is_of_percentiles_and_has_a_floor():
  """Neither the best dream in a thousand nor the order of dreams moves it."""
  rng = np.random.default_rng(0)
  target = rng.gamma(1.0, 20.0, (50, 20))
  low, high = np.percentile(target, (5, 95))
  scale = lambda x, least: ppo.return_scale(jnp.asarray(x), least)
  np.testing.assert_allclose(scale(target, 1.0), high - low, rtol=1e-4)
  best = target.copy()
  best[0, 0] = 1e6
  np.testing.assert_allclose(scale(best, 1.0), high - low, rtol=0.02)
  np.testing.assert_allclose(
    scale(rng.permutation(target.ravel()).reshape(20, 50) + 300, 1.0),
    high - low, rtol=1e-4,
  )  # fmt: skip
  assert scale(target, 500.0) == 500 and scale(0 * target, 2.0) == 2


def test_advantages_are_whitened_by_weight():
  """Mean 0 and spread 1 of what counts, however far values are off."""
  rng = np.random.default_rng(0)
  target, value = rng.normal(size=(2, 8, 5)) * 7
  weight = rng.uniform(size=(8, 5))
  weight[:, 4] = 0
  whiten = lambda target, value, scale: np.asarray(
    ppo.advantages(*map(jnp.asarray, (target, value, weight, scale))),
    np.float64,
  )
  got = whiten(target, value, 10.0)
  total = weight.sum()
  np.testing.assert_allclose((weight * got).sum() / total, 0, atol=1e-6)
  np.testing.assert_allclose((weight * got**2).sum() / total, 1, rtol=1e-5)
  # In other units, and against a baseline that is off everywhere: the same.
  same = whiten(5 * target + 30, 5 * value, 50.0)
  np.testing.assert_allclose(same, got, rtol=1e-3, atol=1e-4)
  # Dreams that are over do not tell what an advantage is worth.
  dead = target.copy()
  dead[:, 4] = 1e4
  np.testing.assert_allclose(
    whiten(dead, value, 10.0)[:, :4], got[:, :4], rtol=1e-4, atol=1e-5
  )


@pytest.mark.parametrize(
  "value, share",
  [
    ([1.0, 2, 3, 6], 1.0),
    ([3.0, 3, 3, 3], 0.0),  # the mean
    ([2.0, 3, 4, 7], 1 - 1 / 3.5),  # off by one: the variance is 3.5
    ([-1.0, -2, -3, -6], 1 - 4 * 12.5 / 3.5),  # worse than the mean
  ],
)
def test_the_share_that_values_explain(value, share):
  target, weight = jnp.array([1.0, 2, 3, 6]), jnp.ones(4)
  got = ppo.explained(jnp.array(value), target, weight)
  np.testing.assert_allclose(got, share, rtol=1e-5, atol=1e-6)
  # A row that weighs nothing is not there.
  more = lambda x, y: jnp.append(jnp.asarray(x), y)
  got = ppo.explained(more(value, 99.0), more(target, -99.0), more(weight, 0.0))
  np.testing.assert_allclose(got, share, rtol=1e-5, atol=1e-6)


def test_returns_that_are_all_alike_explain_nothing_and_divide_nothing():
  share = ppo.explained(jnp.full(3, 2.0), jnp.full(3, 2.0), jnp.ones(3))
  assert share == 1.0
  assert np.isfinite(ppo.explained(jnp.zeros(3), jnp.ones(3), jnp.ones(3)))


def test_a_critic_in_bins_pays_the_cross_entropy():
  """By hand over five bins; rows count by their weights."""
  rng = np.random.default_rng(0)
  logits = rng.normal(size=(4, 5))
  bins = np.array(networks.value_bins(5))
  target = np.array([0.0, bins[3] / 4, -bins[3] / 2, bins[4]])
  weight = np.array([1.0, 2.0, 0.5, 0.0])
  wanted = np.array(
    [[0, 0, 1, 0, 0], [0, 0, 0.75, 0.25, 0], [0, 0.5, 0.5, 0, 0], [0] * 5]
  )
  log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
  nats = -(wanted * log_p).sum(-1)
  args = map(jnp.asarray, (logits, target, weight))
  loss, metrics = ppo.value_loss(*args)
  np.testing.assert_allclose(loss, (weight * nats).sum() / 3.5, rtol=1e-5)
  assert metrics["value_loss"] == loss


def test_a_critic_in_bins_rests_at_its_targets():
  """The two-hot weights themselves are where no gradient is left."""
  target = jnp.array([0.3, -7.0, 110.0])
  wanted = functions.two_hot(target, networks.value_bins(97))
  logits = jnp.log(wanted + 1e-9)
  slope = jax.grad(lambda x: ppo.value_loss(x, target, jnp.ones(3))[0])
  np.testing.assert_allclose(slope(logits), 0, atol=1e-5)
  off = slope(logits.at[0, 0].set(3.0))
  assert off[0, 0] > 0.01 and np.abs(off[1:]).max() < 1e-5
