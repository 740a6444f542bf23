"""When a new goal is wanted: the roadmap's four reasons, counted in actions.

A story flag advanced; 500 actions without story progress, and every 500 again;
a battle ended; System 1 asked (that one comes from `service.Planner.request`).
The beginning of play is a reason too: there is no goal yet.
"""

import numpy as np

from dreamer_jax.game.ram import GameRam

START, STORY, STUCK, BATTLE, REQUEST = (
  "start", "story", "stuck", "battle", "request",
)  # fmt: skip


class Triggers:
  """Watches one episode."""

  def __init__(self, ram: GameRam, every: int = 500):
    """Begins at `ram`, scalar fields; `every` is in actions."""
    self._every = every
    self._playing = bool(ram.is_playing)
    self._take_stock(ram)
    self.steps_without_progress = 0

  def _take_stock(self, ram: GameRam) -> None:
    """The baseline: a save that is loaded is no progress."""
    self._flags = ram.events.copy()
    self._badges = int(ram.badges)
    self._starter = bool(ram.got_starter)

  def update(self, ram: GameRam, outcome: str = "") -> list[str]:
    """Takes the sample after an action.

    Args:
      ram: scalar fields.
      outcome: of a battle that ended with this action, or "".

    Returns:
      Why a new goal is wanted; empty for not at all.
    """
    if not ram.is_playing:
      self._take_stock(ram)
      return []
    if not self._playing:
      self._playing = True
      self._take_stock(ram)
      self.steps_without_progress = 0
      return [START]
    reasons = []
    if self._advanced(ram):
      reasons.append(STORY)
      self.steps_without_progress = 0
    else:
      self.steps_without_progress += 1
      if self.steps_without_progress % self._every == 0:
        reasons.append(STUCK)
    if outcome:
      reasons.append(BATTLE)
    return reasons

  def _advanced(self, ram: GameRam) -> bool:
    """Whether a flag is set that never was; flags may fall and rise again."""
    new = bool((ram.events & ~self._flags).any())
    new |= bool(int(ram.badges) & ~self._badges)
    new |= bool(ram.got_starter) and not self._starter
    if new:
      self._flags = np.bitwise_or(self._flags, ram.events)
      self._badges |= int(ram.badges)
      self._starter |= bool(ram.got_starter)
    return new
