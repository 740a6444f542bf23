"""The compiled programs of a run, each made once."""

import functools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.data import sampling
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy import behavior_cloning, grounding
from dreamer_jax.policy import update as policy_update
from dreamer_jax.policy.learner import PolicyUpdateFn
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import validation
from dreamer_jax.training.devices import Devices, repeat
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.learner import ValidateFn, WorldUpdateFn
from dreamer_jax.world_model.model import WorldModel


class Programs(NamedTuple):
  """Updates run `log_every` times a call, and give up their state."""

  world: WorldUpdateFn
  validate: ValidateFn
  clone: PolicyUpdateFn
  ground: PolicyUpdateFn
  behavior: PolicyUpdateFn
  look: validation.LookFn
  look_at_fresh: validation.LookFn
  look_at_clone: validation.CloneLookFn


class Built(NamedTuple):
  """What a run computes with."""

  model: WorldModel
  net: ActorCritic
  programs: Programs


def build(
  config: config_lib.Config, patterns: np.ndarray, devices: Devices
) -> Built:
  """Model, policy and programs for a codebook.

  The same objects for the same settings and tiles, so that what one run of a
  process has compiled, the next one does not.

  Args:
    config: of the run.
    patterns: `[V, 16]` u8, the tile codebook.
    devices: that share every batch.

  Raises:
    UserError: the devices cannot share a batch.
  """
  part = devices.part(config)
  return _build(
    config.world_model, config.policy, part.world_model, part.policy,
    config.rewards, patterns.tobytes(), devices,
  )  # fmt: skip


@functools.lru_cache(maxsize=4)  # a codebook that grows leaves one behind
def _build(
  world: config_lib.WorldModelConfig, policy: config_lib.PolicyConfig,
  own_world: config_lib.WorldModelConfig, own_policy: config_lib.PolicyConfig,
  rewards: config_lib.RewardsConfig, patterns: bytes, devices: Devices,
) -> Built:  # fmt: skip
  """`own_*` are one device's part."""
  tiles = np.frombuffer(patterns, np.uint8).reshape(-1, 16)
  model, net = WorldModel(world, tiles), ActorCritic(policy)
  return Built(
    model, net, make(model, net, own_world, own_policy, rewards, devices)
  )


def make(
  model: WorldModel,
  net: ActorCritic,
  world: config_lib.WorldModelConfig,
  policy: config_lib.PolicyConfig,
  rewards: config_lib.RewardsConfig,
  devices: Devices,
) -> Programs:
  """The programs for a model and a policy.

  Args:
    model: for the codebook as it is.
    net: actor and critic.
    world: one device's part of the settings, see `Devices.part`.
    policy: likewise.
    rewards: weights of the terms.
    devices: that share every batch.
  """
  goals = jnp.asarray(vocabulary.embeddings(policy.network.goal_dim))
  weights = jnp.asarray(rewards.weights)
  parts = (model, net, policy, goals)

  def sample(replay, rng):
    return sampling.sample(
      replay,
      rng,
      policy.imagination.batch,
      policy.imagination.length,
      own=policy.imagination.own_share,
    )

  def sample_steps(replay, rng):
    return sampling.sample(replay, rng, policy.critic.ground_batch, 1)

  def sample_clones(replay, rng):
    half = policy.cloning.batch // 2
    return sampling.sample_clones(
      replay, rng, policy.cloning.batch, policy.cloning.length, half
    )

  learn_world = world_learner.make_update(
    model, world, sampling.reader(world, devices.count)
  )
  learn_clone = behavior_cloning.make_update(*parts, sample_clones)
  learn_values = grounding.make_update(*parts, sample_steps)
  learn_policy = policy_update.make_update(
    *parts, weights, sample, sample_steps
  )
  behavior = lambda update: repeat(update, policy.schedule.log_every, devices)
  look = lambda settings: validation.make_look(
    model, net, settings, goals, weights
  )
  return Programs(
    world=repeat(learn_world, world.schedule.log_every, devices),
    validate=world_learner.make_validation(model, world),
    clone=behavior(learn_clone),
    ground=behavior(learn_values),
    behavior=behavior(learn_policy),
    look=look(policy),
    look_at_fresh=look(validation.commanded(policy)),
    look_at_clone=validation.make_clone_look(*parts),
  )
