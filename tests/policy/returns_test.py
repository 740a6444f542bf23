"""Lambda-returns against hand-worked numbers and an independent loop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.policy.returns import lambda_returns


def test_hand_worked():
  """Two steps, gamma 0.5, lambda 0.5: the numbers are done by hand."""
  reward = np.array([1.0, 2.0])
  discount = np.array([0.5, 0.5])
  value = np.array([10.0, 20.0])
  # V[1] = 2 + .5 * 20 = 12;  V[0] = 1 + .5 * (.5 * 10 + .5 * 12) = 6.5
  np.testing.assert_allclose(
    lambda_returns(reward, discount, value, 0.5), [6.5, 12.0]
  )


def n_step(reward, discount, value, t, n):
  """Sum of n discounted rewards from t on, then the value after them."""
  total, factor = 0.0, 1.0
  for k in range(n):
    total += factor * reward[t + k]
    factor *= discount[t + k]
  return total + factor * value[t + n - 1]


@pytest.mark.parametrize("lambda_", [0.0, 0.3, 0.95, 1.0])
def test_is_the_mixture_of_n_step_returns(lambda_):
  """The definition, as an average over n, instead of the recursion."""
  rng = np.random.default_rng(0)
  steps = 9
  reward, value = rng.normal(size=(2, steps))
  discount = rng.uniform(0, 1, steps)
  expected = []
  for t in range(steps):
    left = steps - t
    mixture = sum(
      (1 - lambda_) * lambda_ ** (n - 1) * n_step(reward, discount, value, t, n)
      for n in range(1, left)
    )
    last = lambda_ ** (left - 1) * n_step(reward, discount, value, t, left)
    expected.append(mixture + last)
  got = lambda_returns(reward, discount, value, lambda_)
  np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_is_causal():
  """The target of step t takes nothing from rewards before t."""
  args = np.ones(5), np.full(5, 0.9), np.ones(5)
  gradient = jax.jacobian(lambda_returns)(*args, 0.95)
  np.testing.assert_array_equal(np.tril(gradient, -1), 0)
  assert (np.triu(gradient) > 0).sum() == 15


def test_episode_end_cuts_the_future():
  """Where cont is 0, the target is the reward alone."""
  reward, value = np.array([1.0, 2.0, 3.0]), np.full(3, 100.0)
  targets = lambda_returns(reward, np.array([0.9, 0.0, 0.9]), value, 0.95)
  assert targets[1] == 2.0


def test_a_cut_rollout_bootstraps_where_it_is_cut():
  """Lambda 0 at step 1: what comes later does not reach step 0 or 1."""
  reward = jnp.array([1.0, 2.0, 4.0])
  value = jnp.array([10.0, 20.0, 30.0])
  got = lambda_returns(
    reward, jnp.full(3, 0.5), value, jnp.array([1.0, 0.0, 1.0])
  )
  np.testing.assert_allclose(got, [1 + 0.5 * 12, 2 + 0.5 * 20, 4 + 0.5 * 30])
