"""Facts of moments that are made, not played."""

import numpy as np

from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.goals.predicates import Facts


def facts(wins=0, seen=(), **values):
  """Facts of a settled step on a 20 x 20 map; bytes by name on top."""
  values = {
    "wStatusFlags6": 1, "wStatusFlags4": 8, "wCurMapHeight": 10,
    "wCurMapWidth": 10, "hWY": 0x90, **values,
  }  # fmt: skip
  bits = np.packbits(np.isin(np.arange(256), seen), bitorder="little")
  return Facts(decode(memory.build(**values)), np.int32(wins), bits)


def party(*members):
  """`wPartyMons` of (HP, maximum, level)."""
  data = b""
  for hp, most, level in members:
    struct = bytearray(44)
    struct[1:3] = hp.to_bytes(2, "big")
    struct[33] = level
    struct[34:36] = most.to_bytes(2, "big")
    data += bytes(struct)
  return {"wPartyCount": len(members), "wPartyMons": data}


def events(*flags):
  data = bytearray(320)
  for flag in flags:
    data[flag // 8] |= 1 << flag % 8
  return bytes(data)
