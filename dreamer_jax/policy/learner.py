"""Holds what the policy's learner carries along, and how it begins."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import struct

from dreamer_jax import config as config_lib
from dreamer_jax.nn import optimizers
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Metrics


@struct.dataclass
class PolicyState:
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


# update(state, world_params, replay) -> state, metrics
PolicyUpdateFn = Callable[[PolicyState, dict, Any], tuple[PolicyState, Metrics]]


def actor_optimizer(
  config: config_lib.PolicyConfig,
) -> optax.GradientTransformation:
  """The policy's, in dreams."""
  return optimizers.make(
    config.actor.learning_rate, clip=config.actor.grad_clip
  )


def critic_optimizer(
  config: config_lib.PolicyConfig,
) -> optax.GradientTransformation:
  """The critic's."""
  return optimizers.make(
    config.critic.learning_rate, clip=config.actor.grad_clip
  )


def clone_optimizer(
  config: config_lib.PolicyConfig,
) -> optax.GradientTransformation:
  """The policy's, on demonstrations; refreshed at a tenth of the rate."""
  rate = optimizers.cosine(
    config.cloning.learning_rate, 0, config.cloning.updates
  )
  return optimizers.make(rate, clip=config.actor.grad_clip)


def init(
  net: ActorCritic, config: config_lib.PolicyConfig, feat_dim: int, seed: int
) -> PolicyState:
  """A fresh policy and critic for features of `feat_dim`."""
  keys = jax.random.split(jax.random.PRNGKey(seed + 1), 3)
  actor, critic = net.init(keys[0], keys[1], feat_dim)
  begin = lambda make: jax.jit(make(config).init)  # not a program a leaf
  state = PolicyState(
    actor=actor,
    clone=_copy(actor),
    reference=_copy(actor),
    critic=critic,
    slow_critic=_copy(critic),
    actor_opt=begin(actor_optimizer)(actor),
    critic_opt=begin(critic_optimizer)(critic),
    clone_opt=begin(clone_optimizer)(actor),
    rng=keys[2],
    updates=jnp.zeros((), jnp.int32),
  )
  return _commit(state)


def begin_at_clone(state: PolicyState) -> PolicyState:
  """The same with the clone for an actor, on the devices where it is."""
  # As `optimizers.make` begins.
  rest = jax.tree.map(jnp.zeros_like, state.actor_opt)
  return state.replace(actor=_copy(state.clone), actor_opt=rest)


def begin_dreams(state: PolicyState, leash: str) -> PolicyState:
  """The same, with the reference that a round's dreams are held near.

  Args:
    state: of the policy that dreams begin with.
    leash: `policy.actor.leash`: the reference is a copy of the actor for
      "kept", of the clone for "clone".
  """
  held = state.clone if leash == "clone" else state.actor
  return state.replace(reference=_copy(held))


@jax.jit
def _copy(tree):
  """Donation wants no alias."""
  return jax.tree.map(jnp.copy, tree)


def _commit(state):
  """Binds arrays to the device, as an update's results are: one compile."""
  return jax.device_put(state, jax.local_devices()[0])
