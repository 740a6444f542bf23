"""Packs the small facts of a replay step into a row of bytes.

TPUs lay arrays out in tiles of 128 columns. Rows of seven numbers or of forty
bytes are filled up to that, and to gather some of them the compiler makes such
a copy of the whole replay, at each update. Rows of 128 bytes need none.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.contract import DONE_BYTES, NUM_MAPS, NUM_TERMS

WIDTH = 128  # bytes of a row; the last ones are spare
_TERMS = 4 * NUM_TERMS  # where the terms end, f32, low bytes first ...
_MAPS = _TERMS + NUM_MAPS // 8  # ... the maps ...
_GOALS = _MAPS + DONE_BYTES  # ... the goals ...
_RETURNS = _GOALS + 8  # ... and two returns, f32


def pack(
  terms: np.ndarray, maps_seen: np.ndarray, goals_done: np.ndarray,
  returns: np.ndarray,
) -> np.ndarray:
  """`[T, WIDTH]` u8, on the host.

  Args:
    terms: `[T, 7]` f32, unweighted reward terms.
    maps_seen: `[T, M/8]` u8, bit field of the maps met so far.
    goals_done: `[T, DONE_BYTES]` u8, bit field of the goals that hold.
    returns: `[T, 2]` f32, what really followed: `types.Batch`.
  """
  rows = np.zeros((len(terms), WIDTH), np.uint8)
  rows[:, :_TERMS] = np.ascontiguousarray(terms, "<f4").view(np.uint8)
  rows[:, _TERMS:_MAPS] = maps_seen
  rows[:, _MAPS:_GOALS] = goals_done
  rows[:, _GOALS:_RETURNS] = np.ascontiguousarray(returns, "<f4").view(np.uint8)
  return rows


def unpack(rows: jax.Array) -> tuple[jax.Array, ...]:
  """What `pack` took, of rows `[..., WIDTH]`."""
  floats = lambda x: jax.lax.bitcast_convert_type(
    x.reshape(*x.shape[:-1], -1, 4), jnp.float32
  )
  return (
    floats(rows[..., :_TERMS]),
    rows[..., _TERMS:_MAPS],
    rows[..., _MAPS:_GOALS],
    floats(rows[..., _GOALS:_RETURNS]),
  )
