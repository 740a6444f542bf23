"""The planner that needs no model: an order of goals for each game, as data.

It is the default, and what every other planner falls back to. The first goal
of the list that is feasible, whose condition holds and that was not just given
up, is it; so the same moment always gives the same goal.
"""

from collections.abc import Collection

from dreamer_jax import games
from dreamer_jax.games.definition import Rule
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.planner.schema import Decision

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


def choose(facts: Facts, game: str, given_up: Collection[int] = ()) -> Decision:
  """The goal that the rules set now.

  Args:
    facts: of one step, scalar fields.
    game: the ROM's name.
    given_up: goals that were tried without success, to be passed over while
      there is another.
  """
  memo: dict = {}
  for passed in (given_up, ()):
    for name, condition, why in (*FIRST, *games.get(game).rules, *LAST):
      goal = IDS[name]
      if goal in passed or not vocabulary.feasible(goal, facts, game, memo):
        continue
      if predicates.holds(condition, facts, memo=memo):
        return Decision(goal, why, "rules")
  return Decision(0, f"nothing else fits; {GOALS[0].text}", "rules")
