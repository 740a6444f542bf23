"""Whether a RAM sample can be that of a game with Red's variables.

A ROM of another game, language or hack keeps other things at these addresses;
its bytes break one of these rules sooner or later. Those of `problems` hold at
rest on a map, not during warps and battles; `lasting_problems` always hold.
"""

from collections.abc import Collection

import numpy as np

from dreamer_jax.game.memory import OFFSETS
from dreamer_jax.game.ram import decode
from dreamer_jax.game.world_map import WorldMap

_TEXT_END = 0x50
_LIST_END = 0xFF
_FACINGS = (0, 4, 8, 12)


def problems(
  raw: np.ndarray, world: WorldMap, species: Collection[int] = ()
) -> list[str]:
  """What is wrong with a sample taken while the player can act.

  Args:
    raw: `[RAM_SIZE]` u8.
    world: of the game that the ROM should be.
    species: ids that a party member may have; empty for any.

  Returns:
    A sentence each; none where all is well.
  """
  ram = decode(raw)
  map_id = int(ram.map_id)
  size = (int(ram.map_width), int(ram.map_height))
  facing = raw[OFFSETS["wSpritePlayerFacing"]][0]
  rules = {
    f"the map {map_id} is not one of the game's": map_id in world.sizes,
    f"map {map_id} has {size[0]} x {size[1]} tiles, not "
    f"{world.sizes.get(map_id)}": world.sizes.get(map_id, size) == size,
    f"the player at ({int(ram.x)}, {int(ram.y)}) is off the map": bool(
      ram.x < size[0] and ram.y < size[1]
    ),
    "the player faces no direction": facing in _FACINGS,
    "a battle runs on the map": int(ram.battle) == 0,
  }
  return _broken(rules) + lasting_problems(raw, species)


def lasting_problems(
  raw: np.ndarray, species: Collection[int] = ()
) -> list[str]:
  """As `problems`, of a sample at any moment of play: no rule of the map."""
  ram = decode(raw)
  byte = lambda name: raw[OFFSETS[name]]
  count = int(byte("wPartyCount")[0])
  rules = {
    f"the party has {count} members": count <= 6,
    "the money is no decimal number": _is_decimal(byte("wPlayerMoney")),
    "the player's name does not end": _TEXT_END in byte("wPlayerName"),
    "the clock shows no time": bool(
      byte("wPlayTimeMinutes")[0] < 60 and byte("wPlayTimeSeconds")[0] < 60
    ),
    "a species is owned that was never seen": not (ram.owned & ~ram.seen).any(),
  }
  return _broken(rules) + _party_problems(raw, min(count, 6), species)


def _broken(rules: dict[str, bool]) -> list[str]:
  return [text for text, holds in rules.items() if not holds]


def _party_problems(raw, count: int, species: Collection[int]) -> list[str]:
  ram = decode(raw)
  listed = raw[OFFSETS["wPartySpecies"]]
  found = []
  for slot in range(count):
    name = f"party member {slot + 1}"
    kind = int(ram.party_species[slot])
    hp, most = int(ram.party_hp[slot]), int(ram.party_max_hp[slot])
    level = int(ram.party_level[slot])
    if kind != listed[slot]:
      found.append(f"{name} is {kind} in one place, {listed[slot]} in another")
    if species and kind not in species:
      found.append(f"{name} has the unknown species {kind}")
    if not 1 <= level <= 100 or hp > most or not most:
      found.append(f"{name} has level {level} and {hp} of {most} HP")
  if count and listed[count] != _LIST_END:
    found.append("the party's list does not end where its count says")
  return found


def _is_decimal(data: np.ndarray) -> bool:
  return bool(((data >> 4) < 10).all() and ((data & 15) < 10).all())
