"""Which goal the policy is told: when it is cloned, and when it dreams.

Goal 0, the next badge, is the command that stands where nobody gave another.
Goals in hindsight are what the recorded play came to next (`goals.hindsight`);
feasible ones are drawn from all that make sense.
"""

import jax
import jax.numpy as jnp

from dreamer_jax.types import Command

DEFAULT = 0  # the goal that is commanded from power-on
# How much of a recorded step may be cloned.
NOTHING, HINDSIGHT, ALL = 0, 1, 2


def for_cloning(
  rng: jax.Array, hindsight: jax.Array, clone: jax.Array, commanded: float
) -> tuple[jax.Array, jax.Array]:
  """The goal of each recorded step, whole windows mostly of one sort.

  Goal 0 is told only where it is what the player was about; a step that has
  one sort of goal only takes that.

  Args:
    rng: a key.
    hindsight: `[B, T]` i32 goal ids, negative for none.
    clone: `[B, T]` i32, one of the above.
    commanded: share of windows that are told goal 0 where that can be.

  Returns:
    `[B, T]` i32 ids; `[B, T]` f32, 0 for steps that are not to be cloned.
  """
  wanted = jax.random.bernoulli(rng, commanded, (len(clone), 1))
  later = (clone >= HINDSIGHT) & (hindsight >= 0)
  default = (clone >= ALL) & (wanted | ~later)
  goal = jnp.where(default, DEFAULT, jnp.maximum(hindsight, 0))
  return goal, (default | later).astype(jnp.float32)


def for_dreams(
  rng: jax.Array,
  hindsight: jax.Array,
  feasible: jax.Array,
  shares: tuple[float, float],
) -> jax.Array:
  """The goal of each dream: commanded, in hindsight, or any feasible one.

  Args:
    rng: a key.
    hindsight: `[N]` i32 goal ids, negative for none: then goal 0.
    feasible: `[N]` i32.
    shares: of goal 0, and of goals in hindsight.

  Returns:
    `[N]` i32 ids.
  """
  draw = jax.random.uniform(rng, hindsight.shape)
  other = jnp.where(
    draw < sum(shares), jnp.maximum(hindsight, DEFAULT), feasible
  )
  return jnp.where(draw < shares[0], DEFAULT, other)


def embed(
  rng: jax.Array, goals: jax.Array, ids: jax.Array, noise: float
) -> Command:
  """The command as the policy hears it, a little off.

  Noise makes neighbours of a goal mean what it means, so that a goal worded
  otherwise is understood.

  Args:
    rng: a key.
    goals: `[K, G]` embeddings of unit length.
    ids: `[...]` i32.
    noise: its standard deviation in each of the G numbers.
  """
  embedding = goals[ids]
  if noise:
    embedding += noise * jax.random.normal(rng, embedding.shape)
  return Command(ids, embedding)
