"""What the courier can be told, and which of the game's goals that serves."""

import functools
from collections.abc import Iterator, Sequence

import numpy as np

from dreamer_jax.game import goals as forms
from dreamer_jax.game.ram import GameRam
from dreamer_jax.games.lantern_isle import facts as given
from dreamer_jax.games.lantern_isle.goals import PLACES
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


def names(task: Task, ram: GameRam) -> Sequence[str]:
  """See `games.definition.Tasks.names`."""
  if task.kind == "see":
    return _seen(task)
  if task.kind == "catch":
    return _caught(task, ram)
  return _gone_to(task.place) if task.kind == "go" else ()


def player(rng: np.random.Generator, task: Task | None) -> Courier:
  """See `games.definition.Tasks.player`."""
  return Courier(rng, epsilon=0.0, only=task or Task("play"))


def every(ram: GameRam) -> Iterator[Task]:
  """See `games.definition.Tasks.every`."""
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
