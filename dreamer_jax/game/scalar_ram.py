"""`Sample`: one RAM snapshot for the trackers, read as plain Python numbers.

Rewards and outcomes are judged at every step of every emulator. `ram.decode`
is made for many snapshots at once, and costs a step of one emulator a
twentieth of its 24 frames; this costs a tenth of that. Fields bear `GameRam`'s
names and values, which a test holds them to, so trackers take either.
"""

import functools
import struct

from dreamer_jax.game.memory import OFFSETS
from dreamer_jax.game.ram import BATTLE_TRAINER, BATTLE_WILD, PARTY_SIZE

# Species, HP, OTID, experience, DVs, level and maximal HP of a party struct.
_MEMBER = struct.Struct(">BH9xH3s10xH4xBH8x")
_OWNED, _PARTY, _MONEY = (
  OFFSETS[name] for name in ("wPokedexOwned", "wPartyMons", "wPlayerMoney")
)


def _byte(name: str) -> property:
  """The variable's byte."""
  at = OFFSETS[name].start
  return property(lambda self: self._raw[at])


def _word(name: str) -> property:
  """The variable's two bytes, high byte first."""
  at = OFFSETS[name].start
  return property(lambda self: self._raw[at] << 8 | self._raw[at + 1])


def _double(name: str) -> property:
  """Twice the variable's byte: blocks to tiles."""
  at = OFFSETS[name].start
  return property(lambda self: self._raw[at] * 2)


def _flag(name: str, bits: int = 0xFF) -> property:
  """Whether any of those bits is set."""
  at = OFFSETS[name].start
  return property(lambda self: self._raw[at] & bits != 0)


def _members(field: int) -> property:
  """One field of the party's members, as many as `party_count`."""
  return property(lambda self: [member[field] for member in self._party])


class Sample:
  """`GameRam` of one snapshot, as far as trackers need it; lists for arrays.

  Lists of the party are as long as `party_count`.
  """

  def __init__(self, ram: bytes):
    """Takes a snapshot's bytes."""
    self._raw = ram

  map_id = _byte("wCurMap")
  x = _byte("wXCoord")
  y = _byte("wYCoord")
  map_width = _double("wCurMapWidth")
  map_height = _double("wCurMapHeight")
  last_blackout_map = _byte("wLastBlackoutMap")
  battle = _byte("wIsInBattle")
  battle_result = _byte("wBattleResult")
  battle_type = _byte("wBattleType")
  escaped = _flag("wEscapedFromBattle")
  captured_species = _byte("wCapturedMonSpecies")
  enemy_hp = _word("wEnemyMonHP")
  active_slot = _byte("wPlayerMonNumber")
  active_species = _byte("wBattleMonSpecies")
  active_hp = _word("wBattleMonHP")
  active_max_hp = _word("wBattleMonMaxHP")
  badges = _byte("wObtainedBadges")
  got_starter = _flag("wStatusFlags4", 8)
  is_playing = _flag("wStatusFlags6", 1)
  party_species = _members(0)
  party_hp = _members(1)
  party_level = _members(5)
  party_max_hp = _members(6)

  @property
  def party_count(self) -> int:
    """0-6."""
    return min(self._raw[OFFSETS["wPartyCount"].start], PARTY_SIZE)

  @property
  def party_exp(self) -> list[int]:
    """Experience points."""
    return [int.from_bytes(member[3], "big") for member in self._party]

  @property
  def party_id(self) -> list[int]:
    """OTID and DVs: stable for a creature."""
    return [member[2] << 16 | member[4] for member in self._party]

  @property
  def in_battle(self) -> bool:
    """A battle runs."""
    return self.battle in (BATTLE_WILD, BATTLE_TRAINER)

  @property
  def badge_count(self) -> int:
    """0-8."""
    return self.badges.bit_count()

  @property
  def owned_bits(self) -> int:
    """Species owned, bit dex number - 1."""
    return int.from_bytes(self._raw[_OWNED], "little")

  @property
  def owned_count(self) -> int:
    """Number of species owned."""
    return self.owned_bits.bit_count()

  @property
  def money(self) -> int:
    """From binary-coded decimals."""
    value = 0
    for digits in self._raw[_MONEY]:
      value = value * 100 + (digits >> 4) * 10 + (digits & 15)
    return value

  @property
  def live_party_hp(self) -> list[int]:
    """HP with the fighter's read from the battle, as `GameRam` explains."""
    hp, slot = self.party_hp, self.active_slot
    if self.in_battle and slot < len(hp) and self.active_species:
      same = self.party_species[slot] == self.active_species
      if same and self.party_max_hp[slot] == self.active_max_hp:
        hp[slot] = self.active_hp
    return hp

  @functools.cached_property
  def _party(self) -> list[tuple]:
    start, size = _PARTY.start, _MEMBER.size
    return list(
      _MEMBER.iter_unpack(self._raw[start : start + self.party_count * size])
    )
