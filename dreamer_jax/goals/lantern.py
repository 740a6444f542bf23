"""Lantern Isle's goals, derived from the cartridge's tables.

What the cartridge knows of itself (maps, warps, people, signs, species) is
read from it; what it does not say is data at the top of this file. After a
change there or here, run `python -m dreamer_jax.goals.build`.
"""

from dreamer_jax.cartridge import maps, tables
from dreamer_jax.goals import goal as forms
from dreamer_jax.goals.goal import LANTERN_ISLE, Goal, both

# Maps that can be reached before the starter is got; all others need `LATER`.
FREE = (maps.HOME, maps.HOME_TOWN, maps.KEEPER_HOUSE)
LATER = "starter"
# Story flags that are goals: name, text, kind, flag, when it makes sense.
STORY = (
  ("hear_offer", "look at one of the keeper's lamps", "talk", 33,
   "playing, not starter"),
  ("beat_marla", "beat warden Marla at the Brightwater gym", "battle", 119,
   "starter, hp >= 1"),
)  # fmt: skip
HEALERS = (("home", maps.HOME), ("the healing house", maps.HEALING_HOUSE))
TALKS = {  # scripts of people who are worth a goal, and what they are called
  "mother": "mother", "keeper": "keeper Oda", "guard": "the guard",
  "villager": "the villager", "walker": "the walker on Fern Road",
  "fisher": "the fisher", "healer": "the healer",
  "guest": "the guest of the healing house", "gym_guide": "the gym's guide",
  "leader": "warden Marla",
}  # fmt: skip
READS = {
  "sign_home": "the sign at home", "sign_keeper": "the keeper's sign",
  "sign_south": "Fern Road's southern sign",
  "sign_north": "Fern Road's northern sign", "sign_gym": "the gym's sign",
  "sign_heal": "the healing house's sign",
}  # fmt: skip
# Tall grass worth walking to: name, map, columns, rows.
GRASS = (
  ("the southern grass of Fern Road", maps.ROUTE, (7, 13), (22, 23)),
  ("the eastern grass of Fern Road", maps.ROUTE, (14, 17), (17, 20)),
  ("the western grass of Fern Road", maps.ROUTE, (2, 6), (13, 16)),
  ("the middle grass of Fern Road", maps.ROUTE, (6, 13), (8, 9)),
)
LEVELS = range(6, 13)
SPECIES_COUNTS = (3, 4, 5, 6)
BADGES = ("lamp badge",)
WILD = frozenset(tables.WILD)
BALL = f"item {tables.BALL_ITEM}"


def place_name(m: maps.Map) -> str:
  """What a map is called; a house is named after its town."""
  if m.is_outdoor or m.id in (maps.HOME, maps.KEEPER_HOUSE):
    return m.name if m.is_outdoor or m.name == "home" else f"the {m.name}"
  town = next((maps.MAPS[w.to_map] for w in m.warps), m)
  return f"the {m.name} of {town.name}"


PLACES: dict[int, str] = {m.id: place_name(m) for m in maps.MAPS.values()}


def _needs(map_id: int) -> str:
  return "playing" if map_id in FREE else LATER


def _meetings(scripts: dict[str, str], verb: str) -> list[Goal]:
  """Speak with a person, or read a sign: face it, and text is open."""
  found = {}
  for m in maps.MAPS.values():
    for thing in (*m.people, *m.signs):
      if thing.script in scripts and thing.script not in found:
        found[thing.script] = (m, thing)
  goals = []
  for script, (m, thing) in found.items():
    who = scripts[script]
    text = f"{verb} {who}"
    done = f"map {m.id}, by {thing.x} {thing.y}, dialog"
    more = (f"go and {verb} {who}", f"visit {who}")
    name = forms.slug(f"{verb} {script.removeprefix('sign_')}")
    name += "_sign" if verb == "read" else ""
    ready = both(_needs(m.id), "battle <= 0", "not dialog")
    goals.append(Goal(name, text, "talk", done, ready, LANTERN_ISLE, more))
  return goals


def _grass() -> list[Goal]:
  return [
    Goal(
      forms.slug(f"walk to {name}"), f"walk to {name}", "navigate",
      f"map {m}, x >= {x0}, x <= {x1}, y >= {y0}, y <= {y1}", LATER,
      LANTERN_ISLE, (f"stand in {name}", f"search {name}"),
    )
    for name, m, (x0, x1), (y0, y1) in GRASS
  ]  # fmt: skip


def _visits() -> list[Goal]:
  """See a map for the first time in this episode."""
  return [
    Goal(
      f"discover_{forms.slug(name)}", f"discover {name}", "explore",
      f"visited {m}", both(_needs(m), f"not visited {m}"), LANTERN_ISLE,
      (f"see {name} for the first time", f"explore as far as {name}"),
    )
    for m, name in PLACES.items()
  ]  # fmt: skip


def _creatures() -> list[Goal]:
  goals = []
  for dex, species in enumerate(tables.SPECIES, 1):
    name = species.name.title()
    if dex in WILD:
      caught = forms.catch(LANTERN_ISLE, name, dex, both(LATER, BALL))
      goals += [caught, forms.meet(LANTERN_ISLE, name, dex, LATER)]
    elif dex in tables.STARTERS:
      goals.append(
        Goal(
          f"choose_{forms.slug(name)}", f"choose {name} as the first creature",
          "catch", f"owned {dex}", "playing, not starter", LANTERN_ISLE,
          (f"take the lamp with {name}", f"start with {name}"),
        )
      )  # fmt: skip
  return goals


def _counts() -> list[Goal]:
  species = [
    Goal(
      f"own_{n}_species",
      f"own {n} species",
      "catch",
      f"species >= {n}",
      both(LATER, BALL, f"species <= {n - 1}"),
      LANTERN_ISLE,
      (f"catch until there are {n} species", f"collect {n} kinds"),
    )
    for n in SPECIES_COUNTS
  ]
  badges = [
    Goal(
      forms.slug(f"earn the {name}"),
      f"earn the {name}",
      "battle",
      f"badge {bit}",
      both(LATER, f"not badge {bit}"),
      LANTERN_ISLE,
      (f"win the {name} from the gym", f"get the {name}"),
    )
    for bit, name in enumerate(BADGES)
  ]
  return species + badges


def make() -> tuple[Goal, ...]:
  """All of them; names begin with `isle_`."""
  goals = [
    forms.go(LANTERN_ISLE, name, m, _needs(m)) for m, name in PLACES.items()
  ]
  goals += _visits() + _grass()
  goals += _meetings(TALKS, "talk to") + _meetings(READS, "read")
  goals += _creatures() + _counts()
  goals += [forms.train(LANTERN_ISLE, level) for level in LEVELS]
  goals += [forms.heal(LANTERN_ISLE, name, m, _needs(m)) for name, m in HEALERS]
  goals += [
    forms.story(
      LANTERN_ISLE, name, text, kind, flag, needs,
      f"your task: {text}", f"now {text}",
    )
    for name, text, kind, flag, needs in STORY
  ]  # fmt: skip
  return tuple(forms.prefixed(goal, "isle_") for goal in goals)
