"""When a new goal is wanted: the roadmap's four reasons, counted in actions.

A story flag advanced; 500 actions without story progress, and every 500 again,
or 60 in a battle in which nobody loses health or leaves; a battle ended;
System 1 asked (that one comes from `service.Planner.request`). The beginning
of play is a reason too: there is no goal yet.
"""

import numpy as np

from dreamer_jax.game.ram import GameRam

START, STORY, STUCK, BATTLE, REQUEST = (
  "start", "story", "stuck", "battle", "request",
)  # fmt: skip


class Triggers:
  """Watches one episode."""

  def __init__(self, ram: GameRam, every: int = 500, stall: int = 60):
    """Begins at `ram`, scalar fields; `every` and `stall` are in actions.

    Args:
      ram: the first sample.
      every: without story progress, until System 1 counts as stuck.
      stall: of one battle in which nothing happens, until it does.
    """
    self._every, self._stall = every, stall
    self._battle: tuple = ()  # what changes where a battle goes on
    self._idle = 0  # actions since it changed
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
      stuck = self.steps_without_progress % self._every == 0
      if self._stalls(ram) or stuck:
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

  def _stalls(self, ram: GameRam) -> bool:
    """Whether the battle has stood still for `stall` more actions."""
    if not ram.in_battle:
      self._battle, self._idle = (), 0
      return False
    hp = ram.live_party_hp[: int(ram.party_count)]
    foe = int(ram.enemy_species), int(ram.enemy_hp)
    battle = (*hp.tolist(), *foe, int(ram.active_slot))
    self._idle = self._idle + 1 if battle == self._battle else 0
    self._battle = battle
    return self._idle > 0 and self._idle % self._stall == 0
