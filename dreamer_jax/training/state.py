"""Defines what the learners carry from update to update, and begins it."""

import jax
import jax.numpy as jnp
import optax
from flax import struct

from dreamer_jax.config import Behavior as BehaviorConfig
from dreamer_jax.config import World as WorldConfig
from dreamer_jax.data import surprises
from dreamer_jax.nn import optimizers
from dreamer_jax.policy import networks
from dreamer_jax.types import Streams
from dreamer_jax.world_model.model import WorldModel


@struct.dataclass
class WorldState:
  """The world model's learner."""

  params: dict
  ema: dict  # their running average; empty where `ema_decay` is 0
  opt: optax.OptState
  streams: Streams  # where in the replay it reads on
  rng: jax.Array  # [2] u32
  updates: jax.Array  # [] i32

  @property
  def weights(self) -> dict:
    """What acts, dreams and is evaluated: the average, where it is kept."""
    return self.ema or self.params


@struct.dataclass
class BehaviorState:
  """System 1's learner."""

  actor: dict
  clone: dict  # the actor after behaviour cloning, a baseline
  reference: dict  # the policy that this round's dreams are held near
  critic: dict
  slow_critic: dict
  actor_opt: optax.OptState
  critic_opt: optax.OptState
  clone_opt: optax.OptState
  rng: jax.Array  # [2] u32
  updates: jax.Array  # [] i32, of the policy in dreams


def world_optimizer(config: WorldConfig) -> optax.GradientTransformation:
  """The world model's."""
  rate = optimizers.cosine(
    config.learning_rate, config.warmup, config.decay_updates
  )
  return optimizers.make(
    rate, kind=config.optimizer, clip=config.clip, agc=config.agc,
    weight_decay=config.weight_decay,
  )  # fmt: skip


def actor_optimizer(config: BehaviorConfig) -> optax.GradientTransformation:
  """The policy's, in dreams."""
  return optimizers.make(config.actor_rate, clip=config.grad_clip)


def critic_optimizer(config: BehaviorConfig) -> optax.GradientTransformation:
  """The critic's."""
  return optimizers.make(config.critic_rate, clip=config.grad_clip)


def clone_optimizer(config: BehaviorConfig) -> optax.GradientTransformation:
  """The policy's, on demonstrations; refreshed at a tenth of the rate."""
  rate = optimizers.cosine(config.bc_rate, 0, config.bc_updates)
  return optimizers.make(rate, clip=config.grad_clip)


def init_world(world: WorldModel, config: WorldConfig, seed: int) -> WorldState:
  """A fresh world model."""
  init_key, rng = jax.random.split(jax.random.PRNGKey(seed))
  params = jax.jit(world.init)(init_key)
  ema = _copy(params) if config.ema_decay else {}
  opt = world_optimizer(config).init(params)
  streams = fresh_streams(world, config)
  none = jnp.zeros((), jnp.int32)
  return _commit(WorldState(params, ema, opt, streams, rng, none))


def fresh_streams(world: WorldModel, config: WorldConfig) -> Streams:
  """Streams that begin anywhere: at first, and when the replay has changed."""
  place = jnp.full(config.batch, -1, jnp.int32)
  latent = jax.tree.map(jnp.copy, world.initial(config.batch))
  kept = surprises.none(config.batch) if config.surprise_share else None
  return _commit(Streams(place, latent, kept))


def init_behavior(
  config: BehaviorConfig, feat_dim: int, seed: int
) -> BehaviorState:
  """A fresh policy and critic for features of `feat_dim`."""
  keys = jax.random.split(jax.random.PRNGKey(seed + 1), 3)
  x = jnp.zeros((1, feat_dim + config.goal_dim))
  actor = jax.jit(networks.actor(config).init)(keys[0], x)["params"]
  critic = jax.jit(networks.critic(config).init)(keys[1], x)["params"]
  state = BehaviorState(
    actor=actor,
    clone=_copy(actor),
    reference=_copy(actor),
    critic=critic,
    slow_critic=_copy(critic),
    actor_opt=actor_optimizer(config).init(actor),
    critic_opt=critic_optimizer(config).init(critic),
    clone_opt=clone_optimizer(config).init(actor),
    rng=keys[2],
    updates=jnp.zeros((), jnp.int32),
  )
  return _commit(state)


def begin_at_clone(state: BehaviorState) -> BehaviorState:
  """The same with the clone for an actor, on the devices where it is."""
  rest = jax.tree.map(jnp.zeros_like, state.actor_opt)  # as `optim.make` begins
  return state.replace(actor=_copy(state.clone), actor_opt=rest)


def begin_dreams(state: BehaviorState, leash: str) -> BehaviorState:
  """The same, with the reference that a round's dreams are held near.

  Args:
    state: of the policy that dreams begin with.
    leash: `Behavior.leash`: the reference is a copy of the actor for "kept", of
      the clone for "clone".
  """
  held = state.clone if leash == "clone" else state.actor
  return state.replace(reference=_copy(held))


def _copy(tree):
  """Donation wants no alias."""
  return jax.tree.map(jnp.copy, tree)


def _commit(state):
  """Binds arrays to the device, as an update's results are: one compile."""
  return jax.device_put(state, jax.local_devices()[0])


def feat_dim(config: WorldConfig) -> int:
  """F: deter and flattened stoch."""
  return config.deter + config.stoch * config.classes
