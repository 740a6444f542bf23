"""PPO and GRPO: on a gridworld, and cut off from all that is not dreamed."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.imagination import rewards, rollout, starts
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy import surrogate
from dreamer_jax.policy import update as policy
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training.devices import repeat
from dreamer_jax.types import Latent, Progress
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns

ALGORITHMS = {"ppo": {"branches": 1}, "grpo": {"branches": 8}}
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
  groups = count // config.branches
  branch = lambda x: jnp.repeat(x, config.branches, 0)
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
    jax.nn.one_hot(goal, config.goal_dim), keys[2], config.horizon,
  )  # fmt: skip
  place = lambda cell: jnp.stack(jnp.divmod(cell, SIDE), -1)
  return dream, jnp.abs(place(start) - place(CORNERS[goal])).sum(-1)


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
def test_a_gridworld_is_solved(algorithm):
  """Each corner from each cell, by the shortest way."""
  config = config_lib.Behavior(
    algorithm=algorithm, width=32, horizon=8, discount=0.9, critic_warmup=0,
    actor_rate=3e-3, critic_rate=3e-3, kl_scale=0.0, entropy_floor=0.05,
    epochs=2, minibatches=2, **ALGORITHMS[algorithm],
  )  # fmt: skip
  state = policy_learner.init(
    ActorCritic(config), config, SIDE * SIDE + 1, 0)
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
  world = WorldModel(config.world, patterns())
  params = jax.jit(world.init)(jax.random.PRNGKey(0))
  return config, world, params


def settings(config, algorithm):
  return dataclasses.replace(
    config.behavior, algorithm=algorithm, critic_warmup=0, log_every=1,
    **ALGORITHMS[algorithm],
  )  # fmt: skip


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
    ActorCritic(behavior), behavior, world_learner.feat_dim(config.world), 0
  )
  states = [
    update(fresh(), params, batch)[0] for batch in (plain, other, richer)
  ]
  jax.tree.map(np.testing.assert_array_equal, *states[:2])
  jax.tree.map(
    np.testing.assert_array_equal, states[0].actor, states[2].actor
  )
  is_told = jax.tree.map(
    lambda x, y: (x != y).any(), states[0].critic, states[2].critic
  )
  assert any(jax.tree.leaves(is_told)) == (algorithm == "ppo")
  moved = jax.tree.leaves(
    jax.tree.map(lambda x, y: bool((x != y).any()), states[0], fresh())
  )
  assert any(moved)
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
    ActorCritic(behavior), behavior, world_learner.feat_dim(config.world), 0)
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
    ActorCritic(behavior), behavior, SIDE * SIDE + 1, 0)
  dream, _ = grid_dream(behavior, state.actor, jax.random.PRNGKey(0), 16)
  learn = jax.jit(policy.make_learner(ActorCritic(behavior), behavior))
  key = jax.random.PRNGKey(1)
  after, metrics = learn(state, dream, jnp.ones(16), None, key)
  jax.tree.map(np.testing.assert_array_equal, after.critic, state.critic)
  assert "value_loss" not in metrics and np.isfinite(metrics["kl_to_reference"])
