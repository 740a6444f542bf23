"""Judges what holds of the game, in a tiny language on RAM and story events.

A predicate is text, clauses joined by commas, all of which must hold:

  map 54, not event 119, level >= 7
  badges rises

A clause is `[not] WORD [NUMBER ...] [>= N | <= N | == N | rises]`; without a
comparison the value must be at least 1. `rises` compares with the moment at
which the goal was set. `WORDS` is the whole vocabulary: the text is parsed,
and never evaluated as code. Every word takes any leading shape, so one step
and a whole replay share one code path.
"""

import dataclasses
import functools
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dreamer_jax.contract import BATTLE_WIN, NUM_MAPS
from dreamer_jax.data import probes
from dreamer_jax.game.ram import GameRam
from dreamer_jax.game.rewards import is_settled

_BALLS = (1, 2, 3, 4, 8)  # master, ultra, great, poke, safari
_BAG_SIZE, _STACK = 20, 99
_SAFARI_GAME, _SAFARI_BATTLE = 591, 2  # the story flag; `GameRam.battle_type`
_STEP = np.array([[0, 1], [0, -1], [-1, 0], [1, 0]])  # by GameRam.facing


@dataclasses.dataclass(frozen=True)
class Facts:
  """What predicates read; every field has the same leading shape."""

  ram: GameRam
  wins: np.ndarray  # [...] i32, battles won so far in the episode
  maps_seen: np.ndarray  # [..., 32] u8, maps met so far (bit field)

  def __getitem__(self, index) -> "Facts":
    """The same, indexed along the leading shape."""
    return Facts(self.ram[index], self.wins[index], self.maps_seen[index])


def of_episode(ram: GameRam, terms: np.ndarray) -> Facts:
  """The facts of a recorded episode.

  Args:
    ram: fields `[T]`.
    terms: `[T, 7]` f32, the reward terms.
  """
  wins = np.cumsum(terms[:, BATTLE_WIN]).astype(np.int32)
  return Facts(ram, wins, probes.maps_seen(ram))


class Watcher:
  """The facts of a running episode, step by step, as `of_episode` has them."""

  def __init__(self, ram: GameRam):
    """Starts at `ram`, scalar fields."""
    self._wins = 0
    self._seen = np.zeros(NUM_MAPS, bool)
    self._settled, self._previous = False, -1
    self.facts = self._look(ram)

  def update(self, ram: GameRam, terms: np.ndarray) -> Facts:
    """Takes the next sample and its reward terms `[7]`."""
    self._wins += int(terms[BATTLE_WIN])
    self.facts = self._look(ram)
    return self.facts

  def _look(self, ram: GameRam) -> Facts:
    now = int(ram.map_id)
    if is_settled(ram):
      if now == self._previous or not self._settled:
        self._seen[now] = True
      self._settled = True
    self._previous = now
    bits = np.packbits(self._seen, bitorder="little")
    return Facts(ram, np.int32(self._wins), bits)


def _map(facts: Facts, number: int) -> np.ndarray:
  return (facts.ram.map_id == number) & is_settled(facts.ram)


def _by(facts: Facts, x: int, y: int) -> np.ndarray:
  """The player faces cell (x, y), or looks at it across a counter."""
  ram = facts.ram
  step = _STEP[ram.facing]
  at = lambda n: (
    (ram.x + n * step[..., 0] == x) & (ram.y + n * step[..., 1] == y)
  )
  return at(1) | at(2)


def _visited(facts: Facts, number: int) -> np.ndarray:
  return (facts.maps_seen[..., number // 8] >> (number % 8) & 1).astype(bool)


def _item(facts: Facts, number: int) -> np.ndarray:
  bag = facts.ram.bag
  return np.where(bag[..., 0] == number, bag[..., 1], 0).sum(-1)


def _balls(facts: Facts) -> np.ndarray:
  """Balls to throw: those of the bag, or at least one of a safari's own."""
  ram = facts.ram
  lent = ram.in_battle & (ram.battle_type == _SAFARI_BATTLE)
  lent |= ram.event(_SAFARI_GAME)
  return sum(_item(facts, number) for number in _BALLS) + lent


def _room(facts: Facts, number: int) -> np.ndarray:
  """The bag takes one more of an item."""
  bag = facts.ram.bag
  open_stack = (bag[..., 0] == number) & (bag[..., 1] < _STACK)
  return (facts.ram.value("wNumBagItems") < _BAG_SIZE) | open_stack.any(-1)


def _town(facts: Facts, number: int) -> np.ndarray:
  """The game's own flag of a town: it was entered, in whichever episode."""
  high_first = facts.ram.value("wTownVisitedFlag")
  return (high_first >> (number + 8) % 16 & 1).astype(bool)


def _party(facts: Facts, values: np.ndarray) -> np.ndarray:
  """`values [..., 6]`, zero where there is no member."""
  slots = np.arange(values.shape[-1])
  return np.where(slots < facts.ram.party_count[..., None], values, 0)


def _health(facts: Facts) -> np.ndarray:
  """Percent of the party's HP; 100 only where none is missing."""
  hp = _party(facts, facts.ram.live_party_hp).sum(-1)
  most = _party(facts, facts.ram.party_max_hp).sum(-1)
  return np.where(most > 0, np.minimum(hp * 100 // np.maximum(most, 1), 100), 0)


def _listed(field: str) -> Callable:
  """Dex bits; they blink in the starter scene, so not before its end."""
  return lambda f, n: getattr(f.ram, field)[..., n - 1] & f.ram.got_starter


# name -> (how many numbers follow, what it says)
WORDS: dict[str, tuple[int, Callable]] = {
  "map": (1, _map),  # the player is on this map
  "visited": (1, _visited),  # it was met in this episode
  "town": (1, _town),  # this town, 0-10, was entered at any time
  "maps": (0, lambda f: np.bitwise_count(f.maps_seen).sum(-1)),  # how many were
  "x": (0, lambda f: f.ram.x),
  "y": (0, lambda f: f.ram.y),
  "by": (2, _by),  # the player faces cell x y
  "dialog": (0, lambda f: f.ram.dialog_open),
  "free": (0, lambda f: f.ram.can_act),
  "battle": (0, lambda f: np.where(f.ram.in_battle, f.ram.battle, 0)),
  "wins": (0, lambda f: f.wins),  # battles won in this episode
  "event": (1, lambda f, n: f.ram.event(n)),  # story flag
  "starter": (0, lambda f: f.ram.got_starter),
  "badge": (1, lambda f, n: (f.ram.badges >> n & 1).astype(bool)),
  "badges": (0, lambda f: f.ram.badge_count),
  "owned": (1, _listed("owned")),  # by dex number
  "seen": (1, _listed("seen")),
  "species": (0, lambda f: np.where(f.ram.got_starter, f.ram.owned_count, 0)),
  "party": (0, lambda f: f.ram.party_count),
  "level": (0, lambda f: _party(f, f.ram.party_level).max(-1)),  # the highest
  "levels": (0, lambda f: _party(f, f.ram.party_level).sum(-1)),
  "hp": (0, _health),  # percent of the party's
  "item": (1, _item),  # how many are in the bag
  "balls": (0, _balls),  # of any kind
  "room": (1, _room),  # for one more of an item
  "money": (0, lambda f: f.ram.money),
  "playing": (0, lambda f: f.ram.is_playing),
  "never": (0, lambda f: np.zeros(f.ram.map_id.shape, bool)),
}
_COMPARE = {
  ">=": lambda a, n: a >= n, "<=": lambda a, n: a <= n,
  "==": lambda a, n: a == n,
}  # fmt: skip
_CLAUSE = re.compile(
  r"(not )?([a-z]+)((?: \d+)*)(?: (>=|<=|==) (\d+)| (rises))?"
)


class Clause(NamedTuple):
  """One parsed clause."""

  is_negated: bool
  term: str
  numbers: tuple[int, ...]
  comparison: str  # of `_COMPARE`, or "rises"
  value: int


@functools.cache
def parse(text: str) -> tuple[Clause, ...]:
  """Reads a predicate; the empty text always holds.

  Raises:
    ValueError: it is not of the language; the sentence says what is.
  """
  return tuple(_clause(part) for part in text.split(", ")) if text else ()


def _clause(text: str) -> Clause:
  match = _CLAUSE.fullmatch(text)
  if match is None:
    raise ValueError(
      f"{text!r} is no clause: write [not] TERM [NUMBER ...] [>= N | rises]"
    )
  negated, term, numbers, comparison, value, rises = match.groups()
  numbers = tuple(map(int, numbers.split()))
  if term not in WORDS:
    raise ValueError(f"{text!r}: there is no {term!r}, but {', '.join(WORDS)}")
  if len(numbers) != WORDS[term][0]:
    raise ValueError(f"{text!r}: {term} takes {WORDS[term][0]} numbers")
  return Clause(
    bool(negated), term, numbers, rises or comparison or ">=", int(value or 1)
  )


def holds(
  text: str,
  now: Facts,
  then: Facts | None = None,
  memo: dict[Clause, np.ndarray] | None = None,
) -> np.ndarray:
  """Whether a predicate holds.

  Args:
    text: of this module's language.
    now: facts `[...]`.
    then: facts when the goal was set, of a shape that broadcasts; None
      stands for `now`, so that nothing has risen.
    memo: clauses known for `now` and `then`; grows, for many predicates.

  Returns:
    `[...]` bool.
  """
  result = np.ones(now.ram.map_id.shape, bool)
  for clause in parse(text):
    if memo is None:
      true = _holds(clause, now, then)
    elif (true := memo.get(clause)) is None:
      true = memo[clause] = _holds(clause, now, then)
    result = result & true
  return result


def _holds(clause: Clause, now: Facts, then: Facts | None) -> np.ndarray:
  """One clause."""
  read = WORDS[clause.term][1]
  value = read(now, *clause.numbers)
  if clause.comparison == "rises":
    before = read(now if then is None else then, *clause.numbers)
    true = value.astype(np.int64) > before
  else:
    true = _COMPARE[clause.comparison](value, clause.value)
  return true != clause.is_negated


def is_relative(text: str) -> bool:
  """Whether it speaks of a change since the goal was set."""
  return any(clause.comparison == "rises" for clause in parse(text))
