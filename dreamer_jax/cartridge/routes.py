"""Ways across the island: distances to a place, over doors and map edges."""

import functools
import heapq

import numpy as np

from dreamer_jax.cartridge import map_types, maps

UP, DOWN, LEFT, RIGHT = 4, 5, 6, 7  # the actions that walk
STEPS = {UP: (0, -1), DOWN: (0, 1), LEFT: (-1, 0), RIGHT: (1, 0)}

Place = tuple[int, int, int]  # (map id, x, y)
_GRASS_COST = 4.0  # steps that a step in tall grass is worth avoiding


@functools.cache
def graph() -> dict[Place, dict[int, Place]]:
  """Where each walking action leads from every free cell."""
  walkable = {m.id: m.walkable for m in maps.MAPS.values()}
  return {
    (m.id, x, y): _moves(m, x, y, walkable)
    for m in maps.MAPS.values()
    for y, x in np.argwhere(walkable[m.id]).tolist()
  }


def _moves(m: maps.Map, x: int, y: int, walkable) -> dict[int, Place]:
  moves = {}
  for action, (dx, dy) in STEPS.items():
    if action == DOWN and m.rows[y][x] == map_types.MAT:
      moves[action] = _through_warp(m, x, y)
      continue
    place = _neighbour(m, x + dx, y + dy)
    if place is None or not walkable[place[0]][place[2], place[1]]:
      continue
    to_map = maps.MAPS[place[0]]
    if to_map.rows[place[2]][place[1]] == map_types.DOOR:
      place = _through_warp(to_map, place[1], place[2])
    moves[action] = place
  return moves


def _neighbour(m: maps.Map, x: int, y: int) -> Place | None:
  """The cell at (x, y), which may lie on the map to the north or south."""
  if not 0 <= x < m.width:
    return None
  if 0 <= y < m.height:
    return (m.id, x, y)
  other = m.north if y < 0 else m.south
  if other is None:
    return None
  return (other, x, maps.MAPS[other].height - 1 if y < 0 else 0)


def _through_warp(m: maps.Map, x: int, y: int) -> Place:
  warp = next(w for w in m.warps if (w.x, w.y) == (x, y))
  return (warp.to_map, warp.to_x, warp.to_y)


@functools.cache
def _arrivals() -> dict[Place, list[Place]]:
  """The graph backwards: the cells from which one step leads to a place."""
  back: dict[Place, list[Place]] = {}
  for place, moves in graph().items():
    for target in moves.values():
      back.setdefault(target, []).append(place)
  return back


@functools.lru_cache(maxsize=256)
def distances(target: Place) -> dict[Place, float]:
  """Cost of the cheapest way from every place to `target` (Dijkstra).

  A step costs one, and a step into tall grass more.
  """
  back = _arrivals()
  best = {target: 0.0}
  queue = [(0.0, target)]
  while queue:
    cost, place = heapq.heappop(queue)
    if cost > best[place]:
      continue
    map_id, x, y = place
    grass = maps.MAPS[map_id].rows[y][x] == map_types.GRASS
    cost += _GRASS_COST if grass else 1.0
    for source in back.get(place, ()):
      if cost < best.get(source, np.inf):
        best[source] = cost
        heapq.heappush(queue, (cost, source))
  return best


def distance(place: Place, target: Place) -> float:
  """Cost of the cheapest way; infinite where there is none."""
  return distances(target).get(place, np.inf)


@functools.lru_cache(maxsize=65536)
def best_actions(place: Place, target: Place) -> tuple[int, ...]:
  """Actions from `place` on a cheapest way to `target`; empty if none is."""
  best = distances(target)
  moves = graph().get(place, {})
  costs = {a: best[p] + _step(p) for a, p in moves.items() if p in best}
  low = min(costs.values(), default=0.0)
  return tuple(a for a, cost in costs.items() if cost == low)


def _step(place: Place) -> float:
  map_id, x, y = place
  grass = maps.MAPS[map_id].rows[y][x] == map_types.GRASS
  return _GRASS_COST if grass else 1.0
