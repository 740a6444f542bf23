"""The compiled programs: traced once, and learning what they should."""

import dataclasses

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax.behavior import imagine, nets, ppo
from dreamer_jax.learn import policy
from dreamer_jax.learn import state as state_lib
from dreamer_jax.learn import step as step_lib
from dreamer_jax.types import Latent, Progress
from dreamer_jax.world.model import make_world
from tests.world.model_test import make_batch, patterns


@pytest.fixture(name="parts", scope="module")
def fixture_parts():
  config = config_lib.debug()
  world = make_world(config.world, patterns())
  states = (
    state_lib.init_world(world, config.world, 0),
    state_lib.init_behavior(
      config.behavior, state_lib.feat_dim(config.world), 0
    ),
  )
  return config, world, states


def read(replay, rng, place):
  """Windows that always begin anew."""
  del replay, rng
  return make_batch(2, 8), jnp.ones(2, bool), place


def test_an_update_is_traced_once(parts):
  """A second call with what the first returned compiles nothing."""
  config, world, (state, _) = parts
  chex.clear_trace_counter()
  traced = chex.assert_max_traces(read, 1)
  update = step_lib.make_world_update(world, config.world, traced)
  for _ in range(2):
    state, metrics = update(state, None)
  assert int(state.updates) == 2 * config.world.log_every
  assert np.isfinite(metrics["loss"])


def test_the_same_seed_gives_the_same_bits(parts):
  config, world, _ = parts
  results = []
  for _ in range(2):
    state = state_lib.init_world(world, config.world, 3)
    update = step_lib.make_world_update(world, config.world, read)
    results.append(update(state, None)[0].params)
  chex.assert_trees_all_equal(*results)


def test_weights_are_averaged(parts, monkeypatch):
  """The average moves as said; without one, nothing is kept for it."""
  config, world, _ = parts
  state = state_lib.init_world(world, config.world, 0)
  last = jax.tree.map(np.zeros_like, state.streams.latent)
  square = lambda params, *_: (optax.tree.norm(params), ({}, None, last))
  monkeypatch.setattr(step_lib, "world_loss", square)  # compiles in no time
  config = dataclasses.replace(config.world, log_every=1)
  start = jax.tree.map(lambda x: jnp.asarray(np.array(x)), state)  # given up
  update = step_lib.make_world_update(world, config, read)
  after, _ = update(start.replace(updates=start.updates + 80), None)
  for average, new, old in zip(
    *map(jax.tree.leaves, (after.weights, after.params, state.ema)), strict=True
  ):
    old, new = np.asarray(old), np.asarray(new)
    np.testing.assert_allclose(average, old + 0.1 * (new - old), atol=1e-6)
  without = dataclasses.replace(config, ema_decay=0.0)
  state = jax.eval_shape(lambda: state_lib.init_world(world, without, 0))
  assert state.ema == {} and state.weights is state.params


def test_terminal_steps_start_no_dream(parts):
  config, world, _ = parts
  batch = make_batch(2, 8)
  batch = batch.replace(is_terminal=batch.is_terminal.at[0, 5].set(True))
  latents = jax.tree.map(
    lambda x: jnp.zeros((2, 8, *x.shape[1:])), world.initial(1)
  )
  *_, alive = step_lib.starts(
    batch, latents, jnp.zeros((1, 64)), config.behavior.context, branches=3
  )
  expected = np.ones((2, 6, 3))
  expected[0, 3] = 0
  np.testing.assert_array_equal(alive.reshape(2, 6, 3), expected)


def test_a_dream_ends_where_the_model_is_not_sure(parts):
  """Cut at once by a cap of nothing; doubt is a reward where it is sought."""
  config, world, (_, behavior) = parts
  params = jax.jit(world.init)(jax.random.PRNGKey(0))
  start = jax.tree.map(jnp.copy, world.initial(2))
  progress = Progress(jnp.zeros((2, 256)))
  goal = jnp.zeros((2, config.behavior.goal_dim))

  def dream(**changes):
    changed = dataclasses.replace(config.behavior, **changes)
    run = step_lib.make_dream(world, changed, jnp.zeros(7))
    key = jax.random.PRNGKey(0)
    return jax.jit(run)(params, behavior.actor, start, progress, goal, key)

  plain, cut = dream(), dream(uncertainty_cap=1e-9)
  assert plain.trust.all() and not cut.trust.any()
  assert (ppo.weights(cut, jnp.ones(2))[1:] == 0).all()
  sought = dream(explore_scale=2.0)
  doubt = world.uncertainty(
    params, sought.feat[1:].reshape(-1, sought.feat.shape[-1])[:, :32]
  )
  np.testing.assert_allclose(
    sought.reward - plain.reward, 2 * doubt.reshape(3, 2), atol=1e-5
  )


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_learning_lowers_for_accelerators(parts, platform):
  """As far as a machine without one can tell; in bfloat16, as it would run."""
  config, _, _ = parts
  config = dataclasses.replace(config.world, dtype="bfloat16")
  world = make_world(config, patterns())
  state = jax.eval_shape(lambda: state_lib.init_world(world, config, 0))
  update = step_lib.make_world_update(world, config, read)
  lowered = update.trace(state, None).lower(lowering_platforms=(platform,))
  assert "bf16" in lowered.as_text()


def corridor(config):
  """A dream with known dynamics: walk right to cell 3 for the reward.

  Cells 0..3 as one-hot deter; action 7 steps right, all others left; arriving
  at 3 pays 1 and ends the episode.
  """
  cells = jnp.eye(4)

  def predict(latent, action, rng):
    del rng
    here = latent.deter.argmax(-1)
    there = jnp.clip(here + jnp.where(action == 7, 1, -1), 0, 3)
    return latent.replace(deter=cells[there])

  def reward(feat, progress):
    del progress
    won = feat[..., 3]
    return jnp.zeros((*won.shape, 7)), won, 1 - won

  net = nets.actor(config.width)

  def dream(actor, rng, count=64):
    def act(feat, goal, key):
      logits = nets.action_logits(net, actor, feat, goal, 0.01)
      action = jax.random.categorical(key, logits)
      return action, nets.log_prob(logits, action)

    start_key, rng = jax.random.split(rng)
    start = cells[jax.random.randint(start_key, (count,), 0, 3)]
    stoch = jnp.zeros((count, 1, 1))
    return imagine.imagine(
      predict, act, reward, Latent(start, stoch, stoch),
      Progress(jnp.zeros((count, 256))), jnp.zeros((count, config.goal_dim)),
      rng, config.horizon,
    )  # fmt: skip

  return dream


def test_ppo_solves_a_dream_with_known_dynamics():
  """From cell 0 three steps right: the optimum is reached in seconds."""
  config = config_lib.Behavior(
    width=32, horizon=8, critic_warmup=0, actor_rate=3e-3, critic_rate=3e-3,
    kl_scale=0.0, epochs=2, minibatches=2,
  )  # fmt: skip
  state = state_lib.init_behavior(config, 5, 0)
  dream = corridor(config)
  learn = policy.make_ppo(config)

  @jax.jit
  def update(state, key):
    dream_key, learn_key = jax.random.split(key)
    alive = jnp.ones(64)
    state, metrics = learn(
      state, dream(state.actor, dream_key), alive, learn_key
    )
    return state.replace(updates=state.updates + 1), metrics

  state, _ = jax.lax.scan(
    update, state, jax.random.split(jax.random.PRNGKey(1), 150)
  )
  final = dream(state.actor, jax.random.PRNGKey(2), 256)
  first = final.reward.argmax(0) + 1  # steps to the reward
  distance = 3 - final.feat[0, :, :4].argmax(-1)
  assert (final.reward.max(0) > 0).mean() > 0.98
  assert (first == distance).mean() > 0.9
