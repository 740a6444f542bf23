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


def by_state(feat, goal, rng):
  """Acts by the state's number and the goal's; tells the state it saw."""
  del rng
  count = feat[..., 0]
  action = (count + goal[:, 0]).astype(int) % 3
  return action, -count


def wander(starts, goals, key=0, horizon=6, trust_fn=None):
  """Action 1 adds one to the counter, and so does chance, half the time."""

  def predict(state, action, rng):
    lucky = jax.random.bernoulli(rng, 0.5, action.shape)
    return latent(state.deter[:, 0] + (action == 1) + lucky)

  run = lambda start, goal, rng: rollout.imagine(
    predict, by_state, reward, start, Progress(jnp.zeros((len(starts), 256))),
    goal, rng, horizon, trust_fn,
  )  # fmt: skip
  return jax.jit(run)(
    latent(starts), jnp.asarray(goals)[:, None], jax.random.PRNGKey(key)
  )


def test_an_action_is_of_the_state_before_and_its_reward_of_the_one_after():
  """`action[t]` and its log-probability were said in `feat[t]`, of its goal."""
  goals = np.array([0, 1, 2, 5])
  dream = wander([0.0, 3.0, 5.0, 9.0], goals)
  count = np.asarray(dream.feat[..., 0])
  np.testing.assert_array_equal(dream.action, (count[:-1] + goals) % 3)
  np.testing.assert_array_equal(dream.log_prob, -count[:-1])
  np.testing.assert_array_equal(dream.reward, count[1:])
  np.testing.assert_array_equal(dream.terms[..., 4], count[1:])
  step = np.diff(count, axis=0) - (np.asarray(dream.action) == 1)
  assert set(np.unique(step)) == {0, 1}  # chance, at some steps
  assert len(np.unique(step, axis=1).T) > 1  # not the same in all dreams
  assert len(np.unique(step, axis=0)) > 1  # nor at all steps


def test_a_dream_depends_on_no_other():
  """Branches share a start; what is changed of one leaves its siblings."""
  one = wander([2.0] * 4, [1, 1, 1, 1])
  two = wander([2.0, 2.0, 7.0, 2.0], [1, 1, 0, 1])
  rest = np.array([0, 1, 3])
  for name in ("feat", "action", "log_prob", "reward", "cont", "terms"):
    a, b = (np.asarray(getattr(x, name))[:, rest] for x in (one, two))
    np.testing.assert_array_equal(a, b, err_msg=name)
  paths = np.asarray(one.feat[..., 0]).T
  assert len(np.unique(paths, axis=0)) > 1  # siblings differ by chance
  again, other = (wander([2.0] * 4, [1] * 4, key=k) for k in (0, 1))
  np.testing.assert_array_equal(again.feat, one.feat)
  assert (other.feat != one.feat).any()


def test_trust_is_of_the_state_arrived_at():
  """The state before 3 is trusted, 3 is not: so does its dream end."""
  trust = lambda feat: (feat[..., 0] != 3).astype(jnp.float32)
  dream = rollout.imagine(
    predict, always(1), reward, latent([0.0, 1.0, 3.0]),
    Progress(jnp.zeros((3, 256))), jnp.zeros((3, 3)), jax.random.PRNGKey(0),
    HORIZON, trust,
  )  # fmt: skip
  np.testing.assert_array_equal(
    dream.trust.T, [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 1, 1]]
  )
  weight = surrogate.weights(dream, jnp.ones(3))
  assert (weight[3:, 0] == 0).all() and (weight[2:, 1] == 0).all()
  assert (weight[:3, 0] > 0).all() and (weight[:, 2] > 0).all()


def test_rewards_read_the_whole_dream_and_its_history_at_once():
  """One call, with the start and with the progress as it was given."""
  calls = []

  def judge(feat, progress):
    calls.append((feat.shape, progress))
    return reward(feat, progress)

  progress = Progress(jnp.arange(512.0).reshape(2, 256))
  goal = jnp.arange(6.0).reshape(2, 3)
  dream = rollout.imagine(
    predict, always(0), judge, latent([4.0, 8.0]), progress, goal,
    jax.random.PRNGKey(0), 1,
  )  # fmt: skip
  ((shape, given),) = calls
  assert shape == (2, 2, 2)  # H + 1 states, two dreams, deter and stoch
  np.testing.assert_array_equal(given.maps_seen, progress.maps_seen)
  np.testing.assert_array_equal(dream.goal, goal)
  np.testing.assert_array_equal(dream.feat[:, :, 0], [[4, 8], [4, 8]])
  assert dream.action.shape == dream.reward.shape == dream.trust.shape == (1, 2)
