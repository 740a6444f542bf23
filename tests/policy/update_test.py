"""PPO and GRPO: on a gridworld, and cut off from all that is not dreamed."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.imagination import rewards, rollout, starts
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy import surrogate
from dreamer_jax.policy import update as policy
from dreamer_jax.policy.grounding import Grounds
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training.devices import repeat
from dreamer_jax.types import Latent, Progress
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns

ALGORITHMS = {
  "ppo": {"imagination.branches": 1}, "grpo": {"imagination.branches": 8},
}  # fmt: skip
SIDE = 3  # of the grid
CORNERS = jnp.array([0, 2, 6, 8])
# What actions do to (row, column); the first four do nothing.
MOVES = jnp.array([[0, 0]] * 4 + [[-1, 0], [1, 0], [0, -1], [0, 1]])


def grid_dream(config, actor, rng, count):
  """Dreams of a world that is known: walk to the commanded corner of a grid.

  Cells are one-hot `deter`; arriving pays 1 and ends the dream.

  Returns:
    the dreams, and the steps that each needs at least.
  """
  cells, net = jnp.eye(SIDE * SIDE), ActorCritic(config)
  keys = jax.random.split(rng, 3)
  groups = count // config.imagination.branches
  branch = lambda x: jnp.repeat(x, config.imagination.branches, 0)
  goal = branch(jax.random.randint(keys[0], (groups,), 0, 4))
  away = branch(jax.random.randint(keys[1], (groups,), 1, SIDE * SIDE))
  start = (CORNERS[goal] + away) % (SIDE * SIDE)

  def predict(latent, action, rng):
    del rng
    here = jnp.stack(jnp.divmod(latent.deter.argmax(-1), SIDE), -1)
    there = jnp.clip(here + MOVES[action], 0, SIDE - 1)
    return latent.replace(deter=cells[there[:, 0] * SIDE + there[:, 1]])

  def act(feat, goal, key):
    return net.act(actor, feat, goal, key)

  def reward(feat, progress):
    del progress
    there = feat[..., : SIDE * SIDE].argmax(-1) == CORNERS[goal]
    reached = rewards.rising_edge(there.astype(jnp.float32), 0.5)
    terms = jnp.zeros((*reached.shape, 7))
    paid = rewards.reward_of(
      terms, jnp.ones_like(reached), reached, jnp.zeros(7), 1.0
    )
    return terms, *paid, reached

  stoch = jnp.zeros((count, 1, 1))
  dream = rollout.imagine(
    predict, act, reward, Latent(cells[start], stoch, stoch),
    Progress(jnp.zeros((count, 256))),
    jax.nn.one_hot(goal, config.network.goal_dim), keys[2],
    config.imagination.horizon,
  )  # fmt: skip
  place = lambda cell: jnp.stack(jnp.divmod(cell, SIDE), -1)
  return dream, jnp.abs(place(start) - place(CORNERS[goal])).sum(-1)


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
def test_a_gridworld_is_solved(algorithm):
  """Each corner from each cell, by the shortest way."""
  config = config_lib.change(
    config_lib.PolicyConfig(),
    {
      "actor.algorithm": algorithm,
      "network.width": 32,
      "imagination.horizon": 8,
      "imagination.discount": 0.9,
      "critic.warmup": 0,
      "actor.learning_rate": 3e-3,
      "critic.learning_rate": 3e-3,
      "actor.kl_scale": 0.0,
      "actor.entropy_floor": 0.05,
      "actor.epochs": 2,
      "actor.minibatches": 2,
      **ALGORITHMS[algorithm],
    },
  )
  state = policy_learner.init(ActorCritic(config), config, SIDE * SIDE + 1, 0)
  learn = policy.make_learner(ActorCritic(config), config)

  def update(state, key):
    dream_key, learn_key = jax.random.split(key)
    dream, _ = grid_dream(config, state.actor, dream_key, 128)
    state, metrics = learn(state, dream, jnp.ones(128), None, learn_key)
    return state.replace(updates=state.updates + 1), metrics["dream_goals"]

  keys = jax.random.split(jax.random.PRNGKey(1), 200)
  state, goals = jax.jit(lambda s: jax.lax.scan(update, s, keys))(state)
  final, least = grid_dream(config, state.actor, jax.random.PRNGKey(2), 512)
  steps = final.reached.argmax(0) + 1
  assert goals[0] < 0.6  # chance does not solve it
  assert final.reached.max(0).mean() > 0.98
  assert (steps == least).mean() > 0.9


@pytest.fixture(name="parts", scope="module")
def fixture_parts():
  config = presets.debug()
  world = WorldModel(config.world_model, patterns())
  params = jax.jit(world.init)(jax.random.PRNGKey(0))
  return config, world, params


def settings(config, algorithm):
  return change(
    config.policy,
    {
      "actor.algorithm": algorithm,
      "critic.warmup": 0,
      "schedule.log_every": 1,
      **ALGORITHMS[algorithm],
    },
  )


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
def test_no_real_reward_reaches_the_policy(parts, algorithm):
  """Rewards, intents and done bits of the emulator are changed: same bits.

  What really followed reaches the critic of ppo, and nothing else.
  """
  config, world, params = parts
  behavior = settings(config, algorithm)
  plain = make_batch(2, 8)
  rng = np.random.default_rng(3)
  draw = lambda x: jnp.asarray(rng.integers(0, 8, x.shape), x.dtype)
  other = plain.replace(
    terms=draw(plain.terms), intent=draw(plain.intent),
    goals_done=draw(plain.goals_done), goal=draw(plain.goal),
    clone=draw(plain.clone), is_last=~plain.is_last,
  )  # fmt: skip
  richer = other.replace(returns=jnp.full_like(plain.returns, 50.0))
  goals = jnp.eye(4, 64)
  update = policy.make_update(
    world, ActorCritic(behavior), behavior, goals, jnp.ones(7),
    lambda batch, rng: batch, lambda batch, rng: batch,
  )  # fmt: skip
  update = repeat(update, 1)
  fresh = lambda: policy_learner.init(
    ActorCritic(behavior),
    behavior,
    world_learner.feat_dim(config.world_model),
    0,
  )
  states = [
    update(fresh(), params, batch)[0] for batch in (plain, other, richer)
  ]
  jax.tree.map(np.testing.assert_array_equal, *states[:2])
  jax.tree.map(np.testing.assert_array_equal, states[0].actor, states[2].actor)
  assert moved(states[0].critic, states[2].critic) == (algorithm == "ppo")
  assert moved(states[0], fresh())
  # The test can fail: what a dream starts from does reach it.
  seen = plain.replace(tiles=jnp.roll(plain.tiles, 1, -1))
  changed = update(fresh(), params, seen)[0]
  same = jax.tree.map(
    lambda x, y: (x == y).all(), changed.actor, states[0].actor
  )
  assert not all(jax.tree.leaves(same))


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
def test_the_policys_loss_has_no_gradient_in_the_world(parts, algorithm):
  config, world, params = parts
  behavior = settings(config, algorithm)
  state = policy_learner.init(
    ActorCritic(behavior),
    behavior,
    world_learner.feat_dim(config.world_model),
    0,
  )
  make = {"ppo": policy.ppo_samples, "grpo": policy.grpo_samples}[algorithm]
  run = rollout.make_dream(world, behavior, jnp.ones(7))
  net = ActorCritic(behavior)
  batch = make_batch(2, 8)

  def loss(params, actor):
    key = jax.random.PRNGKey(0)
    latents = starts.posterior(world, params, batch, key)
    start, progress, command, alive = starts.starts(
      batch, latents, jnp.eye(4, 64), behavior, key
    )
    policy_fn = functools.partial(net.act, actor)
    dream = run(params, policy_fn, start, progress, command, key)
    rows, _ = make(net, behavior, state, dream, alive)
    logits = net.logits(actor, rows.feat, rows.goal)
    restraints = surrogate.Restraints(0.2, 0.1, 9.0, 1.0)
    return surrogate.policy_loss(logits, rows, restraints)[0]

  world_grads, actor_grads = jax.jit(jax.grad(loss, (0, 1)))(
    params, state.actor
  )
  assert all((x == 0).all() for x in jax.tree.leaves(world_grads))
  assert any((x != 0).any() for x in jax.tree.leaves(actor_grads))


def test_grpo_leaves_the_critic_alone(parts):
  config, *_ = parts
  behavior = settings(config, "grpo")
  state = policy_learner.init(
    ActorCritic(behavior), behavior, SIDE * SIDE + 1, 0
  )
  dream, _ = grid_dream(behavior, state.actor, jax.random.PRNGKey(0), 16)
  learn = jax.jit(policy.make_learner(ActorCritic(behavior), behavior))
  key = jax.random.PRNGKey(1)
  after, metrics = learn(state, dream, jnp.ones(16), None, key)
  jax.tree.map(np.testing.assert_array_equal, after.critic, state.critic)
  assert "value_loss" not in metrics and np.isfinite(metrics["kl_to_reference"])


@pytest.fixture(name="grid", scope="module")
def fixture_grid():
  """A state, what it dreamed in the grid, and what learns of that by PPO."""
  config = change(
    presets.debug().policy,
    {"critic.warmup": 3, "imagination.branches": 1, "imagination.horizon": 5},
  )
  net = ActorCritic(config)
  state = policy_learner.init(net, config, SIDE * SIDE + 1, 0)
  dream, _ = grid_dream(config, state.actor, jax.random.PRNGKey(0), 16)
  learn = jax.jit(policy.make_learner(net, config))
  key, alive = jax.random.PRNGKey(1), jnp.ones(16)
  return config, state, dream, lambda s, g: learn(s, dream, alive, g, key)


def moved(one, two):
  return any(
    jax.tree.leaves(jax.tree.map(lambda x, y: (x != y).any(), one, two))
  )


def test_a_blind_critic_learns_before_the_policy_moves(grid):
  _, state, _, learn = grid
  for updates, moves in ((0, False), (2, False), (3, True), (9, True)):
    after, _ = learn(state.replace(updates=jnp.int32(updates)), None)
    assert moved(state.actor, after.actor) == moves
    assert moved(state.critic, after.critic)
    assert not moved(state.clone, after.clone)
    assert not moved(state.reference, after.reference)


def test_rows_keep_what_belongs_together(grid):
  """Asked again, each state says what it said; its goal is its own."""
  config, state, dream, _ = grid
  net = ActorCritic(config)
  rows, metrics = policy.ppo_samples(net, config, state, dream, jnp.ones(16))
  logits = net.logits(state.actor, rows.feat, rows.goal)
  own = logits[jnp.arange(80), rows.action]
  np.testing.assert_allclose(rows.log_prob, own, rtol=1e-4)
  np.testing.assert_allclose(rows.reference, logits, rtol=1e-4)
  # A fresh critic says 0: targets are what is left to be won, discounted.
  target, weight, reached = (
    np.asarray(x).reshape(5, 16)
    for x in (rows.target, rows.weight, dream.reached)
  )
  left = np.zeros(16)
  for t in reversed(range(5)):
    ahead = config.imagination.discount * config.imagination.lambda_
    left = reached[t] + ahead * (1 - reached[t]) * left
    np.testing.assert_allclose(target[t], left, atol=1e-3)
  np.testing.assert_array_equal(
    weight[1:], 1 - np.minimum(reached.cumsum(0)[:-1], 1)
  )
  assert metrics["dream_goals"] == reached.max(0).mean() > 0


def test_grounds_of_which_nothing_is_known_change_nothing(grid):
  """And where something is, the critic is told."""
  _, state, _, learn = grid
  rows = Grounds(
    jnp.ones((16, SIDE * SIDE + 1)), jnp.zeros((16, 64)),
    jnp.full(16, 50.0), jnp.zeros(16),
  )  # fmt: skip
  told = rows._replace(weight=jnp.ones(16))
  without, unknown, known = (learn(state, g) for g in (None, rows, told))
  near = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
  jax.tree.map(near, without[0].critic, unknown[0].critic)
  assert moved(without[0].critic, known[0].critic)
  assert known[1]["real_known"] == 1 and "real_known" not in without[1]
