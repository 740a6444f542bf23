"""Which goals hold along an episode: what the world model learns to predict."""

import numpy as np

from dreamer_jax.contract import DONE_BYTES
from dreamer_jax.data.episodes import Episode
from dreamer_jax.errors import UserError
from dreamer_jax.game.goals import ANY_GAME
from dreamer_jax.goals import predicates
from dreamer_jax.goals.vocabulary import GOALS


def done_bits(episode: Episode) -> np.ndarray:
  """A bit for each goal at each step of an episode.

  A goal about a state ("be in the healing house") holds while the state
  lasts. One about a change ("win a battle") holds at the step that brought
  it. Goals of another game never hold.

  Returns:
    `[T, DONE_BYTES]` u8, a bit field: bit id % 8 of byte id // 8.

  Raises:
    UserError: there are more goals than bits.
  """
  if len(GOALS) > 8 * DONE_BYTES:
    raise UserError(
      f"{len(GOALS)} goals do not fit in {8 * DONE_BYTES} bits: raise "
      f"contract.DONE_BYTES, and train again"
    )
  now = predicates.of_episode(episode.decode_ram(), episode.terms)
  before = now[np.maximum(np.arange(len(episode)) - 1, 0)]
  bits = np.zeros((len(episode), 8 * DONE_BYTES), bool)
  memo: dict = {}
  for i, goal in enumerate(GOALS):
    if goal.game in (ANY_GAME, episode.meta["rom"]["name"]):
      bits[:, i] = predicates.holds(goal.done, now, before, memo)
  return np.packbits(bits, axis=-1, bitorder="little")
