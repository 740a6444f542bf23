"""What a goal is, and the short forms that the tables are written in."""

import dataclasses
from collections.abc import Iterable

ANY_GAME = "any"
KINDS = ("navigate", "battle", "catch", "explore", "talk")  # talk: heal, shop


@dataclasses.dataclass(frozen=True)
class Goal:
  """One goal. Its id is its place in `vocabulary.GOALS`."""

  name: str  # for planners and logs: unique, lower case, words joined by _
  text: str  # for people and the text encoder
  kind: str  # of KINDS; talking, healing and shopping are all "talk"
  done: str  # a predicate, see `predicates`
  feasible: str = ""  # another: it makes sense to set the goal now
  game: str = ANY_GAME  # the name that `game.rom.find` gives
  paraphrases: tuple[str, ...] = ()  # other ways to say the text


def slug(text: str) -> str:
  """`"the Mt. Moon 1F"` -> `"mt_moon_1f"`."""
  kept = "".join(c if c.isalnum() else " " for c in text.replace("'", ""))
  return "_".join(word for word in kept.lower().split() if word != "the")


def both(*predicates: str) -> str:
  """The predicate that all of these hold."""
  return ", ".join(p for p in predicates if p)


def prefixed(goal: Goal, prefix: str) -> Goal:
  """The goal under a name that begins with `prefix`."""
  return dataclasses.replace(goal, name=prefix + goal.name)


def go(game, place: str, map_id: int, needs: str = "") -> Goal:
  """Be on a map."""
  return Goal(
    f"go_{slug(place)}", f"go to {place}", "navigate", f"map {map_id}",
    both(needs, f"not map {map_id}"), game,
    (f"walk to {place}", f"enter {place}", f"find the way to {place}"),
  )  # fmt: skip


def discover(
  game, place: str, map_id: int, needs: str, proofs: Iterable[str]
) -> Goal:
  """Set foot on a map for the first time.

  `visited` knows this episode alone; each of the `proofs` says that the player
  was there before it began.
  """
  fresh = (f"not {proof}" for proof in proofs)
  return Goal(
    f"discover_{slug(place)}", f"discover {place}", "explore",
    f"visited {map_id}", both(needs, f"not visited {map_id}", *fresh), game,
    (f"see {place} for the first time", f"explore as far as {place}"),
  )  # fmt: skip


def catch(game, name: str, dex: int, needs: str) -> Goal:
  """Own a species; `needs` is what it takes to get where it lives."""
  return Goal(
    f"catch_{slug(name)}", f"catch a {name}", "catch", f"owned {dex}",
    both(needs, "balls", f"not owned {dex}"), game,
    (f"get a {name} with a ball", f"add {name} to the team"),
  )  # fmt: skip


def meet(game, name: str, dex: int, needs: str) -> Goal:
  """Have seen a species in battle."""
  return Goal(
    f"meet_{slug(name)}", f"find a wild {name}", "explore", f"seen {dex}",
    both(needs, f"not seen {dex}"), game,
    (f"look for a {name}", f"encounter {name} in the grass"),
  )  # fmt: skip


def story(
  game, name: str, text: str, kind: str, event: int, needs: str, *more: str
) -> Goal:
  """Have a story flag set."""
  done = f"event {event}"
  return Goal(name, text, kind, done, both(needs, f"not {done}"), game, more)


def train(game, level: int, whom: str) -> Goal:
  """Have a member of a level."""
  return Goal(
    f"train_to_level_{level}", f"train {whom} to level {level}",
    "battle", f"level >= {level}",
    f"starter, level >= {max(level - 4, 1)}, level <= {level - 1}", game,
    (
      f"reach level {level} with {whom}",
      f"fight up to level {level} with {whom}",
    ),
  )  # fmt: skip


def heal(game, where: str, map_id: int, needs: str) -> Goal:
  """Have all members at full health, at a place that heals."""
  return Goal(
    f"heal_{slug(where)}", f"heal the team at {where}", "talk",
    f"map {map_id}, hp >= 100", both("starter", needs, "hp <= 99"), game,
    (f"rest at {where}", f"restore everyone's health at {where}"),
  )  # fmt: skip


def buy(
  game, what: str, item: int, where: str, map_id: int, needs: str, price: int
) -> Goal:
  """Have more of an item, on a shop's map."""
  return Goal(
    f"buy_{slug(what)}_{slug(where)}", f"buy a {what} at {where}", "talk",
    f"map {map_id}, item {item} rises",
    both(needs, f"money >= {price}", f"room {item}"), game,
    (f"get a {what} from {where}", f"spend money on a {what} at {where}"),
  )  # fmt: skip
