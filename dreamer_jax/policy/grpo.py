"""Group-relative policy optimisation: a dream is judged by its siblings.

Shao et al., "DeepSeekMath", 2024. G dreams branch from one latent with one
goal, and differ by chance alone; the mean of their returns is the baseline
that a critic would have to learn. The loss is `policy.surrogate`'s.
"""

import jax
import jax.numpy as jnp

from dreamer_jax.types import Dream


def returns(dream: Dream, discount: float) -> jax.Array:
  """`[N]`: rewards of the whole dream, discounted; nothing after it counts.

  `R = sum_t gamma^t reach[t] reward[t]`, with the chance to have got there.
  """
  cont = dream.cont * dream.trust
  reach = jnp.cumprod(jnp.concatenate([jnp.ones_like(cont[:1]), cont[:-1]]), 0)
  discounts = discount ** jnp.arange(len(cont))
  return (discounts[:, None] * reach * dream.reward).sum(0)


def advantages(total: jax.Array, size: int, least: float) -> jax.Array:
  """`[N]`: returns against those of the same group.

  `A = (R - mean(R)) / max(std(R), least)`.

  Args:
    total: `[N]` returns; the dreams of a group follow each other.
    size: G, dreams of a group.
    least: spread, in rewards: siblings that differ by less differ by
      trifles, a step more or less without progress, which a division by
      their own spread would make as weighty as a badge.
  """
  groups = total.reshape(-1, size)
  centred = groups - groups.mean(-1, keepdims=True)
  spread = jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True))
  return (centred / jnp.maximum(spread, least)).reshape(-1)
