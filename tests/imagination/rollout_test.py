"""Alignment in imagination, on a world whose dynamics are known.

The world: `deter` is a counter; action 1 adds one, any other leaves it. The
reward of arriving at n is n, the continue probability 1 / (1 + n).
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.imagination import rewards, rollout
from dreamer_jax.nn import precision
from dreamer_jax.policy import ppo, surrogate
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
  count = feat[1:, ..., 0]
  terms = jnp.zeros((*count.shape, 7)).at[..., 4].set(count)
  return terms, count, 1 / (1 + count), jnp.zeros_like(count)


@pytest.fixture(name="dream")
def fixture_dream():
  progress = Progress(jnp.zeros((2, 256)))
  return rollout.imagine(
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


def test_features_are_of_the_dtype_that_is_read():
  """The latents themselves go on unrounded: 257 is no bfloat16, 258 is."""
  read = []

  def policy(feat, goal, rng):
    read.append(feat.dtype)
    return always(1)(feat, goal, rng)

  dream = rollout.imagine(
    predict, policy, reward, latent([255.0]), Progress(jnp.zeros((1, 256))),
    jnp.zeros((1, 3)), jax.random.PRNGKey(0), HORIZON, dtype="bfloat16",
  )  # fmt: skip
  kept = precision.read(dream.feat)
  assert {kept.dtype, *read} == {jnp.dtype("bfloat16")}
  assert kept[:, 0, 0].tolist() == [255, 256, 256, 258, 260]


def test_weights_fall_with_what_was_survived(dream):
  """A step weighs the chance to reach it: its own end does not count."""
  weight = surrogate.weights(dream, jnp.array([1.0, 0.0]))
  np.testing.assert_allclose(weight[:, 0], [1, 1 / 2, 1 / 6, 1 / 24], rtol=1e-6)
  np.testing.assert_array_equal(weight[:, 1], 0)


def test_a_map_is_new_once():
  """Known, new, known, new, known: along one rollout."""
  progress = Progress(jnp.zeros((1, 256)).at[0, 3].set(1.0))
  on = jax.nn.one_hot(jnp.array([[3], [5], [5], [9], [3]]), 256)
  terms = rewards.complete_terms(jnp.zeros((5, 1, 7)), on, progress)
  np.testing.assert_array_equal(terms[:, 0, rewards.NEW_MAP], [0, 1, 0, 1, 0])
  np.testing.assert_array_equal(terms[:, 0, rewards.STUCK], [1, 0, 1, 0, 1])


def test_confusion_is_not_a_new_map():
  progress = Progress(jnp.zeros((1, 256)))
  blurred = jnp.full((1, 1, 256), 1 / 256)
  terms = rewards.complete_terms(jnp.zeros((1, 1, 7)), blurred, progress)
  assert terms[0, 0, rewards.NEW_MAP] == 0


def edge(*chance):
  """Of one dream; the first is the start's."""
  return rewards.rising_edge(jnp.array(chance)[:, None], 0.3)[:, 0]


def test_a_goal_is_reached_once():
  """It holds, ends, holds again, and rises again: one edge."""
  np.testing.assert_array_equal(
    edge(0.0, 0.0, 1.0, 1.0, 0.0, 1.0), [0, 1, 0, 0, 0]
  )


def test_a_goal_that_held_at_the_start_is_never_reached():
  np.testing.assert_array_equal(edge(0.9, 1.0, 0.0, 1.0), [0, 0, 0])


def test_what_is_not_likely_does_not_count():
  np.testing.assert_array_equal(edge(0.0, 0.2, 0.3, 0.2, 0.3), [0, 0, 0, 0])


def test_growing_certainty_pays_what_is_missing():
  """0.5, then 0.75: a half, then half of the other half; in all 0.75."""
  edges = edge(0.0, 0.5, 0.4, 0.75)
  np.testing.assert_allclose(edges, [0.5, 0.0, 0.5], rtol=1e-6)
  reach = jnp.cumprod(jnp.concatenate([jnp.ones(1), 1 - edges[:-1]]))
  np.testing.assert_allclose((reach * edges).sum(), 0.75, rtol=1e-6)


def test_reaching_the_goal_pays_and_ends_the_dream():
  terms = jnp.zeros((3, 1, 7)).at[:, :, 3].set(1.0)
  reached = jnp.array([[0.0], [1.0], [0.0]])
  reward, cont = rewards.reward_of(
    terms, jnp.full((3, 1), 0.9), reached, jnp.eye(7)[3], 20.0
  )
  np.testing.assert_allclose(reward[:, 0], [1, 21, 1])
  np.testing.assert_allclose(cont[:, 0], [0.9, 0, 0.9], rtol=1e-6)


def test_a_badge_counts_once():
  """It is in doubt, sure, and lingers; the one at the start was before."""
  terms = jnp.zeros((5, 2, 7)).at[:, 0, 0].set(jnp.array([0, 0.4, 1, 0.8, 1]))
  terms = terms.at[:, 1, 0].set(jnp.array([1, 0.9, 0, 0, 1]))
  terms = terms.at[..., 3].set(1.0)  # battles may be won at every step
  got = rewards.first_times(terms)
  np.testing.assert_allclose(got[:, 0, 0], [0.4, 0.6, 0, 0], rtol=1e-6)
  np.testing.assert_array_equal(got[:, 1, 0], 0)
  np.testing.assert_array_equal(got[..., 3], 1)
