"""The island's maps together: gates, places, and all maps on one plane.

`MAPS` is the truth: the build turns it into the ROM's tables, the scripted
expert plans its walks on it, and evaluation places positions of several maps
on one plane with `global_xy`. Ids are those of Pokémon Red's analogous maps.
"""

import numpy as np

from dreamer_jax.lantern_isle.world import tables
from dreamer_jax.lantern_isle.world.map_types import Gate, Map, Thing, Warp
from dreamer_jax.lantern_isle.world.maps_indoor import INDOOR_MAPS
from dreamer_jax.lantern_isle.world.maps_outdoor import (
  BALCONY,
  CAVE_MAP,
  EMBER_PASS,
  GYM,
  GYM_2,
  HEALING_HOUSE,
  HEALING_HOUSE_2,
  HOME,
  HOME_TOWN,
  KEEPER_HOUSE,
  LAMP_ROOM,
  LIGHTHOUSE,
  NEIGHBOUR,
  OUTDOOR_MAPS,
  REED_WALK,
  ROUTE,
  SECOND_TOWN,
  SHOP,
  SHOP_2,
  THIRD_TOWN,
  WOOD,
)

__all__ = [
    "BALCONY", "CAVE_MAP", "CREDITS", "EMBER_PASS", "GATES", "GYM", "GYM_2",
    "HEALING_HOUSE", "HEALING_HOUSE_2", "HOME", "HOME_TOWN", "KEEPER_HOUSE",
    "LAMP_ROOM", "LIGHTHOUSE", "MAPS", "NEIGHBOUR", "ORIGINS", "REED_WALK",
    "RESTORES", "ROUTE", "SECOND_TOWN", "SHOP", "SHOP_2", "START",
    "THIRD_TOWN", "TITLE_ROWS", "WOOD", "Gate", "Map", "Thing", "Warp",
    "global_xy",
]  # fmt: skip

MAPS: dict[int, Map] = {m.id: m for m in (*OUTDOOR_MAPS, *INDOOR_MAPS)}

BOTH_BADGES = 3
GATES = (
  Gate(HOME_TOWN, (9, 10), (1, 1), "starter", 0, "guard_stop", "down"),
  Gate(SECOND_TOWN, (18, 18), (12, 13), "badges", 1, "badge_stop", "left"),
  Gate(REED_WALK, (9, 10), (2, 2), "item", tables.LANTERN, "dark_stop",
       "down"),
  Gate(LIGHTHOUSE, (6, 7), (2, 2), "badges", BOTH_BADGES, "stairs_stop",
       "down"),
)  # fmt: skip

# The title's picture, ten cells wide, drawn under the game's name.
TITLE_ROWS = (
  "T.T<^^>T.T",
  "f..[~~]..f",
  "...oD#o...",
  "ww==-====w",
  "wwww-wwwww",
)

START = (HOME, 5, 3)  # map, x, y where play begins
CREDITS = (BALCONY, 5, 4)  # where play goes on after the end
# Where a lost battle ends, by the map of the last healing: x, y.
RESTORES = {HOME_TOWN: (3, 6), SECOND_TOWN: (4, 11), THIRD_TOWN: (4, 11)}


def neighbours(m: Map) -> list[tuple[int, int, int]]:
  """(map id, dx, dy): the maps that touch this one, and their offset."""
  sides = []
  if m.north is not None:
    sides.append((m.north, 0, -MAPS[m.north].height))
  if m.south is not None:
    sides.append((m.south, 0, m.height))
  if m.west is not None:
    sides.append((m.west, -MAPS[m.west].width, 0))
  if m.east is not None:
    sides.append((m.east, m.width, 0))
  return sides


def _origins() -> dict[int, tuple[int, int]]:
  """Each map's top left corner on the common plane, in player tiles."""
  origins = {SECOND_TOWN: (0, 0)}
  waiting = [MAPS[SECOND_TOWN]]
  while waiting:
    m = waiting.pop()
    x, y = origins[m.id]
    found = {to: (x + dx, y + dy) for to, dx, dy in neighbours(m)}
    for warp in m.warps:
      end = MAPS[warp.to_map].warps[warp.to_warp]
      found[warp.to_map] = (x + warp.x - end.x, y + warp.y - end.y)
    for other, origin in found.items():
      if other not in origins:
        origins[other] = origin
        waiting.append(MAPS[other])
  return origins


ORIGINS = _origins()


def global_xy(
  map_id: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """Places positions of all maps on one plane.

  Outdoor maps lie edge to edge as they connect; an interior lies so that its
  mat coincides with its door outside. An unknown map counts as map 0.

  Args:
    map_id: [...] int, map id.
    x: [...] int, player tiles from the map's left.
    y: [...] int, player tiles from the map's top.

  Returns:
    (gx, gy), each [...] i32, player tiles; may be negative.
  """
  table = np.tile(np.array(ORIGINS[HOME_TOWN], np.int32), (256, 1))
  for known, origin in ORIGINS.items():
    table[known] = origin
  corner = table[np.asarray(map_id) & 255]
  gx = corner[..., 0] + np.asarray(x, np.int32)
  gy = corner[..., 1] + np.asarray(y, np.int32)
  return gx, gy
