"""Mistakes on the way: into dead ends, and against what is shut.

Play that makes none teaches neither a clone how to come back, nor a world
model what does not open. Laskey et al. (2017, "DART") disturb demonstrators by
chance alone; people err with more persistence, so this does.
"""

import numpy as np

from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.players.battling import A
from dreamer_jax.lantern_isle.players.routes import Passes, Place
from dreamer_jax.lantern_isle.world import maps

_LONGEST = 40  # actions of a way
_PRESSES = (2, 9)  # against what is shut
_ON_ARRIVAL = 10  # times likelier at the first step on a map
_ANYWHERE = 4  # cells of the map that a stray may go to for no reason


class Strays:
  """Now and then goes somewhere wrong on the map where it stands."""

  def __init__(self, rng: np.random.Generator, chance: float):
    """Strays begin with this chance at each step of a walk, 0-1."""
    self._rng = rng
    self._chance = chance
    self._map = -1  # where the last step was
    self._target: Place | None = None
    self._presses: list[int] = []  # once it is there
    self._left = 0

  def act(self, place: Place, open_: Passes) -> int | None:
    """The action of a stray, or None while there is none.

    Args:
      place: where the player stands and may walk.
      open_: what is open to it.
    """
    if not self._chance:
      return None
    arrives, self._map = place[0] != self._map, place[0]
    if self._target is None and not self._presses:
      chance = self._chance * (_ON_ARRIVAL if arrives else 1)
      if self._rng.random() >= chance:
        return None
      self._begin(place, open_)
    if self._target is not None:
      self._left -= 1
      ways = routes.best_actions(place, self._target, open_)
      if place != self._target and ways and self._left > 0:
        return ways[int(self._rng.integers(len(ways)))]
      self._target = None
    return self._presses.pop() if self._presses else None

  def _begin(self, place: Place, open_: Passes) -> None:
    """Chooses where to: what is shut, a thing, or any cell, alike."""
    near = [
      [(at, [press] * int(self._rng.integers(*_PRESSES)))
       for at, press in shut(place[0], open_)],
      [(at, [A, face]) for at, face in things(place[0])],
      self._anywhere(place[0], open_),
    ]  # fmt: skip
    near = [
      [(at, press) for at, press in kind if _is_near(place, at, open_)]
      for kind in near
    ]
    near = [kind for kind in near if kind]
    if near:
      kind = near[int(self._rng.integers(len(near)))]
      self._target, self._presses = kind[int(self._rng.integers(len(kind)))]
      self._left = _LONGEST

  def _anywhere(self, map_id: int, open_: Passes) -> list:
    cells = _cells(map_id, open_)
    count = min(len(cells), _ANYWHERE)
    chosen = self._rng.choice(len(cells), count, replace=False) if count else ()
    return [(cells[i], []) for i in chosen]


def shut(map_id: int, open_: Passes) -> list[tuple[Place, int]]:
  """Cells of a map, and the action from each that only a gate forbids."""
  now, later = routes.graph(open_), routes.graph(routes.ALL_OPEN)
  return [
    (place, action)
    for place in _cells(map_id, open_)
    for action in later.get(place, ())
    if action not in now[place]
  ]


def things(map_id: int) -> list[tuple[Place, int]]:
  """Where things lie or lay: a cell beside each, and the action to face it."""
  return [
    routes.beside(map_id, thing.script)
    for thing in (maps.MAPS[map_id].people if map_id in maps.MAPS else ())
    if thing.script.startswith("item:")
  ]


def _cells(map_id: int, open_: Passes) -> list[Place]:
  return [place for place in routes.graph(open_) if place[0] == map_id]


def _is_near(place: Place, target: Place, open_: Passes) -> bool:
  return routes.distance(place, target, open_) < _LONGEST
