"""The seven reward terms, unweighted, from one emulator's RAM samples.

`config.RewardsConfig` weighs them: `reward = terms @ weights`. Episodes store
the terms, so that another weighting needs no new ones. What each term must not
be fooled by is in its function's docstring. A sample is a `Sample`, or a
`GameRam` of scalar fields.
"""

import numpy as np

from dreamer_jax.contract import (
  BADGE,
  BATTLE_WIN,
  HP_LOST,
  NEW_MAP,
  NUM_TERMS,
  PROGRESS,
  SPECIES,
  STUCK,
  XP,
)
from dreamer_jax.game.battle import BattleTracker, Ram
from dreamer_jax.game.ram import BATTLE_NONE


def is_settled(ram: Ram) -> np.ndarray:
  """[...] bool: the game is played, and (x, y) lies on the loaded map.

  Power-on looks like map 0 at (0, 0) but has no size and is not playing.
  """
  inside = (ram.x < ram.map_width) & (ram.y < ram.map_height)
  return ram.is_playing & inside


class RewardTracker:
  """Turns successive RAM samples of one episode into reward terms.

  `outcome` is how a battle ended at the latest sample, "" where none did.
  Before play begins, samples only move the baseline: the main menu loads a
  save into RAM, which is no progress. A new game that is begun over such a
  save starts over.
  """

  def __init__(self):
    self.outcome = ""
    self._battle = BattleTracker()

  def reset(self, ram: Ram) -> None:
    """Starts an episode at `ram`, its baseline."""
    self.outcome = ""
    self._battle.reset(ram)
    self._playing = bool(ram.is_playing)
    self._was_in_battle = bool(ram.in_battle)
    self._badges = int(ram.badges)
    self._owned = ram.owned_bits if ram.got_starter else 0
    self._maps = set()
    self._previous_map = -1
    self._settled_once = False
    self._new_map(ram)
    self._count = int(ram.party_count)
    self._exp: dict[int, int] = {}
    self._hp: dict[int, int] = {}
    self._synced_slot = -1
    self._xp(ram)
    self._hp_lost(ram)

  def update(self, ram: Ram) -> np.ndarray:
    """Takes the next sample.

    Args:
      ram: the sample.

    Returns:
      `[7]` f32 in the order of `TERMS`, for the step that led to `ram`.
    """
    if not (self._playing and ram.is_playing) or self._is_new_game(ram):
      self.reset(ram)
      return np.zeros(NUM_TERMS, np.float32)
    self.outcome = self._battle.update(ram)
    terms = np.zeros(NUM_TERMS, np.float32)
    terms[BADGE] = self._new_badges(ram)
    terms[SPECIES] = self._new_species(ram)
    terms[NEW_MAP] = self._new_map(ram)
    terms[BATTLE_WIN] = self.outcome == "won"
    terms[XP] = self._xp(ram)
    terms[HP_LOST] = self._hp_lost(ram)
    terms[STUCK] = not terms[list(PROGRESS)].any()
    self._was_in_battle = bool(ram.in_battle)
    self._count = int(ram.party_count)
    return terms

  def _is_new_game(self, ram: Ram) -> bool:
    """The party is gone: a new game was begun over a loaded save."""
    return self._count > 0 and int(ram.party_count) == 0

  def _new_badges(self, ram: Ram) -> int:
    new = int(ram.badges) & ~self._badges
    self._badges |= new
    return new.bit_count()

  def _new_species(self, ram: Ram) -> int:
    """Owned bits blink while a starter is looked at: not before it is got."""
    if not ram.got_starter:
      return 0
    new = ram.owned_bits & ~self._owned
    self._owned |= new
    return new.bit_count()

  def _new_map(self, ram: Ram) -> int:
    """A map counts once two samples agree on it; the first one is home.

    During a warp the new map shows with the old position, which often lies
    outside of it or, at power-on, means nothing.
    """
    current, previous = int(ram.map_id), self._previous_map
    self._previous_map = current
    if current in self._maps or not is_settled(ram):
      return 0
    if current != previous and self._settled_once:
      return 0
    self._maps.add(current)
    is_new = self._settled_once
    self._settled_once = True
    return int(is_new)

  def _xp(self, ram: Ram) -> int:
    """Gains of known members during battle.

    A new member's first value is its past; while its nickname is asked, its
    slot even holds another one's stale bytes. Candy and day care, outside
    battle, only move the baseline. Members are known by OTID and DVs.
    """
    counts = self._was_in_battle or bool(ram.in_battle)
    gained = 0
    for member, (exp, _) in _members(ram).items():
      if counts and member in self._exp:
        gained += max(0, exp - self._exp[member])
      self._exp[member] = exp
    return gained

  def _hp_lost(self, ram: Ram) -> int:
    """Falls of the same members' HP in a party of the same size.

    So swaps, deposits, trades and refills count nothing.
    """
    hp = {m: v for m, (_, v) in _members(ram, self._fighter(ram)).items()}
    lost = 0
    if ram.party_count == self._count:
      lost = sum(
        max(0, self._hp[m] - v) for m, v in hp.items() if m in self._hp
      )
    self._hp = hp
    return lost

  def _fighter(self, ram: Ram) -> int:
    """The slot whose HP is to be read from the battle, -1 for none.

    The battle's copy is believed once it has agreed with the slot's in this
    battle, as it does when a member is sent out: until then it holds the HP
    of the last one that fought.
    """
    slot = int(ram.active_slot)
    if ram.battle == BATTLE_NONE or slot >= int(ram.party_count):
      self._synced_slot = -1
    elif slot != self._synced_slot:
      same = ram.active_hp == ram.party_hp[slot]
      same &= ram.active_max_hp == ram.party_max_hp[slot]
      same &= ram.active_species == ram.party_species[slot]
      self._synced_slot = slot if same else -1
    return self._synced_slot


def _members(ram: Ram, fighter: int = -1) -> dict[int, tuple[int, int]]:
  """Each member's (exp, HP) by identity; half-written slots are left out."""
  count = int(ram.party_count)
  hp = list(ram.party_hp[:count])
  if 0 <= fighter < count:
    hp[fighter] = int(ram.active_hp)
  limit, level, exp = ram.party_max_hp, ram.party_level, ram.party_exp
  members = {}
  for slot, member in enumerate(ram.party_id[:count]):
    if level[slot] == 0 or hp[slot] > limit[slot] or member in members:
      continue  # a stale new slot may repeat an older member
    members[member] = (exp[slot], hp[slot])
  return members
