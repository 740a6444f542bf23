"""Actor and critic: small MLPs over feat and the goal's embedding."""

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.nn import functions, precision
from dreamer_jax.nn.layers import MLP
from dreamer_jax.types import NUM_ACTIONS

VALUE_UNIT = 10.0  # rewards that the critic's output calls 1: its targets are
#   then of order 1, as its weights are
MAX_SYMLOG = 6.0  # of a value: 402 rewards
GOAL_GAIN = 8.0  # an embedding of unit length has numbers of order 1/8, which
#   a thousand latents of order 1 would drown


def actor(config: config_lib.Behavior) -> MLP:
  """`[..., F + G]` -> `[..., 8]` logits, near uniform at the start."""
  dtype = precision.compute_dtype(config.dtype)
  return MLP(config.width, NUM_ACTIONS, 2, 0.01, dtype)


def critic(config: config_lib.Behavior) -> MLP:
  """`[..., F + G]` -> `[..., K]`, see `expected_value`; 0 at the start.

  K is `critic_bins`, or 1.
  """
  dtype = precision.compute_dtype(config.dtype)
  return MLP(config.width, max(1, config.critic_bins), 2, 0.0, dtype)


def value_bins(count: int) -> jax.Array:
  """`[K]` rewards, even steps of symlog, so that small values are told apart.

  Symmetric: bins that are all as likely mean 0.
  """
  return functions.symexp(jnp.linspace(-MAX_SYMLOG, MAX_SYMLOG, count))


def inputs(feat: jax.Array, goal: jax.Array) -> jax.Array:
  """`[..., F]` and `[..., G]` (broadcast over time) -> `[..., F + G]`.

  Features may be as `hardware.stored` keeps them.
  """
  goal = precision.stored((GOAL_GAIN * goal).astype(precision.read(feat).dtype))
  goal = jnp.broadcast_to(goal, (*feat.shape[:-1], goal.shape[-1]))
  both = jnp.concatenate([precision.stored(feat), goal], -1)
  return precision.read(both)


def action_logits(
  net: MLP, params, feat: jax.Array, goal: jax.Array, unimix: float
) -> jax.Array:
  """Log-probabilities `[..., 8]`, mixed with a little of the uniform.

  The mixture keeps every action possible: an entropy of exactly zero is a
  hole that a policy does not climb out of.
  """
  logits = net.apply({"params": params}, inputs(feat, goal))
  return functions.unimix(logits, unimix)


def value(net: MLP, params, feat: jax.Array, goal: jax.Array) -> jax.Array:
  """Values `[...]`, in rewards."""
  return expected_value(value_logits(net, params, feat, goal))


def value_logits(
  net: MLP, params, feat: jax.Array, goal: jax.Array
) -> jax.Array:
  """What the critic says, `[..., K]`: logits of bins, or one number."""
  return net.apply({"params": params}, inputs(feat, goal))


def expected_value(logits: jax.Array) -> jax.Array:
  """`[..., K]` -> `[...]` rewards: the mean of the bins (DreamerV3, eq. 10)."""
  if logits.shape[-1] == 1:
    return VALUE_UNIT * logits[..., 0]
  return jax.nn.softmax(logits, -1) @ value_bins(logits.shape[-1])


def log_prob(logits: jax.Array, action: jax.Array) -> jax.Array:
  """Log-probability of `action [...]` under `logits [..., 8]`."""
  return jnp.take_along_axis(logits, action[..., None], -1)[..., 0]
