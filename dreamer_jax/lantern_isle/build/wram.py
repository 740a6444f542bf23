"""The cartridge's variables at Red's addresses, as C, and their layout."""

import itertools
from collections.abc import Mapping

from dreamer_jax.game import memory
from dreamer_jax.lantern_isle.build import c_source

# Red's variables kept out of C: they overlap others, or are parts of them.
_NOT_DECLARED = ("wTextArrow",)
_PLAIN_MEMORY = ("wShadowOAM", "wTileMap")  # bulk buffers, not volatile
# Our own buffers outside the linker's area, in Red's map buffers.
PRIVATE_BUFFERS = {
  "tile_table": memory.Var(0xC200, 256),  # four tiles a cell; page-aligned
  "text_buffer": memory.Var(0xC508, 128),
  "map_head": memory.Var(0xC5C8, 40),  # see `src/maps.h`
  "people": memory.Var(0xC5F0, 96),  # 8 bytes each
  "signs": memory.Var(0xC650, 96),
  "edge_head": memory.Var(0xC6B0, 16),  # of a neighbouring map
  "field": memory.Var(0xC6E8, 1300),  # cells, 32 a row, 5 of border
}
# What the battery keeps: name, party, bag, map, events, box.
SAVED = (
  memory.SNAPSHOT["wPlayerName"].address,
  memory.UNREAD["wBoxMons"].address + memory.UNREAD["wBoxMons"].size,
)
LINKER_RAM = (0xC000, 0xC100)  # Red keeps its sound engine's state here
STACK = (0xDF15, 0xE000)


def wram_table() -> dict[str, memory.Var]:
  """Every fixed variable of the C program, by name."""
  table = {**memory.SNAPSHOT, **memory.UNREAD, **PRIVATE_BUFFERS}
  return {n: v for n, v in table.items() if n not in _NOT_DECLARED}


def check_wram(table: Mapping[str, memory.Var]) -> None:
  """Refuses overlapping variables.

  Raises:
    ValueError: two variables, or one and the linker's RAM, share a byte.
  """
  spans = [(v.address, v.address + v.size, n) for n, v in table.items()]
  spans += [(*LINKER_RAM, "the linker's RAM"), (*STACK, "the stack")]
  spans.sort()
  for (_, stop, name), (start, _, other) in itertools.pairwise(spans):
    if stop > start:
      raise ValueError(f"{name} and {other} overlap at {start:#06x}")


def wram_c() -> dict[str, str]:
  """wram.h and wram.c: Red's variables at Red's addresses."""
  header, source = ["#include <stdint.h>"], ["#include <stdint.h>"]
  header.append(f"#define SAVE_SIZE {SAVED[1] - SAVED[0]}")
  for name, var in wram_table().items():
    size = f"[{var.size}]" if var.size > 1 else ""
    bulk = name in _PLAIN_MEMORY or name in PRIVATE_BUFFERS
    kind = "uint8_t" if bulk else "volatile uint8_t"
    header.append(f"extern {kind} {name}{size};")
    source.append(f"{kind} __at(0x{var.address:04X}) {name}{size};")
  return {
    "wram.h": c_source.guard("WRAM_H", header),
    "wram.c": "\n".join(source),
  }
