"""What is known of one game beyond the RAM that it shares with Pokémon Red.

A game is a folder of `dreamer_jax.games` whose `GAME` is a `Game`, and whose
`roms.json` says by which ROMs it is recognised. Nothing outside that folder
knows the game by name.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from dreamer_jax.game.goals import Goal
from dreamer_jax.game.ram import GameRam
from dreamer_jax.game.world_map import WorldMap

# Of the planner's rules: a goal, a predicate of `goals.predicates`, why.
Rule = tuple[str, str, str]


class Player(Protocol):
  """A script that plays; it may have `intent`, the action that it meant."""

  def act(self, ram: GameRam) -> int:
    """The action at a step, `ram` of scalar fields."""


class Tasks(Protocol):
  """What the game's courier can be told, and which goals that serves."""

  def names(self, task: Any, ram: GameRam) -> Sequence[str]:
    """Names of the goals that doing a task fulfils, feasible or not.

    Args:
      task: a courier's.
      ram: when it was given, scalar fields.
    """

  def every(self, ram: GameRam) -> Iterator[Any]:
    """All that a courier could be told, nearest places first."""

  def player(self, rng: np.random.Generator, task: Any | None) -> Player:
    """A courier that does this task alone; None: it plays on."""


@dataclasses.dataclass(frozen=True)
class Game:
  """One game.

  Attributes:
    name: as `game.rom.find` gives it.
    world: its maps on one plane.
    species: ids that a party member may have; empty where any may be.
    events: story flags by name, bits of `wEventFlags`.
    places: what a planner is told that a map is called.
    walkable: cells of a map that a player can stand on, where that is known.
    goals: names begin with the game's prefix.
    rules: the planner's, in order.
    players: scripts that play it: "expert", "explorer", "wanderer", "courier".
      Each takes how carelessly it plays, and returns `rng -> Player`. Most
      games have none.
    tasks: of the courier.
  """

  name: str
  world: Callable[[], WorldMap]
  species: frozenset[int] = frozenset()
  events: Mapping[str, int] = dataclasses.field(default_factory=dict)
  places: Mapping[int, str] = dataclasses.field(default_factory=dict)
  walkable: Mapping[int, int] = dataclasses.field(default_factory=dict)
  goals: tuple[Goal, ...] = ()
  rules: tuple[Rule, ...] = ()
  players: Mapping[str, Callable[..., Callable[..., Player]]] = (
    dataclasses.field(default_factory=dict)
  )
  tasks: Tasks | None = None
