"""The next goal by rules: each game's own list, between what all games share.

The next goal is the first of the list that is feasible, whose condition holds
and that was not just given up; so the same moment always gives the same goal.
System 2 follows this order where no model is asked, and dreams may be told
these goals too, so that System 1 has practised what it will be asked for.
"""

from collections.abc import Collection

import numpy as np

from dreamer_jax import games
from dreamer_jax.games.definition import Rule
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.imagination.commands import DEFAULT

FIRST: tuple[Rule, ...] = (
  ("begin", "", "the game has not begun"),
)  # fmt: skip
LAST: tuple[Rule, ...] = (
  ("get_starter", "", "nothing works without a first creature"),
  ("heal_team", "hp <= 40", "the team is weak"),
  ("next_badge", "badges <= 7, starter", "badges lead on"),
  ("new_map", "", "see more of the world"),
  ("next_badge", "", "badges lead on"),
)  # fmt: skip


def rules_of(game: str) -> tuple[Rule, ...]:
  """The whole order for the game of that name."""
  return (*FIRST, *games.get(game).rules, *LAST)


def choose(
  facts: Facts, game: str, given_up: Collection[int] = ()
) -> tuple[int, str]:
  """The goal's id that comes next, and why.

  Args:
    facts: of one step, scalar fields.
    game: the ROM's name.
    given_up: goals that were tried without success, to be passed over while
      there is another.
  """
  memo: dict = {}
  for passed in (given_up, ()):
    for name, condition, why in rules_of(game):
      goal = IDS[name]
      if goal in passed or not vocabulary.feasible(goal, facts, game, memo):
        continue
      if predicates.holds(condition, facts, memo=memo):
        return goal, why
  return DEFAULT, f"nothing else fits; {GOALS[DEFAULT].text}"


def along(facts: Facts, game: str, able: np.ndarray) -> np.ndarray:
  """`[T]` i16: what `choose` would say at each step, giving nothing up.

  Args:
    facts: of an episode, fields `[T]`.
    game: the ROM's name.
    able: `[K, T]` bool, which goals are feasible.
  """
  chosen = np.full(able.shape[1], -1, np.int16)
  memo: dict = {}
  for name, condition, _ in rules_of(game):
    goal = IDS[name]
    fits = (chosen < 0) & able[goal]
    if fits.any():
      fits &= predicates.holds(condition, facts, memo=memo)
      chosen[fits] = goal
  return np.maximum(chosen, DEFAULT)
