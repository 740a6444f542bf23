"""The fields of `GameRam`, made from a snapshot's bytes.

Encodings follow the fact table (pret/pokered). Plain functions from named
bytes to named arrays; `ram.decode` puts them together.
"""

import numpy as np

PARTY_SIZE = 6
PARTY_STRUCT_SIZE = 44
DEX_SIZE = 152

# Byte offsets inside a 44-byte party struct.
PARTY_FIELDS = {
    "species": 0, "hp": 1, "status": 4, "moves": 8, "otid": 12, "exp": 14,
    "dvs": 27, "pp": 29, "level": 33, "max_hp": 34,
}  # fmt: skip

_TEXT_ARROW_TILE = 0xEE
_WINDOW_HIDDEN = 0x90


def number(data: np.ndarray) -> np.ndarray:
  """[..., n] u8, high byte first -> [...] i32."""
  value = np.zeros(data.shape[:-1], np.int32)
  for i in range(data.shape[-1]):
    value = value * 256 + data[..., i]
  return value


def bits(data: np.ndarray) -> np.ndarray:
  """[..., n] u8 -> [..., 8 n] bool, low bit first."""
  return np.unpackbits(data, axis=-1, bitorder="little").astype(bool)


def overworld(num: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
  """Where the player is."""
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


def battle(num: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
  """The battle, or what is left of the last one."""
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


def party(raw, num) -> dict[str, np.ndarray]:
  """Members by slot, as their structs say."""
  shape = raw["wPartyMons"].shape[:-1]
  mons = raw["wPartyMons"].reshape(*shape, PARTY_SIZE, PARTY_STRUCT_SIZE)
  field = lambda name, n: number(
    mons[..., PARTY_FIELDS[name] : PARTY_FIELDS[name] + n]
  )
  otid = field("otid", 2).astype(np.int64)
  return dict(
    party_count=np.minimum(num["wPartyCount"], PARTY_SIZE),
    party_species=field("species", 1),
    party_hp=field("hp", 2),
    party_max_hp=field("max_hp", 2),
    party_level=field("level", 1),
    party_exp=field("exp", 3),
    party_id=otid * 65536 + field("dvs", 2),
  )


def progress(raw, num) -> dict[str, np.ndarray]:
  """Dex, badges, money, bag, story and clock."""
  digits = raw["wPlayerMoney"].astype(np.int32)
  digits = (digits >> 4) * 10 + (digits & 15)
  bag = raw["wBagItems"][..., :40].astype(np.int32)
  bag = bag.reshape(*bag.shape[:-1], 20, 2)
  held = np.arange(20) < num["wNumBagItems"][..., None]
  seconds = num["wPlayTimeHours"].astype(np.int64) * 3600
  seconds = seconds + num["wPlayTimeMinutes"] * 60 + num["wPlayTimeSeconds"]
  return dict(
    owned=bits(raw["wPokedexOwned"]),
    seen=bits(raw["wPokedexSeen"]),
    badges=num["wObtainedBadges"],
    money=digits @ np.array([10000, 100, 1], np.int32),
    bag=np.where(held[..., None], bag, 0),
    events=raw["wEventFlags"],
    got_starter=(num["wStatusFlags4"] & 8) != 0,
    is_playing=(num["wStatusFlags6"] & 1) != 0,
    play_time_frames=seconds * 60 + num["wPlayTimeFrames"],
  )


def screen(num) -> dict[str, np.ndarray]:
  """Menus and text, and whether the player can act."""
  in_battle = (num["wIsInBattle"] == 1) | (num["wIsInBattle"] == 2)
  # hWY rests at 0 in battle and at the title too, so the font bit leads and
  # the window counts only while the clock runs. See the fact table's README.
  playing = (num["wStatusFlags6"] & 1) != 0
  font = (num["wFontLoaded"] & 1) != 0
  window = num["hWY"] != _WINDOW_HIDDEN
  dialog = playing & ~in_battle & (font | window)
  scripted = (num["wStatusFlags5"] & 0b10100001) != 0
  # From the "!" over a trainer's head to the battle's end; while the "!" is
  # shown, nothing else says that the pad is dead.
  seen = (num["wMiscFlags"] & 1) != 0
  challenged = seen | ((num["wStatusFlags7"] & 0b11000) != 0)
  busy = (
    (num["wIsInBattle"] != 0)
    | font
    | window
    | (num["wWalkCounter"] != 0)
    | (num["wJoyIgnore"] != 0)
    | (num["wSimulatedJoypadStatesIndex"] != 0)
    | (num["wNPCMovementScriptPointerTableNum"] != 0)
    | scripted
    | challenged
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
