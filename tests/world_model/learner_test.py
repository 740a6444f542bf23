"""The world model's learner: traced once, and learning what it should."""

import dataclasses

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax import presets
from dreamer_jax.training.devices import repeat
from dreamer_jax.types import Reading
from dreamer_jax.world_model import learner
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns


@pytest.fixture(name="parts", scope="module")
def fixture_parts():
  config = presets.debug()
  world = WorldModel(config.world, patterns())
  return config, world, learner.init(world, config.world, 0)


def made(world, config, read):
  """The update as a run compiles it."""
  return repeat(learner.make_update(world, config, read), config.log_every)


def read(replay, rng, streams):
  """Windows that always begin anew."""
  del replay, rng
  none = jnp.full(2, -1)
  return Reading(
    make_batch(2, 8), jnp.ones(2, bool), streams.place, none, none
  )


def test_an_update_is_traced_once(parts):
  """A second call with what the first returned compiles nothing."""
  config, world, state = parts
  chex.clear_trace_counter()
  traced = chex.assert_max_traces(read, 1)
  update = made(world, config.world, traced)
  for _ in range(2):
    state, metrics = update(state, None)
  assert int(state.updates) == 2 * config.world.log_every
  assert np.isfinite(metrics["loss"])


def test_the_same_seed_gives_the_same_bits(parts):
  config, world, _ = parts
  results = []
  for _ in range(2):
    state = learner.init(world, config.world, 3)
    update = made(world, config.world, read)
    results.append(update(state, None)[0].params)
  chex.assert_trees_all_equal(*results)


def test_what_surprised_is_kept_to_be_read_again(parts):
  """The learner carries it along; without a share there is no place for it."""
  config, world, state = parts
  assert state.streams.surprises is None
  config = dataclasses.replace(config.world, surprise_share=0.5, log_every=1)
  state = learner.init(world, config, 0)
  update = made(world, config, read)
  kept = update(state, None)[0].streams.surprises
  assert (kept.nats > 0).sum() == 2 and len(kept.nats) == 64 * config.batch


def test_weights_are_averaged(parts, monkeypatch):
  """The average moves as said; without one, nothing is kept for it."""
  config, world, _ = parts
  state = learner.init(world, config.world, 0)
  last = jax.tree.map(np.zeros_like, state.streams.latent)
  square = lambda params, *_: (optax.tree.norm(params), ({}, None, last))
  monkeypatch.setattr(learner, "world_loss", square)  # compiles in no time
  config = dataclasses.replace(config.world, log_every=1)
  start = jax.tree.map(lambda x: jnp.asarray(np.array(x)), state)  # given up
  update = made(world, config, read)
  after, _ = update(start.replace(updates=start.updates + 80), None)
  for average, new, old in zip(
    *map(jax.tree.leaves, (after.weights, after.params, state.ema)), strict=True
  ):
    old, new = np.asarray(old), np.asarray(new)
    np.testing.assert_allclose(average, old + 0.1 * (new - old), atol=1e-6)
  without = dataclasses.replace(config, ema_decay=0.0)
  state = jax.eval_shape(lambda: learner.init(world, without, 0))
  assert state.ema == {} and state.weights is state.params


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_learning_lowers_for_accelerators(parts, platform):
  """As far as a machine without one can tell; in bfloat16, as it would run."""
  config, _, _ = parts
  config = dataclasses.replace(config.world, dtype="bfloat16")
  world = WorldModel(config, patterns())
  state = jax.eval_shape(lambda: learner.init(world, config, 0))
  update = made(world, config, read)
  lowered = update.trace(state, None).lower(lowering_platforms=(platform,))
  assert "bf16" in lowered.as_text()


def test_what_was_learned_of_old_tiles_stays():
  config = presets.debug().world
  book = patterns(30)
  old, new = (WorldModel(config, book[:n]) for n in (24, 30))
  state = learner.init(old, config, 0)
  grown = learner.grow(state, 24, 30)
  expected = jax.eval_shape(lambda: learner.init(new, config, 0))
  shapes = lambda tree: jax.tree.map(lambda x: (x.shape, x.dtype), tree)
  assert shapes(grown) == shapes(expected)
  features = jax.random.normal(jax.random.PRNGKey(1), (2, 48))
  logits = lambda world, params: (
    world.embed(params, features) @ world.logit_weights(params)[0]
  )
  before = jax.jit(lambda p: logits(old, p))(state.params)
  after = jax.jit(lambda p: logits(new, p))(grown.params)
  np.testing.assert_allclose(after[..., :24], before, atol=1e-4)
  assert jnp.abs(after[..., 24:]).max() > 0  # drawn by their pixels
