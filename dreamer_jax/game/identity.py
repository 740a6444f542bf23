"""Tells whether a loaded state is of the ROM that it was loaded with.

A save state names no game. But a game copies its tiles from its ROM, and keeps
rules in its RAM: a state of another game breaks one or the other.
"""

from collections.abc import Collection

import numpy as np

from dreamer_jax.game import sanity
from dreamer_jax.game.ram import decode
from dreamer_jax.game.world_map import WorldMap

_TILE_BYTES = 16
_FEW = 8  # tiles that tell nothing yet
_SHARE = 0.1  # of tiles; Lantern Isle's are all found, another game's are none
_PLAIN = 5  # distinct bytes below which a tile may be any game's


def tiles_found(rom: bytes, tiles: bytes) -> tuple[int, int]:
  """How many of the distinct tiles in video memory are in a ROM.

  Plain ones do not count. A tile of two shades may be kept in half the bytes.

  Args:
    rom: the whole file.
    tiles: `[384 * 16]` bytes of video memory.

  Returns:
    (found, looked at).
  """
  starts = range(0, len(tiles), _TILE_BYTES)
  distinct = {tiles[i : i + _TILE_BYTES] for i in starts}
  distinct = {tile for tile in distinct if len(set(tile)) >= _PLAIN}
  return sum(_is_in(rom, tile) for tile in distinct), len(distinct)


def _is_in(rom: bytes, tile: bytes) -> bool:
  low, high = tile[::2], tile[1::2]
  if tile in rom:
    return True
  if low == high or not any(high):
    return low in rom
  return not any(low) and high in rom


def problem(
  rom: bytes,
  tiles: bytes,
  raw: np.ndarray,
  world: WorldMap,
  species: Collection[int] = (),
) -> str:
  """Why what was loaded is not of this ROM; "" where nothing speaks against.

  Args:
    rom: the whole file.
    tiles: `[384 * 16]` bytes of video memory.
    raw: `[RAM_SIZE]` u8, the snapshot.
    world: of the ROM's game.
    species: as `sanity.problems` takes them.
  """
  found, seen = tiles_found(rom, tiles)
  if seen < _FEW:
    return (
      "it is of a moment at which the game has drawn nothing yet, so that "
      "nobody can say which game it is"
    )
  if found < _SHARE * seen:
    return (
      f"it is of another game: of the {seen} tiles in its video memory, "
      f"{found} are in this ROM"
    )
  ram = decode(raw)
  if not ram.is_playing:
    return ""
  if ram.can_act and not ram.is_walking:
    broken = sanity.problems(raw, world, species)
  else:
    broken = sanity.lasting_problems(raw, species)
  if broken:
    return f"its RAM is not this game's: {'; '.join(broken)}"
  return ""
