"""A game's maps on one plane, so that distance means tiles to walk.

Outdoor maps lie edge to edge as they connect. What is entered by a door lies
so that its mat coincides with the door outside, so that going in or out moves
nobody. A place with two entrances, as a cave, fits at the one that is nearest
to the start; `misfit` says by how much the others are off.
"""

import dataclasses
import heapq
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

NUM_MAPS = 256  # map ids are one byte


class Edge(NamedTuple):
  """Where walking off a map's side leads.

  North and south: new x = old x + x, new y = y. West and east: new x = x,
  new y = old y + y. Player tiles, as in Red's map headers.
  """

  map_id: int
  side: str  # north, south, west or east
  target: int
  x: int
  y: int


class Warp(NamedTuple):
  """A square that takes the player to another one, player tiles."""

  map_id: int
  x: int
  y: int
  target: int
  target_x: int
  target_y: int


@dataclasses.dataclass(frozen=True)
class WorldMap:
  """Sizes, connections and places of a game's maps."""

  names: Mapping[int, str]
  sizes: Mapping[int, tuple[int, int]]  # width, height in player tiles
  edges: tuple[Edge, ...]
  warps: tuple[Warp, ...]
  origins: Mapping[int, tuple[int, int]]  # of each map's top left corner
  layers: Mapping[int, int]  # warps from the start to the map; 0 = outdoors

  def name(self, map_id: int) -> str:
    """A map's name; `map 77` where it has none."""
    return self.names.get(int(map_id), f"map {int(map_id)}")

  def place(
    self, map_id: np.ndarray, x: np.ndarray, y: np.ndarray
  ) -> tuple[np.ndarray, np.ndarray]:
    """Puts positions of all maps on the plane.

    Args:
      map_id: [...] int; a map that has no place counts as the start's.
      x: [...] int, player tiles from the map's left.
      y: [...] int, player tiles from the map's top.

    Returns:
      (gx, gy), each [...] i32, player tiles from the plane's top left.
    """
    table = np.tile(
      np.array(next(iter(self.origins.values())), np.int32), (NUM_MAPS, 1)
    )
    for known, origin in self.origins.items():
      table[known] = origin
    corner = table[np.asarray(map_id) & (NUM_MAPS - 1)]
    gx = corner[..., 0] + np.asarray(x, np.int32)
    gy = corner[..., 1] + np.asarray(y, np.int32)
    return gx, gy

  def knows(self, map_id: np.ndarray) -> np.ndarray:
    """[...] bool: the map has a place on the plane."""
    return np.isin(map_id, list(self.origins))

  def misfit(self) -> dict[tuple[int, int], int]:
    """By how many tiles two connected maps do not meet, where they do not.

    Keys are (map, target); the smallest distance over their connections.
    """
    off: dict[tuple[int, int], int] = {}
    for source, target, shift in _shifts(self.sizes, self.edges, self.warps):
      if source not in self.origins or target not in self.origins:
        continue
      a, b = self.origins[source], self.origins[target]
      error = abs(a[0] + shift[0] - b[0]) + abs(a[1] + shift[1] - b[1])
      key = (source, target)
      off[key] = min(error, off.get(key, error))
    return {key: error for key, error in off.items() if error}


def build(
  sizes: Mapping[int, tuple[int, int]],
  edges: Iterable[Edge],
  warps: Iterable[Warp],
  names: Mapping[int, str],
  start: int,
) -> WorldMap:
  """Places maps on a plane, from `start` over the fewest warps.

  Args:
    sizes: (width, height) by map id, player tiles.
    edges: of outdoor maps.
    warps: doors, mats, stairs, holes.
    names: by map id.
    start: an outdoor map.

  Returns:
    The world; maps that no way leads to have no origin.
  """
  edges, warps = tuple(edges), tuple(warps)
  ways: dict[int, list] = {}
  count = len(edges)
  shifts = _shifts(sizes, edges, warps)
  for i, (source, target, (dx, dy)) in enumerate(shifts):
    cost = int(i >= count)
    ways.setdefault(source, []).append((cost, target, dx, dy))
    ways.setdefault(target, []).append((cost, source, -dx, -dy))
  origins: dict[int, tuple[int, int]] = {}
  layers: dict[int, int] = {}
  queue = [(0, 0, start, 0, 0)]
  order = 1  # of discovery: ties are broken by it, not by coordinates
  while queue:
    layer, _, current, x, y = heapq.heappop(queue)
    if current in origins:
      continue
    origins[current], layers[current] = (x, y), layer
    for cost, target, dx, dy in ways.get(current, ()):
      if target not in origins and target in sizes:
        heapq.heappush(queue, (layer + cost, order, target, x + dx, y + dy))
        order += 1
  left = min(x for x, _ in origins.values())
  top = min(y for _, y in origins.values())
  origins = {m: (x - left, y - top) for m, (x, y) in origins.items()}
  return WorldMap(dict(names), dict(sizes), edges, warps, origins, layers)


def _shifts(sizes, edges: tuple[Edge, ...], warps: tuple[Warp, ...]):
  """(map, target, target's origin less the map's) of each connection."""
  for e in edges:
    width, height = sizes[e.map_id]
    shift = {
      "north": (-e.x, -1 - e.y),
      "south": (-e.x, height - e.y),
      "west": (-1 - e.x, -e.y),
      "east": (width - e.x, -e.y),
    }[e.side]
    yield e.map_id, e.target, shift
  for w in warps:
    yield w.map_id, w.target, (w.x - w.target_x, w.y - w.target_y)
