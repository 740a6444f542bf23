"""Lantern Isle's goals, derived from the cartridge's own tables.

What the cartridge knows of itself (maps, people, signs, things that lie about,
trainers, species, shops) is read from it; what it does not say, when a place
can be reached above all, is data in `facts.py`. After a change there
or in the cartridge, run `python -m dreamer_jax.goals.make_embeddings`.
"""

import collections

from dreamer_jax.game import goals as forms
from dreamer_jax.game.goals import Goal, both
from dreamer_jax.games.lantern_isle import facts as given
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.lantern_isle.world.events import EVENTS
from dreamer_jax.lantern_isle.world.map_types import Map
from dreamer_jax.lantern_isle.world.trainers import TRAINERS

NAME = "Lantern Isle"
_COUNT = collections.Counter(m.name for m in maps.MAPS.values())


def place_name(m: Map) -> str:
  """What a map is called; one of several alike is named after its town."""
  if m.name == "home" or (m.name[0].isupper() and "gym" not in m.name):
    return m.name
  if _COUNT[m.name] > 1:
    return f"the {m.name} of {maps.MAPS[m.warps[0].to_map].name}"
  return f"the {m.name}"


PLACES: dict[int, str] = {
  m.id: place_name(m)
  for m in maps.MAPS.values()
  if m.id not in given.NOT_PLACES
}


def needs(map_id: int) -> str:
  """The predicate that a map can be reached."""
  return given.NEEDS.get(map_id, "starter")


def _goal(name, text, kind, done, feasible, *more) -> Goal:
  return Goal(forms.slug(name), text, kind, done, feasible, NAME, more)


def _places() -> list[Goal]:
  go = [forms.go(NAME, n, m, needs(m)) for m, n in PLACES.items()]
  see = [
    forms.discover(NAME, name, m, needs(m), given.SEEN.get(m, ()))
    for m, name in PLACES.items()
  ]
  grass = [
    _goal(
      f"walk to {name}", f"walk to {name}", "navigate",
      f"map {m}, x >= {x0}, x <= {x1}, y >= {y0}, y <= {y1}", needs(m),
      f"stand in {name}", f"search {name}",
    )
    for name, m, (x0, x1), (y0, y1) in given.GRASS
  ]  # fmt: skip
  return go + see + grass


def _meetings(scripts: dict[str, str], verb: str) -> list[Goal]:
  """Speak with a person, or read a sign: face it, and text is open."""
  goals = []
  for script, who in scripts.items():
    m, thing = next(
      (m, thing)
      for m in maps.MAPS.values()
      for thing in (*m.people, *m.signs)
      if thing.script == script
    )
    goals.append(
      _goal(
        f"{verb} {script}", f"{verb} {who}", "talk",
        f"map {m.id}, by {thing.x} {thing.y}, dialog",
        both(needs(m.id), "battle <= 0", "not dialog"),
        f"go and {verb} {who}", f"visit {who}",
      )
    )  # fmt: skip
  return goals


def _trainers() -> list[Goal]:
  """Beat each trainer; the leaders by their gyms."""
  where = {
    thing.script: m for m in maps.MAPS.values() for thing in m.people
  }  # fmt: skip
  goals = []
  for trainer in TRAINERS:
    m, name = where[trainer.script], trainer.name.title()
    who = f"warden {name}" if trainer.gym else name
    flag = f"event {EVENTS[trainer.event]}"
    more = given.LOCKED.get(trainer.script, "")
    goals.append(
      _goal(
        f"beat {name}", f"beat {who} at {PLACES[m.id]}", "battle", flag,
        both(needs(m.id), more, "hp >= 1", f"not {flag}"),
        f"defeat {who} at {PLACES[m.id]}", f"win against {name}",
      )
    )  # fmt: skip
  return goals


def _things() -> list[Goal]:
  """Pick up what lies about."""
  goals = []
  for m in maps.MAPS.values():
    for thing in m.people:
      if not thing.script.startswith("item:"):
        continue
      what = thing.script.removeprefix("item:").lower()
      flag = f"event {EVENTS[thing.gone]}"
      goals.append(
        _goal(
          f"take the {what} at {PLACES[m.id]}",
          f"pick up the {what} that lies at {PLACES[m.id]}", "explore", flag,
          both(needs(m.id), f"not {flag}"),
          f"find the {what} at {PLACES[m.id]}", f"collect the {what} there",
        )
      )  # fmt: skip
  return goals


def _creatures() -> list[Goal]:
  """Choose, find, catch and evolve; found where it is reached first."""
  first: dict[int, int] = {}
  for map_id in given.HUNTING:
    for _, name in maps.MAPS[map_id].wild.slots:
      first.setdefault(tables.species_id(name), map_id)
  goals = []
  for dex, species in enumerate(tables.SPECIES, 1):
    name = species.name.title()
    if dex in tables.STARTERS:
      goals.append(
        _goal(
          f"choose {name}", f"choose {name} as the first creature", "catch",
          f"owned {dex}", "playing, not starter",
          f"take the lamp with {name}", f"start with {name}",
        )
      )  # fmt: skip
    if dex in first:
      able = needs(first[dex])
      goals.append(forms.catch(NAME, name, dex, able))
      goals.append(forms.meet(NAME, name, dex, able))
    level, grown = species.evolves
    if level:
      into = tables.SPECIES[grown - 1].name.title()
      goals.append(
        _goal(
          f"evolve {name}", f"train {name} until it becomes {into}", "battle",
          f"owned {grown}", f"owned {dex}, not owned {grown}",
          f"evolve {name} into {into}", f"get a {into} by training {name}",
        )
      )  # fmt: skip
  return goals


def _shopping() -> list[Goal]:
  """Buy what each shop sells; heal where that is done."""
  goals = []
  for map_id, wares in zip(given.SHOPS, tables.SHOPS, strict=True):
    for item in tables.ITEMS:
      if item.id in wares:
        goals.append(
          forms.buy(
            NAME, item.name.lower(), item.id, PLACES[map_id], map_id,
            needs(map_id), item.price,
          )
        )  # fmt: skip
  return goals + [
    forms.heal(NAME, PLACES[m], m, needs(m)) for m in given.HEALERS
  ]


def _counts() -> list[Goal]:
  species = [
    _goal(
      f"own {n} species", f"own {n} species", "catch", f"species >= {n}",
      both("starter", "balls", f"species <= {n - 1}"),
      f"catch until there are {n} species", f"collect {n} kinds",
    )
    for n in given.SPECIES_COUNTS
  ]  # fmt: skip
  badges = [
    _goal(
      f"earn the {name}", f"earn the {name}", "battle", f"badge {bit}",
      both(able, f"not badge {bit}"),
      f"win the {name} from its gym", f"get the {name}",
    )
    for bit, (name, able) in enumerate(given.BADGES)
  ]  # fmt: skip
  return species + badges


def _story() -> list[Goal]:
  return [
    forms.story(
      NAME, name, text, kind, EVENTS[event],
      both(*(given.after(EVENTS, w) for w in words)), f"now {text}", other,
    )
    for name, text, kind, event, words, other in given.STORY
  ]  # fmt: skip


def make() -> tuple[Goal, ...]:
  """All of them; names begin with `isle_`."""
  goals = [
    *_places(), *_meetings(given.TALKS, "talk to"),
    *_meetings(given.READS, "read"), *_trainers(), *_things(), *_creatures(),
    *_shopping(), *_counts(), *_story(),
    *(forms.train(NAME, level, "a creature") for level in given.LEVELS),
  ]  # fmt: skip
  return tuple(forms.prefixed(goal, "isle_") for goal in goals)
