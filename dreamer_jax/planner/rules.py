"""The planner that needs no model: the order of goals of each game.

It is the default, and what every other planner falls back to.
"""

from collections.abc import Collection

from dreamer_jax.goals import order
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.planner.schema import Decision


def choose(facts: Facts, game: str, given_up: Collection[int] = ()) -> Decision:
  """The goal that the rules set now, see `goals.order.choose`."""
  goal, why = order.choose(facts, game, given_up)
  return Decision(goal, why, "rules")
