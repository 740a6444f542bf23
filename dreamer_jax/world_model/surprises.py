"""Keeps the windows that the world model foresaw badly, to be read again.

Kauvar et al., "Curious Replay for Model-based Adaptation", 2023. What a policy
meets and no script shows, a menu that does not close, is a moment among a
million steps; here such a moment is not weighed back, unlike one about a rare
event. Pure functions, for use inside jit.
"""

import jax
import jax.numpy as jnp

from dreamer_jax.types import Surprises

_KEPT = 64  # windows for each sequence of a batch
_FADES = 0.7  # what one counts each time it is read again


def none(batch: int) -> Surprises:
  """Room for so many as are kept beside a batch of B, all of it empty."""
  count = _KEPT * batch
  return Surprises(jnp.full(count, -1, jnp.int32), jnp.zeros(count))


def draw(
  surprises: Surprises, rng: jax.Array, count: int
) -> tuple[jax.Array, jax.Array]:
  """Draws some in proportion to their nats.

  Returns:
    `[count]` i32, which of them; `[]` bool, whether there are any.
  """
  by_nats = jnp.log(surprises.nats)
  drawn = jax.random.categorical(rng, by_nats, shape=(count,))
  return drawn, (surprises.nats > 0).any()


def keep(
  surprises: Surprises, start: jax.Array, again: jax.Array, nats: jax.Array
) -> Surprises:
  """The most surprising of those that were kept and those just read.

  What is read again counts for less each time, or what nobody can foresee,
  which creature comes, would be read for ever.

  Args:
    surprises: as they were.
    start: `[B]` i32, first steps of the windows just read.
    again: `[B]` i32, which of `surprises` each of these is; negative: none.
    nats: `[B]` f32, how badly each was foreseen, 0 or more.
  """
  is_known = again >= 0
  slot = jnp.where(is_known, again, len(surprises.nats))
  less = jnp.minimum(surprises.nats.at[slot].get(mode="clip"), nats) * _FADES
  old = surprises.nats.at[slot].set(less, mode="drop")
  new = jnp.where(is_known, 0.0, nats)
  worst, order = jax.lax.top_k(jnp.concatenate([old, new]), len(old))
  return Surprises(jnp.concatenate([surprises.place, start])[order], worst)
