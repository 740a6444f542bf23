"""One goal for the whole episode: what planners are to be compared with."""

from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.planner.calls import Moment
from dreamer_jax.planner.limits import Budget
from dreamer_jax.planner.report import Report
from dreamer_jax.planner.schema import Decision


class Fixed:
  """Stands in for `service.Planner`, and never changes its mind."""

  off, is_asking = "the goal is fixed", False

  def __init__(self, goal_id: int, moment: Moment):
    """Sets the goal at `moment`."""
    self.goal_id = goal_id
    self.decision = Decision(goal_id, "it was asked for", "fixed")
    self.then = moment.facts
    self.budget, self.report = Budget(0, 0.0), Report()

  def is_done(self, facts: Facts) -> bool:
    """Whether it was reached again since the last time."""
    done = bool(vocabulary.done(self.goal_id, facts, self.then))
    if done:
      self.then = facts
    return done

  def request(self, why: str) -> None:
    """There is nothing else to be had."""

  def step(self, moment: Moment) -> Decision:
    """The same as ever."""
    return self.decision

  def close(self) -> None:
    """Nothing to end."""
