"""Alignment in imagination, on a world whose dynamics are known.

The world: `deter` is a counter; action 1 adds one, any other leaves it. The
reward of arriving at n is n, the continue probability 1 / (1 + n).
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.behavior import imagine, ppo
from dreamer_jax.types import Latent, Progress

HORIZON = 4


def latent(count):
  count = jnp.asarray(count, jnp.float32)
  stoch = jnp.zeros((*count.shape, 1, 1))
  return Latent(count[:, None], stoch, stoch)


def predict(state, action, rng):
  del rng
  return latent(state.deter[:, 0] + (action == 1))


def always(action):
  def policy(feat, goal, rng):
    del goal, rng
    chosen = jnp.full(feat.shape[:1], action)
    return chosen, jnp.zeros(feat.shape[:1])

  return policy


def reward(feat, progress):
  del progress
  count = feat[..., 0]
  terms = jnp.zeros((*count.shape, 7)).at[..., 4].set(count)
  return terms, count, 1 / (1 + count)


@pytest.fixture(name="dream")
def fixture_dream():
  progress = Progress(jnp.zeros((2, 256)))
  return imagine.imagine(
    predict, always(1), reward, latent([0.0, 10.0]), progress,
    jnp.zeros((2, 3)), jax.random.PRNGKey(0), HORIZON,
  )  # fmt: skip


def test_reward_is_of_the_state_arrived_at(dream):
  np.testing.assert_array_equal(dream.reward[:, 0], [1, 2, 3, 4])
  np.testing.assert_array_equal(dream.reward[:, 1], [11, 12, 13, 14])


def test_continue_is_of_the_state_arrived_at(dream):
  np.testing.assert_allclose(
    dream.cont[:, 0], [1 / 2, 1 / 3, 1 / 4, 1 / 5], rtol=1e-6
  )


def test_values_bootstrap_from_the_state_arrived_at(dream):
  """One-step targets use the value of the next state, not of this one."""
  value = dream.feat[..., 0]  # the critic says n in state n
  targets = ppo.targets(dream, value, 0.5, 0.0)
  next_n = np.arange(1, 5)
  np.testing.assert_allclose(
    targets[:, 0], next_n + 0.5 * next_n / (1 + next_n), rtol=1e-6
  )


def test_feat_holds_start_and_all_states(dream):
  np.testing.assert_array_equal(dream.feat[:, 0, 0], [0, 1, 2, 3, 4])


def test_weights_fall_with_what_was_survived(dream):
  """A step weighs the chance to reach it: its own end does not count."""
  weight = ppo.weights(dream, jnp.array([1.0, 0.0]))
  np.testing.assert_allclose(weight[:, 0], [1, 1 / 2, 1 / 6, 1 / 24], rtol=1e-6)
  np.testing.assert_array_equal(weight[:, 1], 0)


def test_a_map_is_new_once():
  """Known, new, known, new, known: along one rollout."""
  progress = Progress(jnp.zeros((1, 256)).at[0, 3].set(1.0))
  on = jax.nn.one_hot(jnp.array([[3], [5], [5], [9], [3]]), 256)
  terms = imagine.complete_terms(jnp.zeros((5, 1, 7)), on, progress)
  np.testing.assert_array_equal(terms[:, 0, imagine.NEW_MAP], [0, 1, 0, 1, 0])
  np.testing.assert_array_equal(terms[:, 0, imagine.STUCK], [1, 0, 1, 0, 1])


def test_confusion_is_not_a_new_map():
  progress = Progress(jnp.zeros((1, 256)))
  blurred = jnp.full((1, 1, 256), 1 / 256)
  terms = imagine.complete_terms(jnp.zeros((1, 1, 7)), blurred, progress)
  assert terms[0, 0, imagine.NEW_MAP] == 0
