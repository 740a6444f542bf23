"""The compiled programs: traced once, and learning what they should."""

import dataclasses

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax import presets
from dreamer_jax.data import sampling
from dreamer_jax.training import state as state_lib
from dreamer_jax.training import step as step_lib
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns


@pytest.fixture(name="parts", scope="module")
def fixture_parts():
  config = presets.debug()
  world = WorldModel(config.world, patterns())
  states = (
    state_lib.init_world(world, config.world, 0),
    state_lib.init_behavior(
      config.behavior, state_lib.feat_dim(config.world), 0
    ),
  )
  return config, world, states


def read(replay, rng, streams):
  """Windows that always begin anew."""
  del replay, rng
  none = jnp.full(2, -1)
  return sampling.Reading(
    make_batch(2, 8), jnp.ones(2, bool), streams.place, none, none
  )


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


def test_a_curious_policy_takes_the_action_that_is_doubtful(parts):
  """Nobody knows what comes of the fifth button, and all is known else."""
  config, world, (_, behavior) = parts
  weights = world.init(jax.random.PRNGKey(0))

  def predict(params, latent, action, rng):
    del params, rng
    marked = jnp.zeros_like(latent.deter) + action[:, None]
    return latent.replace(deter=marked)

  def uncertainty(params, deter):
    del params
    return (deter.mean(-1) == 5).astype(jnp.float32)

  knows = world._replace(predict=predict, uncertainty=uncertainty)
  chosen = {}
  for curiosity in (0.0, 30.0):
    act = step_lib.make_act(knows, config.behavior, curiosity=curiosity)
    action, _ = act(
      weights, behavior.actor, world.initial(32), jnp.zeros(32, jnp.int32),
      make_batch(32, 1).tiles[:, 0], jnp.ones(32, bool),
      jnp.zeros((32, config.behavior.goal_dim)),
      np.stack([np.arange(32), np.zeros(32)], -1).astype(np.uint32),
    )  # fmt: skip
    chosen[curiosity] = set(np.asarray(action).tolist())
  assert len(chosen[0.0]) > 3 and chosen[30.0] == {5}


def test_what_surprised_is_kept_to_be_read_again(parts):
  """The learner carries it along; without a share there is no place for it."""
  config, world, (state, _) = parts
  assert state.streams.surprises is None
  config = dataclasses.replace(config.world, surprise_share=0.5, log_every=1)
  state = state_lib.init_world(world, config, 0)
  update = step_lib.make_world_update(world, config, read)
  kept = update(state, None)[0].streams.surprises
  assert (kept.nats > 0).sum() == 2 and len(kept.nats) == 64 * config.batch


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


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_learning_lowers_for_accelerators(parts, platform):
  """As far as a machine without one can tell; in bfloat16, as it would run."""
  config, _, _ = parts
  config = dataclasses.replace(config.world, dtype="bfloat16")
  world = WorldModel(config, patterns())
  state = jax.eval_shape(lambda: state_lib.init_world(world, config, 0))
  update = step_lib.make_world_update(world, config, read)
  lowered = update.trace(state, None).lower(lowering_platforms=(platform,))
  assert "bf16" in lowered.as_text()
