"""The critic on what really followed: which goal is told, and what it moves."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.policy import grounding, learner
from dreamer_jax.policy.grounding import Grounds
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Latent, Memory
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns

GOALS = jnp.eye(3, 64)  # goal k is told by its k-th number
DEFAULT, LATER = 0, 2  # the goal in hindsight, where there is one
NAN = np.nan


def config_of(changes=()):
  return change(
    presets.debug().policy, {"cloning.goal_noise": 0.0, **dict(changes)}
  )


def remembered(returns, hindsight=LATER):
  """Recorded steps `[B, T]` whose latents say which step they are."""
  returns = jnp.asarray(returns, jnp.float32)
  size, length = returns.shape[:2]
  batch = make_batch(size, length)
  network = presets.debug().world_model.network
  number = np.arange(size * length).reshape(size, length, 1)
  deter = np.repeat(number, network.deter, -1).astype(np.float16)
  stoch = np.zeros((size, length, network.stoch), np.uint8)
  return batch.replace(
    returns=returns, hindsight=jnp.full((size, length), hindsight),
    memory=Memory(deter, stoch),
  )  # fmt: skip


@functools.cache
def draw_fn(changes):
  world = WorldModel(presets.debug().world_model, patterns())
  return jax.jit(
    grounding.make_draw(
      world, config_of(changes), GOALS, lambda replay, rng: replay
    )
  )


def drawn(batch, *changes, seed=0):
  return draw_fn(changes)(None, batch, jax.random.PRNGKey(seed))


def told(grounds):
  """The goal that each row is told."""
  assert (np.asarray(grounds.goal).max(-1) == 1).all()
  return np.asarray(grounds.goal).argmax(-1)


def test_of_two_known_returns_either_is_taken_as_often():
  """Each with its own goal: 1 followed under goal 0, 5 in hindsight."""
  grounds = drawn(remembered(np.tile([1.0, 5.0], (20, 50, 1))))
  ids = told(grounds)
  assert set(ids) == {DEFAULT, LATER} and 0.45 < (ids == DEFAULT).mean() < 0.55
  np.testing.assert_array_equal(grounds.target, np.where(ids == LATER, 5, 1))
  assert (grounds.weight == 1).all()
  # Neighbours in time draw for themselves: no window has one sort alone.
  by_window = (ids == DEFAULT).reshape(20, 50).mean(-1)
  assert by_window.min() > 0.1 and by_window.max() < 0.9


@pytest.mark.parametrize(
  "returns, goal", [((3.0, NAN), DEFAULT), ((NAN, 4.0), LATER)], ids=str
)
def test_where_one_return_is_known_it_is_taken(returns, goal):
  grounds = drawn(remembered(np.tile(returns, (20, 50, 1))))
  assert (told(grounds) == goal).all() and (grounds.weight == 1).all()
  np.testing.assert_array_equal(grounds.target, np.nanmax(returns))


def test_a_return_of_nothing_is_known_all_the_same():
  """Zero is a return; what is not known is not a number."""
  grounds = drawn(remembered(np.tile([NAN, 0.0], (20, 50, 1))))
  assert (told(grounds) == LATER).all() and (grounds.weight == 1).all()
  assert (grounds.target == 0).all()


@pytest.mark.parametrize("hindsight", [-1, LATER])
def test_where_nothing_is_known_nothing_is_learned(hindsight):
  """The rows stay, for sizes are fixed, with numbers that do no harm."""
  returns = np.full((20, 50, 2), NAN)
  returns[0, 1] = 7.0, NAN
  grounds = drawn(remembered(returns, hindsight))
  np.testing.assert_array_equal(grounds.weight, np.arange(1000) == 1)
  assert np.isfinite(grounds.target).all() and grounds.target[1] == 7
  assert told(grounds)[1] == DEFAULT


def test_a_step_keeps_what_followed_it():
  """Features, returns and weights of `[B, T]` in one order."""
  number = np.arange(1000.0).reshape(20, 50)
  returns = np.stack([100 + number, np.full((20, 50), NAN)], -1)
  returns[1] = NAN
  grounds = drawn(remembered(returns))
  np.testing.assert_array_equal(grounds.feat[:, 0], np.arange(1000))
  known = np.flatnonzero(grounds.weight)
  np.testing.assert_array_equal(known, [*range(50), *range(100, 1000)])
  np.testing.assert_array_equal(grounds.target[known], 100 + known)


def test_goals_are_heard_a_little_off_as_they_are_dreamed():
  batch = remembered(np.tile([1.0, 5.0], (20, 50, 1)))
  exact = drawn(batch)
  off = drawn(batch, ("cloning.goal_noise", 0.1)).goal - exact.goal
  np.testing.assert_allclose(off.std(), 0.1, rtol=0.1)
  other = drawn(batch, seed=1)
  assert (told(other) != told(exact)).any()


def test_what_is_held_against_the_critic_by_hand():
  """A fresh critic says 0: bins as likely, so ln(97) of any return's two."""
  _, net, _, state = ground()
  rows = Grounds(
    jnp.ones((4, 5)), jnp.zeros((4, 64)),
    jnp.array([2.0, 4.0, 99.0, 0.0]), jnp.array([1.0, 1.0, 0.0, 0.0]),
  )  # fmt: skip
  error, metrics = grounding.loss(net, state.critic, rows)
  np.testing.assert_allclose(error, np.log(97), rtol=1e-5)
  np.testing.assert_allclose(metrics["real_value_loss"], error)
  np.testing.assert_allclose(metrics["real_known"], 0.5)
  # Of 2 and 4 nothing is explained: 1 - (4 + 16) / (1 + 1).
  np.testing.assert_allclose(metrics["real_explained"], -9.0, rtol=1e-3)


class SmallWorld:
  """Latents of 4 + 1 numbers; all are remembered."""

  def initial(self, batch):
    stoch = jnp.zeros((batch, 1, 1))
    return Latent(jnp.zeros((batch, 4)), stoch, stoch)


@functools.cache
def ground(bins=97):
  config = config_of({"critic.bins": bins, "critic.learning_rate": 3e-3})
  net = ActorCritic(config)
  step = jax.jit(grounding.make_step(net, config))
  return config, net, step, learner.init(net, config, 5, 0)


def rows(count=64, seed=0):
  rng = np.random.default_rng(seed)
  feat = rng.normal(size=(count, 5))
  goal = rng.integers(0, 2, count)
  target = np.where(goal == 1, 20 * feat[:, 0], feat[:, 1])
  return Grounds(
    jnp.asarray(feat, jnp.float32), jnp.eye(2, 64)[goal],
    jnp.asarray(target, jnp.float32), jnp.ones(count),
  )  # fmt: skip


def test_a_step_moves_the_critic_and_nothing_else():
  """And the slow critic a tenth of the way, after the critic's own step."""
  config, _, step, state = ground()
  slow = jax.tree.map(lambda x: x + 1.0, state.slow_critic)  # is elsewhere
  before = state.replace(slow_critic=slow)
  after, _ = step(before, rows())
  same = lambda a, b: jax.tree.map(np.testing.assert_array_equal, a, b)
  rest = {"critic": 0, "slow_critic": 0, "critic_opt": 0}
  same(before.replace(**rest), after.replace(**rest))
  moved = jax.tree.leaves(
    jax.tree.map(lambda a, b: np.abs(a - b).max(), before.critic, after.critic)
  )
  assert max(moved) > 1e-3
  share = config.critic.slow_fraction
  want = jax.tree.map(
    lambda a, b: a + share * (b - a), before.slow_critic, after.critic
  )
  near = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-7)
  jax.tree.map(near, after.slow_critic, want)


def test_rows_that_weigh_nothing_teach_nothing():
  _, _, step, state = ground()
  plain = rows()
  half = plain._replace(weight=plain.weight.at[32:].set(0.0))
  other = half._replace(
    target=half.target.at[32:].set(300.0), feat=half.feat.at[32:].set(-5.0)
  )
  changed = half._replace(target=half.target.at[:32].set(300.0))
  one, two, three = (step(state, x)[0].critic for x in (half, other, changed))
  jax.tree.map(np.testing.assert_array_equal, one, two)
  differ = jax.tree.map(lambda a, b: (a != b).any(), one, three)
  assert any(jax.tree.leaves(differ))


@pytest.mark.parametrize("bins", [None, 97])
def test_steps_fit_what_followed_under_each_goal(bins):
  """The same features are worth another thing under another goal."""
  _, net, step, state = ground(bins)
  data = rows()
  run = lambda state: jax.lax.scan(
    lambda s, _: step(s, data), state, length=300
  )
  state, metrics = jax.jit(run)(state)
  assert metrics["real_explained"][0] < 0.2
  assert metrics["real_explained"][-1] > 0.95
  value = net.value(state.slow_critic, data.feat, data.goal)
  spread = np.std(data.target)
  assert np.abs(value - data.target).mean() < 0.2 * spread


def test_an_update_draws_anew_each_time():
  """Its chance goes on; the same state does the same again."""
  _, net, _, first = ground()
  config, world = config_of(), SmallWorld()

  def sample(replay, rng):
    sums = 100 * jax.random.uniform(rng, (2, 8, 2))
    return replay.replace(returns=sums)

  update = jax.jit(grounding.make_update(world, net, config, GOALS, sample))
  batch = remembered(np.zeros((2, 8, 2)))
  batch = batch.replace(
    memory=Memory(np.zeros((2, 8, 4)), np.zeros((2, 8, 1), int))
  )
  second, metrics = update(first, None, batch)
  third, later = update(second, None, batch)
  again, _ = update(first, None, batch)
  jax.tree.map(np.testing.assert_array_equal, again, second)
  jax.tree.map(np.testing.assert_array_equal, third.actor, first.actor)
  assert (second.rng != first.rng).any() and (third.rng != second.rng).any()
  assert metrics["real_value_loss"] != later["real_value_loss"]
  assert metrics["real_known"] == 1 and third.updates == 0
