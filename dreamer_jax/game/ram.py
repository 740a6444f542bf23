"""`GameRam`: what a RAM snapshot says, decoded.

Encodings follow the fact table (pret/pokered); every awkward byte carries its
warning in the field's comment. `decode` takes any leading shape, so one step
and a whole replay share one code path.
"""

import dataclasses

import numpy as np

from dreamer_jax.game.memory import OFFSETS, RAM_SIZE

PARTY_SIZE = 6
PARTY_STRUCT_SIZE = 44
DEX_SIZE = 152

# Byte offsets inside a 44-byte party struct.
_PARTY = {
    "species": 0, "hp": 1, "status": 4, "moves": 8, "otid": 12, "exp": 14,
    "dvs": 27, "pp": 29, "level": 33, "max_hp": 34,
}  # fmt: skip

_TEXT_ARROW_TILE = 0xEE
_WINDOW_HIDDEN = 0x90
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
  party_moves: np.ndarray  # [..., 6, 4] u8, move ids, 0 = none
  party_pp: np.ndarray  # [..., 6, 4] u8, as stored (lags in battle)
  active_pp: np.ndarray  # [..., 4] u8, of the one that fights
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

  def event(self, index: int) -> np.ndarray:
    """[...] bool: story flag `index` (byte index // 8, bit index % 8)."""
    return (self.events[..., index // 8] >> (index % 8) & 1).astype(bool)


def _number(data: np.ndarray) -> np.ndarray:
  """[..., n] u8, high byte first -> [...] i32."""
  value = np.zeros(data.shape[:-1], np.int32)
  for i in range(data.shape[-1]):
    value = value * 256 + data[..., i]
  return value


def _bits(data: np.ndarray) -> np.ndarray:
  """[..., n] u8 -> [..., 8 n] bool, low bit first."""
  return np.unpackbits(data, axis=-1, bitorder="little").astype(bool)


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
  num = {n: _number(v) for n, v in raw.items() if v.shape[-1] <= 2}
  return GameRam(
    **_overworld(num),
    **_battle(num),
    **_party(raw, num),
    **_progress(raw, num),
    **_screen(num),
  )


def _overworld(num: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
  return dict(
    map_id=num["wCurMap"],
    x=num["wXCoord"],
    y=num["wYCoord"],
    facing=(num["wSpritePlayerFacing"] // 4) % 4,
    map_width=num["wCurMapWidth"] * 2,
    map_height=num["wCurMapHeight"] * 2,
    is_walking=num["wWalkCounter"] != 0,
    last_blackout_map=num["wLastBlackoutMap"],
  )


def _battle(num: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
  return dict(
    battle=num["wIsInBattle"],
    battle_result=num["wBattleResult"],
    battle_type=num["wBattleType"],
    escaped=num["wEscapedFromBattle"] != 0,
    captured_species=num["wCapturedMonSpecies"],
    enemy_species=num["wEnemyMonSpecies"],
    enemy_level=num["wEnemyMonLevel"],
    enemy_hp=num["wEnemyMonHP"],
    enemy_max_hp=num["wEnemyMonMaxHP"],
    active_slot=num["wPlayerMonNumber"],
    active_species=num["wBattleMonSpecies"],
    active_hp=num["wBattleMonHP"],
    active_max_hp=num["wBattleMonMaxHP"],
  )


def _party(raw, num) -> dict[str, np.ndarray]:
  shape = raw["wPartyMons"].shape[:-1]
  mons = raw["wPartyMons"].reshape(*shape, PARTY_SIZE, PARTY_STRUCT_SIZE)
  field = lambda name, n: _number(mons[..., _PARTY[name] : _PARTY[name] + n])
  otid = field("otid", 2).astype(np.int64)
  return dict(
    party_count=np.minimum(num["wPartyCount"], PARTY_SIZE),
    party_species=field("species", 1),
    party_hp=field("hp", 2),
    party_max_hp=field("max_hp", 2),
    party_level=field("level", 1),
    party_exp=field("exp", 3),
    party_id=otid * 65536 + field("dvs", 2),
    party_moves=mons[..., _PARTY["moves"] : _PARTY["moves"] + 4],
    party_pp=mons[..., _PARTY["pp"] : _PARTY["pp"] + 4] & 63,  # PP Ups above
    active_pp=raw["wBattleMonPP"] & 63,
  )


def _progress(raw, num) -> dict[str, np.ndarray]:
  digits = raw["wPlayerMoney"].astype(np.int32)
  digits = (digits >> 4) * 10 + (digits & 15)
  bag = raw["wBagItems"][..., :40].astype(np.int32)
  bag = bag.reshape(*bag.shape[:-1], 20, 2)
  held = np.arange(20) < num["wNumBagItems"][..., None]
  seconds = num["wPlayTimeHours"].astype(np.int64) * 3600
  seconds = seconds + num["wPlayTimeMinutes"] * 60 + num["wPlayTimeSeconds"]
  return dict(
    owned=_bits(raw["wPokedexOwned"]),
    seen=_bits(raw["wPokedexSeen"]),
    badges=num["wObtainedBadges"],
    money=digits @ np.array([10000, 100, 1], np.int32),
    bag=np.where(held[..., None], bag, 0),
    events=raw["wEventFlags"],
    got_starter=(num["wStatusFlags4"] & 8) != 0,
    is_playing=(num["wStatusFlags6"] & 1) != 0,
    play_time_frames=seconds * 60 + num["wPlayTimeFrames"],
  )


def _screen(num) -> dict[str, np.ndarray]:
  in_battle = (num["wIsInBattle"] == 1) | (num["wIsInBattle"] == 2)
  # hWY rests at 0 in battle and at the title too, so the font bit leads and
  # the window counts only while the clock runs. See the fact table's README.
  playing = (num["wStatusFlags6"] & 1) != 0
  font = (num["wFontLoaded"] & 1) != 0
  window = num["hWY"] != _WINDOW_HIDDEN
  dialog = playing & ~in_battle & (font | window)
  scripted = (num["wStatusFlags5"] & 0b10100001) != 0
  busy = (
    (num["wIsInBattle"] != 0)
    | font
    | window
    | (num["wWalkCounter"] != 0)
    | (num["wJoyIgnore"] != 0)
    | (num["wSimulatedJoypadStatesIndex"] != 0)
    | (num["wNPCMovementScriptPointerTableNum"] != 0)
    | scripted
  )
  return dict(
    menu_item=num["wCurrentMenuItem"],
    menu_x=num["wTopMenuItemX"],
    menu_y=num["wTopMenuItemY"],
    menu_max=num["wMaxMenuItem"],
    text_box_id=num["wTextBoxID"],
    text_waits=num["wTextArrow"] == _TEXT_ARROW_TILE,
    dialog_open=dialog,
    can_act=playing & ~busy,
  )
