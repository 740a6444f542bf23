"""Many emulators at once, a planner for each: to compare who sets the goals.

`runtime.Runtime` plays one episode as a person would watch it. Here nothing is
shown, System 1 does not ask for help when its value is low, and twenty
episodes take as long as one.
"""

from collections.abc import Callable

import numpy as np

from dreamer_jax.game import frames
from dreamer_jax.game.battle import OUTCOMES
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorStep
from dreamer_jax.goals.predicates import Watcher
from dreamer_jax.planner.calls import Moment
from dreamer_jax.planner.service import Planner
from dreamer_jax.play.runtime import PlannerMaker
from dreamer_jax.training.acting import DreamerPolicy


class Planned:
  """A learned policy that is given goals; follows `data.collect`'s protocol.

  Attributes:
    goal: `[N]` i64, the goals that its latest actions served.
  """

  def __init__(
    self, policy: DreamerPolicy, num_envs: int, make: PlannerMaker, game: str
  ):
    """Puts the parts together.

    Args:
      policy: System 1, for N emulators.
      num_envs: N.
      make: makes an episode's System 2.
      game: the ROM's name.
    """
    self._policy, self._make, self._game = policy, make, game
    self._watchers: list[Watcher | None] = [None] * num_envs
    self._planners: list = [None] * num_envs
    self.goal = np.zeros(num_envs, np.int64)

  def reset(self, indices, seeds) -> None:
    """Emulators `indices` begin episodes with `seeds`."""
    for i in indices:
      self._watchers[i] = None
    self._policy.reset(indices, seeds)

  def __call__(self, step: VectorStep) -> np.ndarray:
    """Actions `[N]`, each towards the goal that its planner has set."""
    rams = decode(step.ram)
    for i, watcher in enumerate(self._watchers):
      if step.is_lost[i] or (watcher is None and not step.is_first[i]):
        continue
      if watcher is None:
        watcher = self._watchers[i] = Watcher(rams[i])
        self._planners[i] = self._make(self._game, _moment(watcher, step, i))
      else:
        self._go_on(i, watcher, rams[i], step)
      self.goal[i] = self._planners[i].goal_id
    self._policy.command(np.arange(len(self.goal)), self.goal)
    return self._policy(step)

  def _go_on(self, i: int, watcher: Watcher, ram, step: VectorStep) -> None:
    planner = self._planners[i]
    if planner.is_done(watcher.update(ram, step.terms[i])):
      planner.request("goal done")
    planner.step(_moment(watcher, step, i))


def _moment(watcher: Watcher, step: VectorStep, i: int) -> Moment:
  picture = frames.unpack(step.packed[i : i + 1])[0]
  return Moment(watcher.facts, picture, OUTCOMES[step.outcome[i]])


def maker(
  make_policy: Callable[[int], DreamerPolicy],
  game: str,
  make: PlannerMaker = Planner,
) -> Callable[[int], Planned]:
  """`Planned` of so many emulators, as `evaluation.play.players.play` wants it.

  Args:
    make_policy: makes System 1 for so many.
    game: the ROM's name.
    make: makes an episode's System 2; by default the rules alone.
  """
  return lambda count: Planned(make_policy(count), count, make, game)
