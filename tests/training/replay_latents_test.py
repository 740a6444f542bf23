"""What the model remembers at every step: as if it had played the episode."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.data import sampling
from dreamer_jax.evaluation.benchmarks.workloads import made_replay
from dreamer_jax.imagination import starts
from dreamer_jax.training import replay_latents
from dreamer_jax.training.devices import Devices
from dreamer_jax.types import Latent
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import patterns


@pytest.fixture(name="model", scope="module")
def fixture_model():
  world = WorldModel(presets.debug().world_model, patterns())
  return world, jax.jit(world.init)(jax.random.PRNGKey(0))


@pytest.fixture(name="filled", scope="module")
def fixture_filled(model):
  """Three lanes of it; the ring has gone round: its oldest step is in the
  middle of an episode."""
  plain = made_replay(40)
  plain = plain.replace(head=jnp.asarray(1234, jnp.int32))
  return replay_latents.remember(
    *model, plain, Devices(jax.local_devices()[:1])
  )


def test_each_step_follows_from_the_one_before(model, filled):
  """Deter is a function of the last step's deter and drawn classes."""
  world, weights = model
  classes = world.initial(1).stoch.shape[-1]
  rows = np.r_[1234:1300, 490:520, 3000:3100, filled.capacity - 5 :
               filled.capacity]  # fmt: skip
  before = (rows - 1) % filled.capacity
  stoch = jax.nn.one_hot(filled.memory.stoch[before], classes)
  deter = filled.memory.deter[before].astype(jnp.float32)
  is_oldest = jnp.asarray(rows == 1234)
  latent = Latent(deter, stoch, stoch)
  latent = jax.tree.map(
    lambda x: jnp.where(is_oldest.reshape(-1, *[1] * (x.ndim - 1)), 0.0, x),
    latent,
  )
  after = world.observe_step(
    weights, latent, world.encode(weights, filled.tiles[rows]),
    filled.action[rows].astype(jnp.int32), filled.is_first[rows],
    jax.random.PRNGKey(1),
  )  # fmt: skip
  np.testing.assert_allclose(
    after.deter, filled.memory.deter[rows].astype(jnp.float32), atol=2e-3
  )
  assert float(jnp.abs(after.deter).mean()) > 0.01


def test_windows_bring_it_and_dreams_take_it(model, filled):
  world, weights = model
  batch = sampling.sample(filled, jax.random.PRNGKey(0), 4, 6)
  latents = starts.posterior(world, weights, batch, None)
  assert latents.deter.dtype == jnp.float32
  np.testing.assert_array_equal(latents.deter, batch.memory.deter)
  np.testing.assert_array_equal(latents.stoch.argmax(-1), batch.memory.stoch)
  assert latents.stoch.sum(-1).min() == latents.stoch.sum(-1).max() == 1


def test_a_replay_without_it_is_filtered_window_by_window(model):
  world, weights = model
  batch = sampling.sample(made_replay(40), jax.random.PRNGKey(0), 2, 4)
  assert batch.memory is None
  latents = starts.posterior(world, weights, batch, jax.random.PRNGKey(0))
  assert latents.deter.shape[:2] == (2, 4)
