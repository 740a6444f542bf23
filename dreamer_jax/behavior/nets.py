"""Actor and critic: small MLPs over feat and the goal's embedding."""

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax import hardware, ops
from dreamer_jax.layers import MLP
from dreamer_jax.types import NUM_ACTIONS

VALUE_UNIT = 10.0  # rewards that the critic's output calls 1: its targets are
#   then of order 1, as its weights are
GOAL_GAIN = 8.0  # an embedding of unit length has numbers of order 1/8, which
#   a thousand latents of order 1 would drown


def actor(config: config_lib.Behavior) -> MLP:
  """`[..., F + G]` -> `[..., 8]` logits, near uniform at the start."""
  dtype = hardware.compute_dtype(config.dtype)
  return MLP(config.width, NUM_ACTIONS, 2, 0.01, dtype)


def critic(config: config_lib.Behavior) -> MLP:
  """`[..., F + G]` -> `[..., 1]` value, zero at the start."""
  dtype = hardware.compute_dtype(config.dtype)
  return MLP(config.width, 1, 2, 0.0, dtype)


def inputs(feat: jax.Array, goal: jax.Array) -> jax.Array:
  """`[..., F]` and `[..., G]` (broadcast over time) -> `[..., F + G]`.

  Features may be as `hardware.stored` keeps them.
  """
  goal = hardware.stored((GOAL_GAIN * goal).astype(hardware.read(feat).dtype))
  goal = jnp.broadcast_to(goal, (*feat.shape[:-1], goal.shape[-1]))
  both = jnp.concatenate([hardware.stored(feat), goal], -1)
  return hardware.read(both)


def action_logits(
  net: MLP, params, feat: jax.Array, goal: jax.Array, unimix: float
) -> jax.Array:
  """Log-probabilities `[..., 8]`, mixed with a little of the uniform.

  The mixture keeps every action possible: an entropy of exactly zero is a
  hole that a policy does not climb out of.
  """
  logits = net.apply({"params": params}, inputs(feat, goal))
  return ops.unimix(logits, unimix)


def value(net: MLP, params, feat: jax.Array, goal: jax.Array) -> jax.Array:
  """Values `[...]`, in rewards."""
  out = net.apply({"params": params}, inputs(feat, goal))
  return VALUE_UNIT * out[..., 0]


def log_prob(logits: jax.Array, action: jax.Array) -> jax.Array:
  """Log-probability of `action [...]` under `logits [..., 8]`."""
  return jnp.take_along_axis(logits, action[..., None], -1)[..., 0]
