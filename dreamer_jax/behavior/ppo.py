"""Proximal policy optimisation on imagined rollouts.

Schulman et al. 2017; lambda-returns and their scale as in DreamerV3.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from dreamer_jax import ops
from dreamer_jax.behavior import nets
from dreamer_jax.behavior.returns import lambda_returns
from dreamer_jax.types import Dream


class Samples(NamedTuple):
  """What one PPO update learns from, `[K, ...]`, one row a state."""

  feat: jax.Array  # [K, F]
  goal: jax.Array  # [K, G]
  action: jax.Array  # [K] i32
  log_prob: jax.Array  # [K] f32, of the policy that dreamed
  reference: jax.Array  # [K, 8] f32, log-probabilities of the cloned policy
  advantage: jax.Array  # [K] f32, normalised
  target: jax.Array  # [K] f32, lambda-returns
  weight: jax.Array  # [K] f32, probability that the dream got here


def targets(
  dream: Dream, value: jax.Array, discount: float, lambda_: float
) -> jax.Array:
  """`[H, N]` lambda-returns; `value [H+1, N]` is the slow critic's."""
  streams = jax.vmap(lambda_returns, in_axes=1, out_axes=1)
  discounts = discount * dream.cont
  return streams(dream.reward, discounts, value[1:], lambda_ * dream.trust)


def weights(dream: Dream, alive: jax.Array) -> jax.Array:
  """`[H, N]`: how likely each step is reached; `alive [N]` at the start.

  Steps after one that is not to be trusted weigh nothing.
  """
  reach = jnp.concatenate([alive[None], (dream.cont * dream.trust)[:-1]])
  return jnp.cumprod(reach, 0)


def policy_loss(
  logits: jax.Array,
  batch: Samples,
  clip_ratio: float,
  entropy_scale: float,
  kl_scale: float,
) -> tuple[jax.Array, dict]:
  """The clipped surrogate, an entropy bonus, and the pull to the clone.

  Args:
    logits: `[K, 8]` log-probabilities under the current parameters.
    batch: what was dreamed.
    clip_ratio: of the probability ratio.
    entropy_scale: nats are worth this many units of advantage.
    kl_scale: the same for `KL(policy || clone)`.

  Returns:
    loss, metrics.
  """
  log_prob = nets.log_prob(logits, batch.action)
  ratio = jnp.exp(log_prob - batch.log_prob)
  clipped = jnp.clip(ratio, 1 - clip_ratio, 1 + clip_ratio)
  gain = jnp.minimum(ratio * batch.advantage, clipped * batch.advantage)
  entropy = ops.entropy(logits)
  kl = (jnp.exp(logits) * (logits - batch.reference)).sum(-1)
  objective = gain + entropy_scale * entropy - kl_scale * kl
  mean = lambda x: (
    (x * batch.weight).sum() / jnp.maximum(batch.weight.sum(), 1.0)
  )
  metrics = {
    "entropy": mean(entropy),
    "kl_to_clone": mean(kl),
    "clip_share": mean((jnp.abs(ratio - 1) > clip_ratio).astype(jnp.float32)),
    "kl_to_old": mean(batch.log_prob - log_prob),
  }
  return -mean(objective), metrics


def value_loss(value: jax.Array, batch: Samples) -> tuple[jax.Array, dict]:
  """Mean squared error against the lambda-returns."""
  error = jnp.square(value - batch.target)
  total = jnp.maximum(batch.weight.sum(), 1.0)
  loss = 0.5 * (error * batch.weight).sum() / total
  centre = (batch.target * batch.weight).sum() / total
  spread = (jnp.square(batch.target - centre) * batch.weight).sum() / total
  explained = 1 - 2 * loss / jnp.maximum(spread, 1e-8)
  return loss, {"value_loss": loss, "value_explained": explained}
