"""Which goals a courier's task serves: demonstrations that know their goal.

Hindsight guesses what a player was about from what it came to; the courier is
told what to do, so its play is cloned under that very goal, also where chance
kept it from catching what it looked for.
"""

from typing import Any

import numpy as np

from dreamer_jax.contract import NUM_TERMS
from dreamer_jax.data.episodes import NO_GOAL
from dreamer_jax.game.ram import GameRam
from dreamer_jax.games.definition import Game
from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.predicates import Watcher

_NO_TERMS = np.zeros(NUM_TERMS, np.float32)  # what is asked below needs none


class Commanded:
  """A courier that says which goal it is about; see `Expert.act` for `act`.

  Attributes:
    intent: as the courier's.
    goal: id of a goal that its task serves; `NO_GOAL` where it has none.
  """

  def __init__(self, game: Game, courier: Any, rng: np.random.Generator):
    """Watches `courier`; `rng` draws one of a task's goals."""
    self._game, self._courier, self._rng = game, courier, rng
    self._task: Any | None = None
    self._watcher: Watcher | None = None
    self.intent, self.goal = courier.intent, NO_GOAL

  def act(self, ram: GameRam) -> int:
    """The courier's action."""
    action = self._courier.act(ram)
    self.intent = self._courier.intent
    if self._watcher is None:
      self._watcher = Watcher(ram)
    else:
      self._watcher.update(ram, _NO_TERMS)
    if self._courier.task is not self._task:
      self._task = self._courier.task
      able = vocabulary.feasible_ids(self._watcher.facts, self._game.name)
      served = goals_of(self._game, self._task, ram)
      fit = [goal for goal in served if goal in able]
      self.goal = int(self._rng.choice(fit)) if fit else NO_GOAL
    return action


def goals_of(game: Game, task: Any, ram: GameRam) -> list[int]:
  """Ids of the goals that doing the task fulfils, whether feasible or not.

  Args:
    game: whose courier it is.
    task: that it is told.
    ram: when it was given, scalar fields.
  """
  named = game.tasks.names(task, ram)
  return [vocabulary.IDS[name] for name in named if name in vocabulary.IDS]


def task_for(game: Game, goal: int, ram: GameRam) -> Any | None:
  """A task that fulfils the goal, seen from where the player is.

  Args:
    game: that has a courier.
    goal: its id.
    ram: now, scalar fields.

  Returns:
    The task; None where only playing on will do.
  """
  tasks = game.tasks.every(ram)
  return next((t for t in tasks if goal in goals_of(game, t, ram)), None)
