"""The compiled programs of a run, each made once."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.data import windows
from dreamer_jax.game.rewards import DEFAULT_WEIGHTS
from dreamer_jax.learn import step as step_lib
from dreamer_jax.learn.mesh import Devices
from dreamer_jax.types import Batch
from dreamer_jax.world.model import World


class Programs(NamedTuple):
  """See the functions of `learn.step` that make them."""

  world: Callable
  validate: Callable
  clone: Callable
  behavior: Callable


def make(
  model: World, config: config_lib.Config, goals: jax.Array, devices: Devices
) -> Programs:
  """The programs for a model; `goals` are embeddings, `[goals, G]`.

  Raises:
    UserError: the devices cannot share a batch.
  """
  config = devices.part(config)
  world, behavior = config.world, config.behavior
  draw = lambda batch, length, source=None: (
    lambda replay, rng: windows.sample(replay, rng, batch, length, source)
  )
  scripted = lambda batch, length: (
    lambda replay, rng: _beside(
      draw(batch, length, "expert")(replay, rng),
      draw(batch, length, "random")(replay, rng),
    )
  )
  return Programs(
    step_lib.make_world_update(
      model, world, windows.reader(world, devices.count), devices
    ),
    step_lib.make_validation(model, world),
    step_lib.make_clone_update(
      model, behavior, goals,
      scripted(behavior.bc_batch // 2, behavior.bc_length), devices,
    ),
    step_lib.make_behavior_update(
      model, behavior, goals, jnp.asarray(DEFAULT_WEIGHTS),
      draw(behavior.batch, behavior.length), devices,
    ),
  )  # fmt: skip


def _beside(a: Batch, b: Batch) -> Batch:
  """Two batches as one."""
  return jax.tree.map(lambda x, y: jnp.concatenate([x, y]), a, b)
