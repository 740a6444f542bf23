"""What is known of a game beyond its RAM, by the ROM's name."""

import functools
from collections.abc import Collection

from dreamer_jax.game import rom as roms
from dreamer_jax.game import world_map
from dreamer_jax.game.red import names
from dreamer_jax.game.world_map import Edge, Warp, WorldMap
from dreamer_jax.lantern_isle.world import events as story
from dreamer_jax.lantern_isle.world import maps


def world(rom_name: str) -> WorldMap:
  """The maps of the game with this `Rom.name`; Red's where it is not known."""
  return lantern_isle() if rom_name == roms.LANTERN_ISLE else red()


@functools.cache
def red() -> WorldMap:
  """Pokémon Red's world."""
  return world_map.red()


@functools.cache
def lantern_isle() -> WorldMap:
  """Our own game's world, from the maps that its ROM is built of."""
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


def species(rom_name: str) -> Collection[int]:
  """Ids that a party member may have; empty where any may be."""
  return () if rom_name == roms.LANTERN_ISLE else names.SPECIES


def events(rom_name: str) -> dict[str, int]:
  """Story flags by name, bits of `wEventFlags`; Red's where none is known."""
  if rom_name == roms.LANTERN_ISLE:
    return dict(story.EVENTS)
  return dict(names.EVENTS)
