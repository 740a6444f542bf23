"""Lantern Isle's world as one plane."""

import functools

from dreamer_jax.game import world_map
from dreamer_jax.game.world_map import Edge, Warp, WorldMap
from dreamer_jax.lantern_isle.world import maps


@functools.cache
def make() -> WorldMap:
  """The world, from the maps that the ROM is built of."""
  everything = maps.MAPS
  edges, warps = [], []
  for m in everything.values():
    for side in ("north", "south", "west", "east"):
      target = getattr(m, side, None)
      if target is None:
        continue
      other = everything[target]  # edge to edge, their top left corners level
      x = {"west": other.width - 1}.get(side, 0)
      y = {"north": other.height - 1}.get(side, 0)
      edges.append(Edge(m.id, side, target, x, y))
    for w in m.warps:
      there = everything[w.to_map].warps[w.to_warp]
      warps.append(Warp(m.id, w.x, w.y, w.to_map, there.x, there.y))
  return world_map.build(
    {m.id: (m.width, m.height) for m in everything.values()},
    edges,
    warps,
    {m.id: m.name for m in everything.values()},
    start=maps.HOME_TOWN,
  )
