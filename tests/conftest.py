"""A whole agent of the debug preset, untrained, in memory and on disk."""

import dataclasses
import os
import pathlib
import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.agent.agent import Agent
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.game import rom as roms
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import compatibility
from dreamer_jax.training.checkpoint import Checkpointer
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel

# A script's background job ignores Ctrl-C, and what it starts does too; some
# tests send one to the programs that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def made(make):
  """What `make()` returns, with chance numbers in place of its own.

  A real initialisation takes long to compile.
  """
  rng = np.random.default_rng(0)

  def fill(x):
    if jnp.issubdtype(x.dtype, jnp.floating):
      return jnp.asarray(rng.normal(0, 0.5, x.shape), x.dtype)
    return jnp.zeros(x.shape, x.dtype)

  return jax.tree.map(fill, jax.eval_shape(make))


@pytest.fixture(scope="session")
def agent() -> Agent:
  """Untrained, with a codebook of chance patterns."""
  config = presets.debug()
  capacity = config.world_model.network.codebook
  rng = np.random.default_rng(0)
  patterns = rng.integers(0, 256, (capacity, 16), dtype=np.uint8)
  world = WorldModel(config.world_model, patterns)
  params = made(lambda: world.init(jax.random.PRNGKey(0)))
  dim = world_learner.feat_dim(config.world_model)
  actor = made(
    lambda: policy_learner.init(
      ActorCritic(config.policy), config.policy, dim, 0
    )
  ).actor
  meta = {
    "config": dataclasses.asdict(config),
    "counters": {"secs": 60.0},
    "codebook": capacity,
    **compatibility.describe(roms.embedded()),
  }
  return Agent(
    config, world, params, actor, actor, TileCodebook(patterns, capacity),
    vocabulary.embeddings(config.policy.network.goal_dim), meta,
  )  # fmt: skip


@pytest.fixture(scope="session")
def checkpoint(agent, tmp_path_factory) -> str:
  """A run's folder with the agent's checkpoint, for programs to load."""
  folder = tmp_path_factory.mktemp("run")
  config = agent.config
  world = made(lambda: world_learner.init(agent.world, config.world_model, 0))
  dim = world_learner.feat_dim(config.world_model)
  behavior = made(
    lambda: policy_learner.init(
      ActorCritic(config.policy), config.policy, dim, 0
    )
  )
  saver = Checkpointer(str(folder / "checkpoints"))
  saver.save(1, world, behavior, agent.codebook.patterns, agent.meta)
  saver.close()
  return str(folder)


@pytest.fixture(scope="session")
def other_rom(tmp_path_factory) -> str:
  """The embedded game with one byte changed: another game of the same title."""
  data = bytearray(pathlib.Path(roms.embedded().path).read_bytes())
  data[-1] ^= 1
  path = tmp_path_factory.mktemp("other") / "other.gb"
  path.write_bytes(data)
  return str(path)


@pytest.fixture(scope="session")
def facts() -> pathlib.Path:
  """A folder of fact tables: $DREAMER_FACTS, or beside the repository."""
  beside = pathlib.Path(__file__).parents[2] / "shared" / "pokemon_red"
  folder = pathlib.Path(os.environ.get("DREAMER_FACTS", beside))
  if not (folder / "ram_map.csv").exists():
    pytest.skip("no fact tables: set DREAMER_FACTS to their folder")
  return folder
