"""`GameRam`: what a RAM snapshot says, decoded.

Encodings follow the fact table (pret/pokered); every awkward byte carries its
warning in the field's comment. `decode` takes any leading shape, so one step
and a whole replay share one code path.
"""

import dataclasses

import numpy as np

from dreamer_jax.game import fields
from dreamer_jax.game.fields import PARTY_SIZE, PARTY_STRUCT_SIZE
from dreamer_jax.game.memory import OFFSETS, RAM_SIZE

_NONE_SENT, _BLACKOUT = 0xFF, 0xFF
BATTLE_NONE, BATTLE_WILD, BATTLE_TRAINER, BATTLE_LOST = 0, 1, 2, 0xFF


@dataclasses.dataclass(frozen=True)
class GameRam:
  """What the RAM says, decoded. Every field has the same leading shape."""

  map_id: np.ndarray  # [...] i32, Red's map id
  x: np.ndarray  # [...] i32, player tiles from the left
  y: np.ndarray  # [...] i32, player tiles from the top
  facing: np.ndarray  # [...] i32, 0 down, 1 up, 2 left, 3 right
  map_width: np.ndarray  # [...] i32, player tiles
  map_height: np.ndarray  # [...] i32, player tiles
  is_walking: np.ndarray  # [...] bool, between two tiles
  battle: np.ndarray  # [...] i32, 0 none, 1 wild, 2 trainer, 255 just lost
  battle_result: np.ndarray  # [...] i32, valid at the falling edge of battle
  battle_type: np.ndarray  # [...] i32, 0 normal, 1 demonstration, 2 safari
  escaped: np.ndarray  # [...] bool, left by other means than Run
  captured_species: np.ndarray  # [...] i32, 0 none
  enemy_species: np.ndarray  # [...] i32
  enemy_level: np.ndarray  # [...] i32
  enemy_hp: np.ndarray  # [...] i32, stale outside battle
  enemy_max_hp: np.ndarray  # [...] i32
  active_slot: np.ndarray  # [...] i32, party slot that fights
  active_species: np.ndarray  # [...] i32, 0 until the first is sent out
  active_hp: np.ndarray  # [...] i32, live HP in battle
  active_max_hp: np.ndarray  # [...] i32
  party_count: np.ndarray  # [...] i32, 0-6
  party_species: np.ndarray  # [..., 6] i32, from the structs
  party_hp: np.ndarray  # [..., 6] i32, as stored (lags in battle)
  party_max_hp: np.ndarray  # [..., 6] i32
  party_level: np.ndarray  # [..., 6] i32
  party_exp: np.ndarray  # [..., 6] i32
  party_id: np.ndarray  # [..., 6] i64, OTID and DVs: stable for a creature
  owned: np.ndarray  # [..., 152] bool, dex number - 1
  seen: np.ndarray  # [..., 152] bool
  badges: np.ndarray  # [...] i32, bit field
  money: np.ndarray  # [...] i32
  bag: np.ndarray  # [..., 20, 2] i32, item and count, zeros past the end
  last_blackout_map: np.ndarray  # [...] i32
  events: np.ndarray  # [..., 320] u8, story flags
  menu_item: np.ndarray  # [...] i32, highlighted entry (stale when closed)
  menu_x: np.ndarray  # [...] i32, screen column of the cursor
  menu_y: np.ndarray  # [...] i32, screen row of the top entry
  menu_max: np.ndarray  # [...] i32, index of the last entry
  text_box_id: np.ndarray  # [...] i32 (stale when closed)
  text_waits: np.ndarray  # [...] bool, the arrow is on the screen (it blinks)
  dialog_open: np.ndarray  # [...] bool, text or a menu outside battle
  can_act: np.ndarray  # [...] bool, a direction would be obeyed
  got_starter: np.ndarray  # [...] bool
  is_playing: np.ndarray  # [...] bool, past title and intro
  play_time_frames: np.ndarray  # [...] i64
  raw: np.ndarray  # [..., RAM_SIZE] u8, the snapshot itself

  def __getitem__(self, index) -> "GameRam":
    """The same fields, indexed along their leading shape."""
    return GameRam(**{k: v[index] for k, v in vars(self).items()})

  @property
  def in_battle(self) -> np.ndarray:
    """[...] bool: a battle runs (1 wild, 2 trainer)."""
    return (self.battle == BATTLE_WILD) | (self.battle == BATTLE_TRAINER)

  @property
  def badge_count(self) -> np.ndarray:
    """[...] i32: number of badges, 0-8."""
    bits = self.badges[..., None] >> np.arange(8)
    return (bits & 1).sum(-1).astype(np.int32)

  @property
  def owned_count(self) -> np.ndarray:
    """[...] i32: number of species owned."""
    return self.owned.sum(-1).astype(np.int32)

  @property
  def owned_bits(self) -> int:
    """Species owned as a bit field, bit dex number - 1; of scalar fields."""
    return int.from_bytes(np.packbits(self.owned, bitorder="little"), "little")

  @property
  def live_party_hp(self) -> np.ndarray:
    """[..., 6] i32: party HP with the fighter's slot read from the battle.

    The party copy lags until the next turn, faint or escape. The battle copy
    counts only where species and maximum agree with the slot's: before the
    first is sent out, and while members change, it is another one's.
    """
    slots = np.arange(PARTY_SIZE)
    active = (
      (self.in_battle & (self.active_species != 0))[..., None]
      & (slots == self.active_slot[..., None])
      & (self.party_species == self.active_species[..., None])
      & (self.party_max_hp == self.active_max_hp[..., None])
    )
    return np.where(active, self.active_hp[..., None], self.party_hp)

  @property
  def party_moves(self) -> np.ndarray:
    """[..., 6, 4] i32: move ids, 0 = none."""
    return self._member_bytes("moves", 4)

  @property
  def party_pp(self) -> np.ndarray:
    """[..., 6, 4] i32: uses left of each move."""
    return self._member_bytes("pp", 4) & 63

  @property
  def party_status(self) -> np.ndarray:
    """[..., 6] i32: bits 0-2 sleep, 3 poison, 4 burn, 5 freeze, 6 paralysis."""
    return self._member_bytes("status", 1)[..., 0]

  @property
  def active_moves(self) -> np.ndarray:
    """[..., 4] i32: moves of the one that fights, 0 = none; stale outside."""
    return self._bytes("wBattleMonMoves")

  @property
  def active_pp(self) -> np.ndarray:
    """[..., 4] i32: uses left of those moves."""
    return self._bytes("wBattleMonPP") & 63

  @property
  def enemy_is_out(self) -> np.ndarray:
    """[...] bool: a battle runs and its enemy fields are not a past one's."""
    unsent = self.value("wEnemyMonPartyPos") == _NONE_SENT
    return self.in_battle & ~((self.battle == BATTLE_TRAINER) & unsent)

  @property
  def blacked_out_on_foot(self) -> np.ndarray:
    """[...] bool: poison fainted the last member on the map; no battle."""
    byte = self.value("wOutOfBattleBlackout")  # else the last menu's choice
    return (byte == _BLACKOUT) & (self.battle == BATTLE_NONE)

  @property
  def is_finished(self) -> np.ndarray:
    """[...] bool: the game's end was reached, now or in the save's past."""
    return self.value("wNumHoFTeams") > 0

  def value(self, name: str) -> np.ndarray:
    """[...] i32: any variable of `memory.SNAPSHOT`, high byte first."""
    return fields.number(self.raw[..., OFFSETS[name]])

  def _bytes(self, name: str) -> np.ndarray:
    return self.raw[..., OFFSETS[name]].astype(np.int32)

  def _member_bytes(self, name: str, size: int) -> np.ndarray:
    """[..., 6, size] i32: bytes of each party struct."""
    mons = self._bytes("wPartyMons")
    mons = mons.reshape(*mons.shape[:-1], PARTY_SIZE, PARTY_STRUCT_SIZE)
    return mons[
      ..., fields.PARTY_FIELDS[name] : fields.PARTY_FIELDS[name] + size
    ]

  def event(self, index: int) -> np.ndarray:
    """[...] bool: story flag `index` (byte index // 8, bit index % 8)."""
    return (self.events[..., index // 8] >> (index % 8) & 1).astype(bool)


def decode(ram: np.ndarray) -> GameRam:
  """Decodes RAM snapshots.

  Args:
    ram: `[..., RAM_SIZE]` u8 from `snapshot` or `build`.

  Returns:
    `GameRam` with leading shape `[...]`.

  Raises:
    ValueError: the last dimension is not `RAM_SIZE`.
  """
  ram = np.asarray(ram, np.uint8)
  if ram.shape[-1] != RAM_SIZE:
    raise ValueError(
      f"a RAM snapshot has {RAM_SIZE} bytes, not {ram.shape[-1]}: "
      "was it written by another version?"
    )
  raw = {name: ram[..., span] for name, span in OFFSETS.items()}
  num = {n: fields.number(v) for n, v in raw.items() if v.shape[-1] <= 2}
  return GameRam(
    **fields.overworld(num),
    **fields.battle(num),
    **fields.party(raw, num),
    **fields.progress(raw, num),
    **fields.screen(num),
    raw=ram,
  )
