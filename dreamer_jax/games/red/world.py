"""Pokémon Red's world as one plane."""

import functools

from dreamer_jax.game.world_map import Edge, Warp, WorldMap, build
from dreamer_jax.games.red import maps, names


@functools.cache
def make() -> WorldMap:
  """The world, from tables of facts."""
  return build(
    maps.SIZES,
    (Edge(*row) for row in maps.EDGES),
    (Warp(*row) for row in maps.WARPS),
    names.MAPS,
    start=0,
  )
