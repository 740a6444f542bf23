"""Proximal policy optimisation: the critic, its targets, its advantages.

Schulman et al. 2017; lambda-returns and their scale as in DreamerV3 (Hafner et
al. 2023). The loss of the policy is `policy.surrogate`'s.
"""

import jax
import jax.numpy as jnp

from dreamer_jax.nn import functions
from dreamer_jax.policy import networks
from dreamer_jax.policy.returns import lambda_returns
from dreamer_jax.policy.surrogate import average
from dreamer_jax.types import Dream

_RANGE = (5.0, 95.0)  # percentiles, between which returns lie
_LEAST_SPREAD = 0.03  # of advantages, in that range: below it they are the
#   critic's noise, and are not blown up to a spread of 1


def targets(
  dream: Dream, value: jax.Array, discount: float, lambda_: float
) -> jax.Array:
  """`[H, N]` lambda-returns; `value [H+1, N]` is the slow critic's."""
  streams = jax.vmap(lambda_returns, in_axes=1, out_axes=1)
  discounts = discount * dream.cont
  return streams(dream.reward, discounts, value[1:], lambda_ * dream.trust)


def return_scale(target: jax.Array, least: float) -> jax.Array:
  """`[]`: the range from the 5th to the 95th percentile of returns.

  DreamerV3 averages it over updates; here one update has ten thousand returns,
  which is average enough, and nothing is carried.

  Args:
    target: `[H, N]` returns.
    least: the range is never below: small returns are not blown up.
  """
  low, high = jnp.percentile(target, jnp.array(_RANGE))
  return jnp.maximum(functions.shared(high - low), least)


def advantages(
  target: jax.Array, value: jax.Array, weight: jax.Array, scale: jax.Array
) -> jax.Array:
  """`[H, N]`: what an action brought beyond the value, normalised.

  To mean 0 and a spread of 1, unless they hardly differ, beside returns.

  Args:
    target: `[H, N]` lambda-returns.
    value: `[H, N]`, of the states that were acted in.
    weight: `[H, N]`, see `surrogate.weights`.
    scale: of returns, see `return_scale`.
  """
  raw = target - value
  centred = raw - functions.shared(average(raw, weight))
  spread = jnp.sqrt(functions.shared(average(jnp.square(centred), weight)))
  return centred / jnp.maximum(spread, _LEAST_SPREAD * scale)


def value_loss(
  logits: jax.Array, target: jax.Array, weight: jax.Array
) -> tuple[jax.Array, dict]:
  """How far values are from returns, and the share that they explain.

  Cross-entropy with a return spread over its two bins (DreamerV3, eq. 11); of
  a critic that says a number the mean squared error, in its unit.

  Args:
    logits: `[K, bins]`, see `ActorCritic.value_logits`.
    target: `[K]` returns.
    weight: `[K]`.
  """
  mean = lambda x: average(x, weight)
  value = networks.expected_value(logits)
  if logits.shape[-1] == 1:
    loss = 0.5 * mean(jnp.square((value - target) / networks.VALUE_UNIT))
  else:
    wanted = functions.two_hot(target, networks.value_bins(logits.shape[-1]))
    loss = mean(-(wanted * jax.nn.log_softmax(logits, -1)).sum(-1))
  share = explained(value, target, weight)
  return loss, {"value_loss": loss, "value_explained": share}


def explained(
  value: jax.Array, target: jax.Array, weight: jax.Array
) -> jax.Array:
  """`[]`: the share of the targets' variance that values explain."""
  error = average(jnp.square(value - target), weight)
  spread = average(jnp.square(target - average(target, weight)), weight)
  return 1 - error / jnp.maximum(spread, 1e-8)
