"""Pokémon Red's RAM by name: the table of addresses, and snapshots of it.

The only file with hex addresses. Names, addresses and encodings follow the
symbol table of the pret/pokered disassembly, for the US cartridge with SHA-1
ea9bcae617fdf159b045185467ae58b2e4a48b9a. Lantern Isle keeps the same variables
at the same addresses, so one reader (`game/ram.py`) serves both games.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Var(NamedTuple):
  """Where a variable lives: first address and size in bytes."""

  address: int
  size: int


# What `GameRam` is built from: the bytes of a RAM snapshot, by address.
# Who adds a variable names it in `data/layouts.py`, so that older recordings
# stay readable.
SNAPSHOT: dict[str, Var] = {
  "wSpritePlayerFacing": Var(0xC109, 1),  # 0 down, 4 up, 8 left, 12 right
  "wTextArrow": Var(0xC4F2, 1),  # tile (18, 16): 0xEE = waits for a button
  "wTopMenuItemY": Var(0xCC24, 1),
  "wTopMenuItemX": Var(0xCC25, 1),
  "wCurrentMenuItem": Var(0xCC26, 1),
  "wMaxMenuItem": Var(0xCC28, 1),
  "wPlayerMoveListIndex": Var(0xCC2E, 1),
  "wPlayerMonNumber": Var(0xCC2F, 1),
  "wListScrollOffset": Var(0xCC36, 1),  # first shown entry of a long list
  "wNPCMovementScriptPointerTableNum": Var(0xCC57, 1),
  "wSimulatedJoypadStatesIndex": Var(0xCD38, 1),
  "wMiscFlags": Var(0xCD60, 1),  # bit 0: a trainer has seen the player
  "wJoyIgnore": Var(0xCD6B, 1),
  "wBattleResult": Var(0xCF0B, 1),  # 0 won, 1 lost, 2 ran or caught
  "wFontLoaded": Var(0xCFC4, 1),  # bit 0: a text box owns the screen
  "wWalkCounter": Var(0xCFC5, 1),  # 0 = standing still
  "wEnemyMonSpecies": Var(0xCFE5, 1),
  "wEnemyMonHP": Var(0xCFE6, 2),
  "wEnemyMonPartyPos": Var(0xCFE8, 1),  # 0xFF: none sent out yet
  "wEnemyMonStatus": Var(0xCFE9, 1),
  "wEnemyMonLevel": Var(0xCFF3, 1),
  "wEnemyMonMaxHP": Var(0xCFF4, 2),
  "wBattleMonSpecies": Var(0xD014, 1),
  "wBattleMonHP": Var(0xD015, 2),
  "wBattleMonStatus": Var(0xD018, 1),
  "wBattleMonMoves": Var(0xD01C, 4),
  "wBattleMonLevel": Var(0xD022, 1),
  "wBattleMonMaxHP": Var(0xD023, 2),
  "wBattleMonPP": Var(0xD02D, 4),
  "wTrainerClass": Var(0xD031, 1),
  "wIsInBattle": Var(0xD057, 1),  # 0 no, 1 wild, 2 trainer, 0xFF just lost
  "wCurOpponent": Var(0xD059, 1),
  "wBattleType": Var(0xD05A, 1),  # 0 normal, 1 demonstration, 2 safari
  "wGymLeaderNo": Var(0xD05C, 1),  # 1-8 in a leader's battle
  "wTrainerNo": Var(0xD05D, 1),  # team within the class
  "wEscapedFromBattle": Var(0xD078, 1),
  "wCapturedMonSpecies": Var(0xD11C, 1),
  "wTextBoxID": Var(0xD125, 1),
  "wOutOfBattleBlackout": Var(0xD12D, 1),  # 0xFF: poison, on foot
  "wPlayerName": Var(0xD158, 11),
  "wPartyCount": Var(0xD163, 1),
  "wPartySpecies": Var(0xD164, 7),  # 0xFF-terminated
  "wPartyMons": Var(0xD16B, 264),  # 6 structs of 44 bytes
  "wPokedexOwned": Var(0xD2F7, 19),
  "wPokedexSeen": Var(0xD30A, 19),
  "wNumBagItems": Var(0xD31D, 1),
  "wBagItems": Var(0xD31E, 41),  # 20 (item, count) pairs, 0xFF
  "wPlayerMoney": Var(0xD347, 3),  # binary-coded decimal
  "wOptions": Var(0xD355, 1),
  "wObtainedBadges": Var(0xD356, 1),
  "wMapPalOffset": Var(0xD35D, 1),  # 6 in a dark cave
  "wCurMap": Var(0xD35E, 1),
  "wYCoord": Var(0xD361, 1),
  "wXCoord": Var(0xD362, 1),
  "wLastMap": Var(0xD365, 1),
  "wCurMapTileset": Var(0xD367, 1),
  "wCurMapHeight": Var(0xD368, 1),  # blocks of 2x2 player tiles
  "wCurMapWidth": Var(0xD369, 1),
  "wNumHoFTeams": Var(0xD5A2, 1),  # times the game was finished
  "wWalkBikeSurfState": Var(0xD700, 1),  # 0 on foot, 1 bicycle, 2 surfing
  "wTownVisitedFlag": Var(0xD70B, 2),  # bit = map id 0-10, low byte first
  "wPlayerStarter": Var(0xD717, 1),
  "wLastBlackoutMap": Var(0xD719, 1),
  "wStatusFlags4": Var(0xD72E, 1),  # bit 3: got the starter
  "wStatusFlags5": Var(0xD730, 1),  # bits 0, 5, 7: a script has the pad
  "wStatusFlags6": Var(0xD732, 1),  # bit 0: the game clock runs
  "wStatusFlags7": Var(0xD733, 1),  # bits 3, 4: a trainer's battle comes
  "wEventFlags": Var(0xD747, 320),
  "wEnemyPartyCount": Var(0xD89C, 1),  # in trainer battles only
  "wPlayTimeHours": Var(0xDA41, 1),
  "wPlayTimeMinutes": Var(0xDA43, 1),
  "wPlayTimeSeconds": Var(0xDA44, 1),
  "wPlayTimeFrames": Var(0xDA45, 1),
  "hWY": Var(0xFFB0, 1),  # window's top line: 0x90 = free overworld
  "hJoyHeld": Var(0xFFB4, 1),
}

# What Lantern Isle keeps at Red's addresses besides, but no reader needs.
UNREAD: dict[str, Var] = {
  "wShadowOAM": Var(0xC300, 160),
  "wTileMap": Var(0xC3A0, 360),
  "wPartyAndBillsPCSavedMenuItem": Var(0xCC2B, 1),
  "wBagSavedMenuItem": Var(0xCC2C, 1),
  "wBattleAndStartSavedMenuItem": Var(0xCC2D, 1),
  "wCanEvolveFlags": Var(0xCCD3, 1),  # a bit a party slot
  "wPlayerSelectedMove": Var(0xCCDC, 1),
  "wEnemySelectedMove": Var(0xCCDD, 1),
  "wWhichPokemon": Var(0xCF92, 1),
  "wEnemyMonNick": Var(0xCFDA, 11),
  "wEnemyMonType1": Var(0xCFEA, 1),
  "wEnemyMonType2": Var(0xCFEB, 1),
  "wEnemyMonCatchRate": Var(0xCFEC, 1),
  "wEnemyMonMoves": Var(0xCFED, 4),
  "wEnemyMonDVs": Var(0xCFF1, 2),
  "wEnemyMonAttack": Var(0xCFF6, 2),
  "wEnemyMonDefense": Var(0xCFF8, 2),
  "wEnemyMonSpeed": Var(0xCFFA, 2),
  "wEnemyMonSpecial": Var(0xCFFC, 2),
  "wBattleMonNick": Var(0xD009, 11),
  "wBattleMonType1": Var(0xD019, 1),
  "wBattleMonType2": Var(0xD01A, 1),
  "wBattleMonDVs": Var(0xD020, 2),
  "wBattleMonAttack": Var(0xD025, 2),
  "wBattleMonDefense": Var(0xD027, 2),
  "wBattleMonSpeed": Var(0xD029, 2),
  "wBattleMonSpecial": Var(0xD02B, 2),
  "wPartyGainExpFlags": Var(0xD058, 1),  # a bit a party slot
  "wDamageMultipliers": Var(0xD05B, 1),  # here: in quarters
  "wMoveMissed": Var(0xD05F, 1),
  "wAmountMoneyWon": Var(0xD079, 3),  # binary-coded decimal
  "wDamage": Var(0xD0D7, 2),
  "wRepelRemainingSteps": Var(0xD0DB, 1),
  "wEvolutionOccurred": Var(0xD121, 1),
  "wStepCounter": Var(0xD13B, 1),
  "wNumberOfNoRandomBattleStepsLeft": Var(0xD13C, 1),
  "wPartyMonOT": Var(0xD273, 66),
  "wPartyMonNicks": Var(0xD2B5, 66),
  "wPlayerID": Var(0xD359, 2),
  "wNorthConnectedMap": Var(0xD371, 1),  # 0xFF = none
  "wSouthConnectedMap": Var(0xD37C, 1),
  "wWestConnectedMap": Var(0xD387, 1),
  "wEastConnectedMap": Var(0xD392, 1),
  "wNumberOfWarps": Var(0xD3AE, 1),
  "wWarpEntries": Var(0xD3AF, 128),  # 32 x (y, x, its warp, map)
  "wNumSigns": Var(0xD4B0, 1),
  "wNumSprites": Var(0xD4E1, 1),
  "wCurrentMapHeight2": Var(0xD524, 1),  # player tiles
  "wCurrentMapWidth2": Var(0xD525, 1),
  "wBeatGymFlags": Var(0xD72A, 1),
  "wGrassRate": Var(0xD887, 1),
  "wGrassMons": Var(0xD888, 20),  # 10 x (level, species)
  "wEnemyPartySpecies": Var(0xD89D, 7),
  "wEnemyMons": Var(0xD8A4, 264),
  "wBoxCount": Var(0xDA80, 1),
  "wBoxSpecies": Var(0xDA81, 21),  # 0xFF-terminated
  "wBoxMons": Var(0xDA96, 660),  # 20 structs of 33 bytes
  "hSCX": Var(0xFFAE, 1),
  "hSCY": Var(0xFFAF, 1),
  "hJoyPressed": Var(0xFFB3, 1),
  "hLoadedROMBank": Var(0xFFB8, 1),
  "hRandomAdd": Var(0xFFD3, 1),
  "hRandomSub": Var(0xFFD4, 1),
}

# What holds variables, and so overlaps them.
AREAS: dict[str, Var] = {"wWorkRam": Var(0xC000, 0x2000)}


def find(name: str) -> Var:
  """Where a variable lives, read or unread, or an area of them.

  Raises:
    KeyError: no such variable.
  """
  return SNAPSHOT.get(name) or UNREAD.get(name) or AREAS[name]


def _offsets() -> dict[str, slice]:
  """Each variable's place in a snapshot."""
  ends = np.cumsum([var.size for var in SNAPSHOT.values()])
  return {
    name: slice(int(end) - var.size, int(end))
    for (name, var), end in zip(SNAPSHOT.items(), ends, strict=True)
  }


OFFSETS = _offsets()
RAM_SIZE = sum(var.size for var in SNAPSHOT.values())


def _read_plan(max_gap: int = 16) -> tuple[list[tuple[int, int]], np.ndarray]:
  """Merged `[start, stop)` address ranges, and each byte's place in them.

  Near neighbours are read as one slice, which costs as much as 20 bytes.
  """
  ranges: list[list[int]] = []
  index = []
  base = 0
  for var in SNAPSHOT.values():
    if ranges and 0 <= var.address - ranges[-1][1] <= max_gap:
      ranges[-1][1] = var.address + var.size
    else:
      base += ranges[-1][1] - ranges[-1][0] if ranges else 0
      ranges.append([var.address, var.address + var.size])
    start = base + var.address - ranges[-1][0]
    index.extend(range(start, start + var.size))
  return [(a, b) for a, b in ranges], np.asarray(index)


_RANGES, _INDEX = _read_plan()


def snapshot(read: Callable[[int, int], bytes | list[int]]) -> np.ndarray:
  """Reads every byte that `GameRam` needs.

  Args:
    read: `read(start, stop)` returns the bytes of `[start, stop)`, as
      `pyboy.memory[start:stop]` does.

  Returns:
    `[RAM_SIZE]` u8, in the order of `SNAPSHOT`.
  """
  data = b"".join(bytes(read(start, stop)) for start, stop in _RANGES)
  return np.frombuffer(data, np.uint8)[_INDEX]


def build(**values: int | bytes | list[int]) -> np.ndarray:
  """Builds a snapshot from named values, zero elsewhere; for tests and tools.

  Args:
    **values: a variable's name and its bytes, or an integer, which is stored
      high byte first.

  Returns:
    `[RAM_SIZE]` u8.

  Raises:
    KeyError: no such variable. ValueError: more bytes than it holds.
  """
  ram = np.zeros(RAM_SIZE, np.uint8)
  for name, value in values.items():
    size = SNAPSHOT[name].size
    data = value.to_bytes(size, "big") if isinstance(value, int) else value
    data = np.asarray(list(data), np.uint8)
    if data.size > size:
      raise ValueError(f"{name} holds {size} bytes, not {data.size}")
    start = OFFSETS[name].start
    ram[start : start + data.size] = data
  return ram
