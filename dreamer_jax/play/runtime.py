"""The two-speed agent: System 1 plays at 60 Hz, System 2 sets its goals.

One loop steps the emulator frame by frame at the console's pace, or as fast
as it goes. At every action System 1 looks, thinks and presses; `Planner.step`
gives the goal to pursue and never waits for a model. System 1 asks for another
goal when its own is reached, or when its value stays low.
"""

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import numpy as np

from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.ram import decode
from dreamer_jax.goals import predicates
from dreamer_jax.goals.vocabulary import GOALS
from dreamer_jax.planner.calls import Moment
from dreamer_jax.planner.schema import Decision
from dreamer_jax.planner.service import Planner
from dreamer_jax.play.pacing import Pacer
from dreamer_jax.play.system1 import System1

_SWITCH_SECS = 0.0005  # the planner's thread may hold the interpreter so long


class Scene(NamedTuple):
  """What viewers and recordings show after an action."""

  step: int  # actions so far
  frame: np.ndarray  # [144, 160] u8 shades
  decision: Decision
  value: float
  dream: np.ndarray | None  # [3, 144, 160] u8, see `system1.DREAM_STEPS`
  badges: int
  species: int
  goals_done: int
  is_asking: bool  # a call is in flight


class Viewer(Protocol):
  """Whatever shows the play."""

  is_open: bool  # False once the person closed it

  def frame(self, frame: np.ndarray) -> None:
    """Every frame, `[144, 160]` u8 shades."""

  def scene(self, scene: Scene) -> None:
    """After every action."""


class Ask(NamedTuple):
  """When System 1 asks for another goal because it sees no way."""

  value: float = 0.02  # the critic's, ...
  steps: int = 200  # ... below that for so many actions


class Summary(NamedTuple):
  """What an episode came to."""

  steps: int
  badges: int
  species: int
  reached: tuple[tuple[int, str, str], ...]  # (action, goal, who had set it)
  times: list[float]  # when each frame was shown, seconds


# (game, first moment) -> Planner
PlannerMaker = Callable[[str, Moment], Planner]


class Runtime:
  """Plays episodes; what it is made of is passed in."""

  def __init__(
    self,
    env: GameBoyEnv,
    system1: System1,
    make_planner: PlannerMaker,
    *,
    viewers: tuple[Viewer, ...] = (),
    dream_every: int = 0,
    ask: Ask | None = None,
  ):
    """Puts the parts together.

    Args:
      env: the game.
      system1: the player.
      make_planner: makes the episode's System 2.
      viewers: shown everything.
      dream_every: actions between two looks ahead for the viewers; 0: none.
      ask: when System 1 asks for help.
    """
    self._env, self._system1, self._make = env, system1, make_planner
    self._viewers, self._dream_every = viewers, dream_every
    self._ask = ask or Ask()
    self.planner: Planner | None = None

  def run(self, steps: int, seed: int, pacer: Pacer | None = None) -> Summary:
    """Plays one episode from power-on.

    Args:
      steps: actions at most.
      seed: of the episode.
      pacer: of frames; None goes as fast as it can.
    """
    pacer = pacer or Pacer(None)
    frame, info = self._env.reset(seed=seed)
    self._system1.reset(seed)
    ram = decode(info["ram"])
    watcher = predicates.Watcher(ram)
    moment = Moment(watcher.facts, frame)
    planner = self.planner = self._make(self._env.rom.name, moment)
    reached, low, dream, step = [], 0, None, 0
    with _quick_switches(), contextlib.closing(planner):
      for step in range(1, steps + 1):
        goal = planner.goal_id
        thought = self._system1.act(info["packed"], goal)
        if self._dream_every and step % self._dream_every == 1 % (
          self._dream_every
        ):
          dream = self._system1.dream(goal)
        for _ in self._env.press_by_frame(thought.action):
          self._show_frame()
          pacer.wait()
        frame, _, is_terminal, is_cut, info = self._env.look()
        ram = decode(info["ram"])
        facts = watcher.update(ram, info["terms"])
        low = low + 1 if thought.value < self._ask.value else 0
        if planner.is_done(facts):
          reached.append((step, GOALS[goal].name, planner.decision.source))
          planner.request("goal done")
        elif low >= self._ask.steps:
          planner.request("low value")
        decision = planner.step(Moment(facts, frame, info["outcome"]))
        low = 0 if decision.goal_id != goal or low >= self._ask.steps else low
        self._show(
          Scene(
            step, frame, decision, thought.value, dream, int(ram.badge_count),
            int(ram.owned_count), len(reached), planner.is_asking,
          )
        )  # fmt: skip
        if is_terminal or is_cut or not all(v.is_open for v in self._viewers):
          break
    return Summary(
      step, int(ram.badge_count), int(ram.owned_count), tuple(reached),
      pacer.times,
    )  # fmt: skip

  def _show_frame(self) -> None:
    if self._viewers:
      frame = self._env.frame()
      for viewer in self._viewers:
        viewer.frame(frame)

  def _show(self, scene: Scene) -> None:
    for viewer in self._viewers:
      viewer.scene(scene)


@contextlib.contextmanager
def _quick_switches() -> Iterator[None]:
  """While it lasts, a busy thread yields to the loop ten times sooner."""
  before = sys.getswitchinterval()
  sys.setswitchinterval(_SWITCH_SECS)
  try:
    yield
  finally:
    sys.setswitchinterval(before)


def value_text(value: float) -> str:
  """The value for people."""
  return "–" if math.isnan(value) else f"{value:.2f}"
