"""The compiled programs of a run, each made once."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.data import windows
from dreamer_jax.game import rewards
from dreamer_jax.learn import looks
from dreamer_jax.learn import step as step_lib
from dreamer_jax.learn.mesh import Devices
from dreamer_jax.world.model import World


class Programs(NamedTuple):
  """See the functions of `learn.step` and `learn.looks` that make them."""

  world: Callable
  validate: Callable
  clone: Callable
  ground: Callable
  behavior: Callable
  look: Callable
  look_at_fresh: Callable
  look_at_clone: Callable


def make(
  model: World, config: config_lib.Config, goals: jax.Array, devices: Devices
) -> Programs:
  """The programs for a model; `goals` are embeddings, `[goals, G]`.

  Raises:
    UserError: the devices cannot share a batch.
  """
  config = devices.part(config)
  world, behavior = config.world, config.behavior
  weights, b = jnp.asarray(rewards.weights(behavior.species_scale)), behavior
  half = b.bc_batch // 2
  steps = lambda replay, rng: windows.sample(replay, rng, b.ground_batch, 1)
  return Programs(
    step_lib.make_world_update(
      model, world, windows.reader(world, devices.count), devices
    ),
    step_lib.make_validation(model, world),
    step_lib.make_clone_update(
      model, behavior, goals,
      lambda replay, rng: windows.sample_clones(
        replay, rng, b.bc_batch, b.bc_length, half
      ),
      devices,
    ),
    step_lib.make_ground_update(model, behavior, goals, steps, devices),
    step_lib.make_behavior_update(
      model, behavior, goals, weights,
      lambda replay, rng: windows.sample(
        replay, rng, b.batch, b.length, own=b.own_share
      ),
      steps,
      devices,
    ),
    looks.make_look(model, behavior, goals, weights),
    looks.make_look(model, looks.commanded(behavior), goals, weights),
    looks.make_clone_look(model, behavior, goals),
  )  # fmt: skip
