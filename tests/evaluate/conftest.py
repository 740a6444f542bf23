"""A whole agent of the debug preset: untrained, for shapes and files."""

import jax
import numpy as np
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.goals import vocabulary
from dreamer_jax.learn import state as state_lib
from dreamer_jax.learn.agent import Agent
from dreamer_jax.world.model import make_world


@pytest.fixture(scope="session")
def agent() -> Agent:
  config = config_lib.debug()
  rng = np.random.default_rng(0)
  capacity = config.world.codebook
  patterns = rng.integers(0, 256, (capacity, 16), dtype=np.uint8)
  world = make_world(config.world, patterns)
  # Numbers in place of a real initialisation, which takes long to compile.
  fill = lambda x: rng.normal(0, 0.1, x.shape).astype(x.dtype)
  key = jax.random.PRNGKey(0)
  params = jax.tree.map(fill, jax.eval_shape(world.init, key))
  make = lambda: state_lib.init_behavior(
    config.behavior, state_lib.feat_dim(config.world), 0
  )
  actor = jax.tree.map(fill, jax.eval_shape(make).actor)
  return Agent(
    config, world, params, actor, actor, TileCodebook(patterns, capacity),
    vocabulary.embeddings(config.behavior.goal_dim), {},
  )  # fmt: skip
