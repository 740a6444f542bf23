"""The clipped surrogate of PPO and GRPO, with its entropy and KL terms.

Schulman et al. 2017. Both learn from the same dreams; they differ in the
advantage, and in whether there is a critic.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from dreamer_jax.nn import functions
from dreamer_jax.policy import networks
from dreamer_jax.types import Dream


class Samples(NamedTuple):
  """What one update learns from, `[K, ...]`, one row a state."""

  feat: jax.Array  # [K, F], as in `Dream`
  goal: jax.Array  # [K, G]
  action: jax.Array  # [K] i32
  log_prob: jax.Array  # [K] f32, of the policy that dreamed
  reference: jax.Array  # [K, 8] f32, log-probabilities of the policy that
  #   dreams are held near
  advantage: jax.Array  # [K] f32, normalised
  target: jax.Array  # [K] f32, lambda-returns; 0 where there is no critic
  weight: jax.Array  # [K] f32, probability that the dream got here


class Restraints(NamedTuple):
  """Weights of what restrains the policy's update."""

  clip_ratio: float  # of the probability ratio
  entropy_scale: float  # a nat is worth this many units of advantage ...
  entropy_floor: float  # ... as long as the mean is below this many
  kl_scale: float  # the same for `KL(policy || reference)`


def weights(dream: Dream, alive: jax.Array) -> jax.Array:
  """`[H, N]`: how likely each step is reached; `alive [N]` at the start.

  Steps after one that is not to be trusted weigh nothing.
  """
  reach = jnp.concatenate([alive[None], (dream.cont * dream.trust)[:-1]])
  return jnp.cumprod(reach, 0)


def average(x: jax.Array, weight: jax.Array) -> jax.Array:
  """The weighted mean `[]`."""
  return (x * weight).sum() / jnp.maximum(weight.sum(), 1.0)


def policy_loss(
  logits: jax.Array, batch: Samples, restraints: Restraints
) -> tuple[jax.Array, dict]:
  """The clipped surrogate, an entropy bonus, and the pull to the reference.

  The bonus acts only while the batch's mean entropy is below the floor. It is
  there against collapse: without a floor it would pay for dithering at every
  step, and a floor for each state would forbid to be sure of any.

  Args:
    logits: `[K, 8]` log-probabilities under the current parameters.
    batch: what was dreamed.
    restraints: clipping, entropy and KL.

  Returns:
    loss, metrics.
  """
  log_prob = networks.log_prob(logits, batch.action)
  ratio = jnp.exp(log_prob - batch.log_prob)
  clip = restraints.clip_ratio
  clipped = jnp.clip(ratio, 1 - clip, 1 + clip)
  gain = jnp.minimum(ratio * batch.advantage, clipped * batch.advantage)
  mean = lambda x: average(x, batch.weight)
  entropy = mean(functions.entropy(logits))
  kl = mean((jnp.exp(logits) * (logits - batch.reference)).sum(-1))
  bonus = jnp.minimum(entropy, restraints.entropy_floor)
  objective = mean(gain) + restraints.entropy_scale * bonus
  objective -= restraints.kl_scale * kl
  metrics = {
    "entropy": entropy,
    "kl_to_reference": kl,
    "clip_share": mean((jnp.abs(ratio - 1) > clip).astype(jnp.float32)),
    "kl_to_old": mean(batch.log_prob - log_prob),
  }
  return -objective, metrics
