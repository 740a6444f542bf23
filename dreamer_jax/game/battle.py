"""How a battle ended, decided from samples that may be 24 frames apart.

A sample is a `Sample`, or a `GameRam` of scalar fields.

The result byte means something only at the falling edge of `wIsInBattle`. A
lost battle goes 1 or 2, 0, 0xFF (tens of frames), 0; the blackout meanwhile
clears the result, halves the money, heals the party and moves the player. Read
late, a loss looks like a win with full HP, so the blackout's traces are
searched for before a win is believed.
"""

from dreamer_jax.game.ram import BATTLE_LOST, BATTLE_TRAINER, GameRam
from dreamer_jax.game.scalar_ram import Sample

OUTCOMES = ("", "won", "lost", "fled", "caught", "other")  # "" = none ended
_RESULT_LOST, _RESULT_LEFT = 1, 2
_DEMONSTRATION = 1
Ram = Sample | GameRam


class BattleTracker:
  """Watches one emulator's samples; `update` names the outcome once."""

  def __init__(self):
    self._first: Ram | None = None  # of the battle that runs
    self._last: Ram | None = None
    self._captured = False  # at any of its samples
    self._escaped = False

  def reset(self, ram: Ram) -> None:
    """Forgets the past; `ram` is the first sample of an episode."""
    self._first = self._last = None
    self._captured = self._escaped = False
    if ram.in_battle:
      self._watch(ram)

  def update(self, ram: Ram) -> str:
    """Takes the next sample.

    Args:
      ram: the sample.

    Returns:
      One of `OUTCOMES`: "" unless a battle ended at this sample. "other" is
      an end without a winner (Poké Doll, Roar, a safari's end) or one that
      fell between two samples.
    """
    last = self._last
    if last is None or (ram.in_battle and ram.battle == last.battle):
      if ram.in_battle:
        self._watch(ram)
      return ""
    # A battle of another kind runs already: the end fell between samples.
    outcome = "other" if ram.in_battle else self._outcome(ram)
    self.reset(ram)
    return outcome

  def _watch(self, ram: Ram) -> None:
    self._first = self._first or ram
    self._last = ram
    self._captured |= bool(ram.captured_species != 0)
    self._escaped |= bool(ram.escaped)  # cleared together with wIsInBattle

  def _outcome(self, ram: Ram) -> str:
    """Names the end of the watched battle, which `ram` no longer shows."""
    last = self._last
    if last.battle_type == _DEMONSTRATION:
      return "other"
    if ram.battle == BATTLE_LOST or _blacked_out(last, ram):
      return "lost"
    trainer = last.battle == BATTLE_TRAINER
    if ram.battle_result == _RESULT_LEFT:
      return "caught" if self._has_caught(ram) else "fled"
    if ram.battle_result == _RESULT_LOST:
      # A wild battle left otherwise keeps the 1 of a member that fainted.
      return "lost" if trainer else "other"
    won = trainer or (ram.enemy_hp == 0 and not self._escaped)
    return "won" if won else "other"

  def _has_caught(self, ram: Ram) -> bool:
    more = ram.party_count > self._first.party_count
    new = ram.owned_count > self._first.owned_count
    return bool(self._captured or ram.captured_species != 0 or more or new)


def _blacked_out(last: Ram, ram: Ram) -> bool:
  """Whether the party fainted, judged by its HP or by what follows."""
  if _fainted(last) or _fainted(ram):
    return True
  count = int(ram.party_count)
  healed = list(ram.party_hp[:count]) == list(ram.party_max_hp[:count])
  halved = ram.money < last.money and ram.money <= (last.money + 1) // 2
  step = abs(ram.x - last.x) + abs(ram.y - last.y)
  arrived = ram.map_id == ram.last_blackout_map
  moved = ram.map_id != last.map_id or step > 1
  return bool(healed and (halved or (moved and arrived)))


def _fainted(ram: Ram) -> bool:
  """Whether there is a party, and no member of it has any HP."""
  count = int(ram.party_count)
  return count > 0 and not any(ram.live_party_hp[:count])
