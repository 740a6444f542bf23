"""Earlier RAM layouts: the variables that an episode's file holds, or lacks.

A snapshot's bytes follow `memory.SNAPSHOT`, and a file names that table by its
hash. Variables are added now and then; what was recorded before, by hand
perhaps, stays readable: the variables that it lacks are filled with zeros.
"""

import hashlib
from collections.abc import Collection

import numpy as np

from dreamer_jax.game.memory import OFFSETS, RAM_SIZE, SNAPSHOT

# Layouts of before, by their hash: the variables that they lacked. To add a
# variable, add a row with the hash of before, and the name to the other rows.
# A variable's zero must mean what was taken for granted without it.
EARLIER: dict[str, tuple[str, ...]] = {
  # Zero: no trainer has seen the player, as `can_act` supposed.
  "89d178234b763390": ("wMiscFlags", "wStatusFlags7"),
}


def name_of(lacking: Collection[str] = ()) -> str:
  """The hash of the layout without those variables."""
  held = [item for item in SNAPSHOT.items() if item[0] not in lacking]
  return hashlib.sha256(repr(held).encode()).hexdigest()[:16]


RAM_LAYOUT = name_of()


def recorded(layout: str) -> np.ndarray:
  """`[RAM_SIZE]` bool: which of a snapshot's bytes files of a layout hold.

  Raises:
    KeyError: no such layout is known.
  """
  held = np.ones(RAM_SIZE, bool)
  for name in () if layout == RAM_LAYOUT else EARLIER[layout]:
    held[OFFSETS[name]] = False
  return held


def completed(ram: np.ndarray, held: np.ndarray) -> np.ndarray:
  """`[T, RAM_SIZE]` u8 of `ram` `[T, held.sum()]`; zeros where not `held`."""
  if held.all():
    return ram
  whole = np.zeros((len(ram), RAM_SIZE), np.uint8)
  whole[:, held] = ram
  return whole
