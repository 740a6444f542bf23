"""The compiled programs of a run, each made once."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.data import sampling
from dreamer_jax.game import rewards
from dreamer_jax.training import step as step_lib
from dreamer_jax.training import validation
from dreamer_jax.training.devices import Devices
from dreamer_jax.world_model.model import WorldModel


class Programs(NamedTuple):
  """See what makes them in `training.step` and `training.validation`."""

  world: Callable
  validate: Callable
  clone: Callable
  ground: Callable
  behavior: Callable
  look: Callable
  look_at_fresh: Callable
  look_at_clone: Callable


def make(
  model: WorldModel, config: config_lib.Config, goals: jax.Array, devices: Devices
) -> Programs:
  """The programs for a model; `goals` are embeddings, `[goals, G]`.

  Raises:
    UserError: the devices cannot share a batch.
  """
  config = devices.part(config)
  world, behavior = config.world, config.behavior
  weights, b = jnp.asarray(rewards.weights(behavior.species_scale)), behavior
  half = b.bc_batch // 2
  steps = lambda replay, rng: sampling.sample(replay, rng, b.ground_batch, 1)
  return Programs(
    step_lib.make_world_update(
      model, world, sampling.reader(world, devices.count), devices
    ),
    step_lib.make_validation(model, world),
    step_lib.make_clone_update(
      model, behavior, goals,
      lambda replay, rng: sampling.sample_clones(
        replay, rng, b.bc_batch, b.bc_length, half
      ),
      devices,
    ),
    step_lib.make_ground_update(model, behavior, goals, steps, devices),
    step_lib.make_behavior_update(
      model, behavior, goals, weights,
      lambda replay, rng: sampling.sample(
        replay, rng, b.batch, b.length, own=b.own_share
      ),
      steps,
      devices,
    ),
    validation.make_look(model, behavior, goals, weights),
    validation.make_look(model, validation.commanded(behavior), goals, weights),
    validation.make_clone_look(model, behavior, goals),
  )  # fmt: skip
