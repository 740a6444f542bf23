"""Which goals a courier's task serves: demonstrations that know their goal.

Hindsight guesses what a player was about from what it came to; the courier is
told what to do, so its play is cloned under that very goal, also where chance
kept it from catching what it looked for.
"""

import functools
from collections.abc import Iterator, Sequence

import numpy as np

from dreamer_jax.contract import NUM_TERMS
from dreamer_jax.data.episodes import NO_GOAL
from dreamer_jax.game.ram import GameRam
from dreamer_jax.goals import goal as forms
from dreamer_jax.goals import lantern_facts as given
from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.goal import LANTERN_ISLE
from dreamer_jax.goals.lantern import PLACES
from dreamer_jax.goals.predicates import Watcher
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.courier import (
  ANY,
  Courier,
  Task,
  goods_of,
)
from dreamer_jax.lantern_isle.players.itinerary import Errand
from dreamer_jax.lantern_isle.players.routes import Place
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.lantern_isle.world.trainers import TRAINERS

_CHANCES = itinerary.CHANCES
_NO_TERMS = np.zeros(NUM_TERMS, np.float32)  # what is asked below needs none


class Commanded:
  """A courier that says which goal it is about; see `Expert.act` for `act`.

  Attributes:
    intent: as the courier's.
    goal: id of a goal that its task serves; `NO_GOAL` where it has none.
  """

  def __init__(self, courier: Courier, rng: np.random.Generator):
    """Watches `courier`; `rng` draws one of a task's goals."""
    self._courier, self._rng = courier, rng
    self._task: Task | None = None
    self._watcher: Watcher | None = None
    self.intent, self.goal = courier.intent, NO_GOAL

  def act(self, ram: GameRam) -> int:
    """The courier's action."""
    action = self._courier.act(ram)
    self.intent = self._courier.intent
    if self._watcher is None:
      self._watcher = Watcher(ram)
    else:
      self._watcher.update(ram, _NO_TERMS)
    if self._courier.task is not self._task:
      self._task = self._courier.task
      able = vocabulary.feasible_ids(self._watcher.facts, LANTERN_ISLE)
      fit = [goal for goal in goals_of(self._task, ram) if goal in able]
      self.goal = int(self._rng.choice(fit)) if fit else NO_GOAL
    return action


def goals_of(task: Task, ram: GameRam) -> list[int]:
  """Ids of the goals that doing the task fulfils, whether feasible or not.

  Args:
    task: a courier's.
    ram: when it was given, scalar fields.
  """
  named: Sequence[str] = ()
  if task.kind == "see":
    named = _seen(task)
  elif task.kind == "catch":
    named = _caught(task, ram)
  elif task.kind == "go":
    named = _gone_to(task.place)
  return [vocabulary.IDS[name] for name in named if name in vocabulary.IDS]


def task_for(goal: int, ram: GameRam) -> Task | None:
  """A task that fulfils the goal, seen from where the player is.

  Args:
    goal: its id.
    ram: now, scalar fields.

  Returns:
    The task; None where only playing on will do.
  """
  return next((t for t in _tasks(ram) if goal in goals_of(t, ram)), None)


def _tasks(ram: GameRam) -> Iterator[Task]:
  """All that a courier could be told, nearest places first."""
  for errand in _sights():
    yield Task("see", errand=errand)
  for shop in itinerary.SHOPS:
    yield from (
      Task("see", errand=shop, reply=i) for i in range(len(goods_of(shop)))
    )
  place = (int(ram.map_id), int(ram.x), int(ram.y))
  near: dict[Place, float] = {}  # none while a door is passed
  if place in routes.graph():
    near = routes.distances(place, routes.passes(ram))  # the way back, as far
  way = lambda cell: near.get(cell, np.inf)
  hunts = {
    m: min(itinerary.sample(itinerary.WILD[m]), key=way) for m in _CHANCES
  }
  for map_id in sorted(hunts, key=lambda m: way(hunts[m])):
    if itinerary.wanted_species(ram, map_id):
      yield Task("catch", place=hunts[map_id])
  for map_id, shares in _CHANCES.items():
    for species, share in shares.items():
      if share == max(c.get(species, 0.0) for c in _CHANCES.values()):
        yield Task("catch", species=species, place=hunts[map_id])
  told = set()
  for cell in sorted(near, key=way):
    if _gone_to(cell) not in told:  # the nearest cell of each place
      told.add(_gone_to(cell))
      yield Task("go", place=cell)


def _isle(text: str) -> str:
  return "isle_" + forms.slug(text)


def _seen(task: Task) -> list[str]:
  goods = goods_of(task.errand)
  if goods:
    item = next(i for i in tables.ITEMS if i.id == goods[task.reply])
    shop = PLACES[task.errand[0][0]]
    return [_isle(f"buy {item.name} {shop}")]
  return _sights().get(task.errand, [])


@functools.cache
def _sights() -> dict[Errand, list[str]]:
  """Names of the goals that are reached by seeing somebody or something."""
  trainers = {trainer.script: trainer.name for trainer in TRAINERS}
  found: dict[Errand, list[str]] = {}
  for m in maps.MAPS.values():
    for thing in (*m.people, *m.signs):
      script, names = thing.script, []
      if script in given.TALKS:
        names.append(_isle(f"talk to {script}"))
      if script in given.READS:
        names.append(_isle(f"read {script}"))
      if script in trainers:
        names.append(_isle(f"beat {trainers[script]}"))
      if script.startswith("item:"):
        what = script.removeprefix("item:")
        names.append(_isle(f"take {what} at {PLACES[m.id]}"))
      if names:
        found.setdefault(routes.beside(m.id, script), []).extend(names)
  for errand in itinerary.HEALERS:
    names = [_isle(f"heal {PLACES[errand[0][0]]}"), "heal_team"]
    found.setdefault(errand, []).extend(names)
  found.setdefault(itinerary.NEIGHBOUR, []).append(_isle("get_gift"))
  found.setdefault(itinerary.LAMP_WEST, []).append(_isle("light_west_lamp"))
  both = [_isle("light_east_lamp"), _isle("open_bars")]
  found.setdefault(itinerary.LAMP_EAST, []).extend(both)
  return found


def _caught(task: Task, ram: GameRam) -> list[str]:
  if task.species == ANY:
    count = _isle(f"own {ram.owned_count + 1} species")
    return ["new_species", "grow_team", count]
  name = tables.SPECIES[task.species - 1].name
  return [_isle(f"catch {name}"), _isle(f"meet {name}")]


@functools.cache
def _gone_to(cell: Place) -> tuple[str, ...]:
  map_id, x, y = cell
  place = PLACES.get(map_id, "")
  grass = (
    _isle(f"walk to {name}")
    for name, m, (x0, x1), (y0, y1) in given.GRASS
    if m == map_id and x0 <= x <= x1 and y0 <= y <= y1
  )
  return (_isle(f"go {place}"), _isle(f"discover {place}"), *grass)
