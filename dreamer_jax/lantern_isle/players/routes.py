"""Ways across the island: distances to a place, over doors and map edges.

What is open changes with the story: gates need a starter, a badge, an item,
and the second gym's bars an event. A set of *passes* says which are open.
"""

import functools
import heapq

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game.ram import GameRam
from dreamer_jax.lantern_isle.world import map_types, maps
from dreamer_jax.lantern_isle.world.events import EVENTS

# The actions that walk.
UP, DOWN, LEFT, RIGHT = map(BUTTONS.index, ("up", "down", "left", "right"))
STEPS = {UP: (0, -1), DOWN: (0, 1), LEFT: (-1, 0), RIGHT: (1, 0)}
LOCK = "gym_lock_open"

Place = tuple[int, int, int]  # (map id, x, y)
Passes = frozenset[str]  # texts of the gates that let the player pass, LOCK
ALL_OPEN: Passes = frozenset((LOCK, *(gate.script for gate in maps.GATES)))
_WILD_COST = 4.0  # steps that a step in tall grass is worth avoiding


def passes(ram: GameRam) -> Passes:
  """What is open to the player (scalar fields)."""
  held = {item for item, n in ram.bag.tolist() if n}
  opens = {
    "starter": lambda amount: bool(ram.got_starter),
    "badges": lambda amount: int(ram.badges) & amount == amount,
    "item": lambda amount: amount in held,
  }
  found = {g.script for g in maps.GATES if opens[g.needs](g.amount)}
  if ram.event(EVENTS[LOCK]):
    found.add(LOCK)
  return frozenset(found)


def _free(m: maps.Map, open_: Passes) -> np.ndarray:
  """[height, width] bool: where one may stand."""
  free = m.walkable
  for gate in maps.GATES:
    if gate.map_id == m.id and gate.script not in open_:
      (x0, x1), (y0, y1) = gate.x, gate.y
      free[y0 : y1 + 1, x0 : x1 + 1] = False
  for person in m.people:
    if person.gone and not (person.gone == LOCK and LOCK in open_):
      free[person.y, person.x] = False  # things lie in dead ends: no way
  return free


@functools.cache
def graph(open_: Passes = ALL_OPEN) -> dict[Place, dict[int, Place]]:
  """Where each walking action leads from every free cell."""
  walkable = {m.id: _free(m, open_) for m in maps.MAPS.values()}
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
    if to_map.rows[place[2]][place[1]] in map_types.DOORS:
      place = _through_warp(to_map, place[1], place[2])
    moves[action] = place
  return moves


def _neighbour(m: maps.Map, x: int, y: int) -> Place | None:
  """The cell at (x, y), which may lie on a map beside this one."""
  if 0 <= x < m.width and 0 <= y < m.height:
    return (m.id, x, y)
  for other, dx, dy in maps.neighbours(m):
    there = maps.MAPS[other]
    if 0 <= x - dx < there.width and 0 <= y - dy < there.height:
      return (other, x - dx, y - dy)
  return None


def _through_warp(m: maps.Map, x: int, y: int) -> Place:
  warp = next(w for w in m.warps if (w.x, w.y) == (x, y))
  end = maps.MAPS[warp.to_map].warps[warp.to_warp]
  return (warp.to_map, end.x, end.y)


@functools.cache
def _arrivals(open_: Passes) -> dict[Place, list[Place]]:
  """The graph backwards: the cells from which one step leads to a place."""
  back: dict[Place, list[Place]] = {}
  for place, moves in graph(open_).items():
    for target in moves.values():
      back.setdefault(target, []).append(place)
  return back


def _cost(place: Place) -> float:
  map_id, x, y = place
  wild = maps.MAPS[map_id].rows[y][x] in map_types.WILD_CELLS
  return _WILD_COST if wild else 1.0


@functools.lru_cache(maxsize=512)
def distances(target: Place, open_: Passes = ALL_OPEN) -> dict[Place, float]:
  """Cost of the cheapest way from every place to `target` (Dijkstra).

  A step costs one, and a step into tall grass more.
  """
  back = _arrivals(open_)
  best = {target: 0.0}
  queue = [(0.0, target)]
  while queue:
    cost, place = heapq.heappop(queue)
    if cost > best[place]:
      continue
    cost += _cost(place)
    for source in back.get(place, ()):
      if cost < best.get(source, np.inf):
        best[source] = cost
        heapq.heappush(queue, (cost, source))
  return best


def distance(place: Place, target: Place, open_: Passes = ALL_OPEN) -> float:
  """Cost of the cheapest way; infinite where there is none."""
  return distances(target, open_).get(place, np.inf)


@functools.lru_cache(maxsize=65536)
def best_actions(
  place: Place, target: Place, open_: Passes = ALL_OPEN
) -> tuple[int, ...]:
  """Actions from `place` on a cheapest way to `target`; empty if none is."""
  best = distances(target, open_)
  moves = graph(open_).get(place, {})
  costs = {a: best[p] + _cost(p) for a, p in moves.items() if p in best}
  low = min(costs.values(), default=0.0)
  return tuple(a for a, cost in costs.items() if cost == low)


@functools.cache
def beside(map_id: int, script: str) -> tuple[Place, int]:
  """Where to stand for a thing with this script, and the action that faces it.

  A counter is talked over; below the thing is preferred, as its face is there.

  Raises:
    ValueError: there is no such thing, or no free cell beside it.
  """
  m = maps.MAPS[map_id]
  thing = next(t for t in (*m.people, *m.signs) if t.script == script)
  for action in (UP, LEFT, RIGHT, DOWN):
    dx, dy = STEPS[action]
    x, y = thing.x - dx, thing.y - dy
    if m.rows[y][x] == map_types.COUNTER:
      x, y = x - dx, y - dy
    if (map_id, x, y) in graph():
      return (map_id, x, y), action
  raise ValueError(f"nobody can stand beside {script!r} on map {map_id}")
