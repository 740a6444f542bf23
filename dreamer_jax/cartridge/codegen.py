"""Turns the cartridge's Python tables into C: RAM, pictures, maps, texts."""

from collections.abc import Mapping, Sequence

import numpy as np

from dreamer_jax.cartridge import (
  c_source,
  cells,
  creatures,
  font,
  map_types,
  maps,
  sprites,
  tables,
  text,
  wram,
)

BG_SHADES = {".": 0, "-": 1, "o": 2, "#": 3}
SPRITE_COLOURS = {"_": 0, ".": 1, "-": 2, "#": 3}

SOLID, GRASS, DOOR, MAT, COUNTER = 1, 2, 4, 8, 16

# Scripts with code of their own; every other script only shows its text.
SCRIPTS = (
    "mother", "guard", "keeper", "starter_0", "starter_1", "starter_2",
    "healer", "leader",
)  # fmt: skip
SCRIPT_BASE = 0xE0


def pack_tile(tile: np.ndarray) -> bytes:
  """[8, 8] u8 colours -> the Game Boy's 16 bytes."""
  low = np.packbits(tile & 1, axis=1)
  high = np.packbits(tile >> 1 & 1, axis=1)
  return np.concatenate([low, high], axis=1).tobytes()


def _pixels(rows: Sequence[str], colours: Mapping[str, int]) -> np.ndarray:
  return np.array([[colours[c] for c in row] for row in rows], np.uint8)


def _tiles(picture: np.ndarray) -> list[bytes]:
  """A picture's 8x8 tiles, row by row."""
  return [
    pack_tile(picture[y : y + 8, x : x + 8])
    for y in range(0, picture.shape[0], 8)
    for x in range(0, picture.shape[1], 8)
  ]


def _tileset(art: Mapping[str, str]) -> tuple[list[bytes], list[int]]:
  """A set's distinct tiles, and four tile ids for each cell."""
  tiles: list[bytes] = []
  cell_tiles = []
  for key in art:
    for tile in _tiles(_pixels(cells.cell_rows(art, key), BG_SHADES)):
      if tile not in tiles:
        tiles.append(tile)
      cell_tiles.append(tiles.index(tile))
  if len(tiles) > 0x60:
    raise ValueError(f"a tile set holds 96 tiles, not {len(tiles)}")
  return tiles, cell_tiles


def cell_ids() -> dict[tuple[bool, str], int]:
  """The ROM's number of each (is_outdoor, map letter)."""
  keys = [(True, k) for k in cells.OUTDOOR] + [(False, k) for k in cells.INDOOR]
  return {key: i for i, key in enumerate(keys)}


def _cell_flags(key: str) -> int:
  special = {map_types.GRASS: GRASS, map_types.DOOR: DOOR, map_types.MAT: MAT,
             map_types.COUNTER: COUNTER}  # fmt: skip
  return special.get(key, 0) | (0 if key in map_types.WALKABLE else SOLID)


def assets_c() -> dict[str, str]:
  """assets.h and assets.c: tiles, sprites, portraits, font."""
  outdoor, outdoor_cells = _tileset(cells.OUTDOOR)
  indoor, indoor_cells = _tileset(cells.INDOOR)
  people = [sprites.sprite_rows(art) for art in sprites.PEOPLE.values()]
  figures = [
    tile
    for rows in sprites.player_sprites() + people
    for tile in _tiles(_pixels(rows, SPRITE_COLOURS))
  ]
  letters = {text.CODES[k]: font.letter_rows(k) for k in font.LETTERS}
  glyphs = [
    b for code in range(0x80, 0x100) for b in letters.get(code, [0] * 8)
  ]
  marks = {**font.MARKS, **{0x63 + i: font.bar_tile(i) for i in range(9)}}
  mark_data = b"".join(
    bytes([code]) + pack_tile(_pixels(art, BG_SHADES))
    for code, art in sorted(marks.items())
  )
  portraits = [
    tile
    for species in tables.SPECIES
    for tile in _tiles(creatures.portrait(species.name))
  ]
  flags = [_cell_flags(key) for _, key in cell_ids()]
  ids = cell_ids()
  title = [ids[True, c] for row in maps.TITLE_ROWS for c in row]
  logo, logo_columns = _logo("LANTERN ISLE")
  if len(outdoor) + len(logo) > 0x60:
    raise ValueError("the title's letters do not fit beside the outdoor tiles")
  arrays = {
      "outdoor_tiles": b"".join(outdoor), "indoor_tiles": b"".join(indoor),
      "figure_tiles": b"".join(figures), "font_glyphs": bytes(glyphs),
      "mark_tiles": mark_data, "portrait_tiles": b"".join(portraits),
      "cell_tiles": outdoor_cells + indoor_cells, "cell_flags": flags,
      "title_cells": title, "logo_tiles": b"".join(logo),
      "logo_columns": logo_columns,
  }  # fmt: skip
  sizes = {
      "OUTDOOR_TILES": len(outdoor), "INDOOR_TILES": len(indoor),
      "FIGURE_TILES": len(figures), "MARKS": len(marks),
      "LOGO_TILES": len(logo), "LOGO_WIDTH": len(logo_columns),
  }  # fmt: skip
  return c_source.module("assets", arrays, sizes)


def _logo(words: str) -> tuple[list[bytes], list[int]]:
  """Tiles of tall letters in pairs, and each column's pair (255 = blank)."""
  kinds = sorted(set(words.replace(" ", "")))
  tiles = [
    pack_tile(_pixels(half, BG_SHADES))
    for letter in kinds
    for half in font.logo_tiles(letter)
  ]
  return tiles, [kinds.index(c) if c in kinds else 255 for c in words]


def maps_c() -> dict[str, str]:
  """maps.c: cells, warps, people and signs of each map."""
  ids = cell_ids()
  index = {m: i for i, m in enumerate(maps.MAPS)}
  kinds = list(sprites.PEOPLE)
  out = ['#include "maps.h"']
  table = []
  for i, m in enumerate(maps.MAPS.values()):
    rows = [ids[m.is_outdoor, c] for row in m.rows for c in row]
    warps = [(w.y, w.x, w.to_map, w.to_y, w.to_x) for w in m.warps]
    people = [(p.y, p.x, kinds.index(p.sprite), script_id(p.script))
              for p in m.people]  # fmt: skip
    signs = [(s.y, s.x, 0, script_id(s.script)) for s in m.signs]
    out.append(c_source.array(f"static const uint8_t cells_{i}", rows))
    out.append(c_source.structs(f"static const warp_t warps_{i}", warps))
    out.append(c_source.structs(f"static const thing_t people_{i}", people))
    out.append(c_source.structs(f"static const thing_t signs_{i}", signs))
    north = 255 if m.north is None else index[m.north]
    south = 255 if m.south is None else index[m.south]
    border = ids[m.is_outdoor, "T" if m.is_outdoor else " "]
    table.append(
      f"  {{{m.id}, {m.width}, {m.height}, {border}, {int(not m.is_outdoor)},"
      f" {north}, {south}, {len(warps)}, {len(people)}, {len(signs)},"
      f" cells_{i}, warps_{i}, people_{i}, signs_{i}}},"
    )
  out += ["const map_t maps[] = {", *table, "};"]
  gate_map, (gate_x0, gate_x1), gate_y = maps.GATE
  constants = {
      "N_MAPS": len(maps.MAPS), "START_MAP": maps.START[0],
      "START_X": maps.START[1], "START_Y": maps.START[2],
      "GATE_MAP": gate_map, "GATE_X0": gate_x0, "GATE_X1": gate_x1,
      "GATE_Y": gate_y, "SCRIPT_BASE": SCRIPT_BASE,
      "FIRST_TOWN": maps.HOME_TOWN, "SECOND_TOWN": maps.SECOND_TOWN,
      "RESTORE_0_X": maps.RESTORES[maps.HOME_TOWN][0],
      "RESTORE_0_Y": maps.RESTORES[maps.HOME_TOWN][1],
      "RESTORE_1_X": maps.RESTORES[maps.SECOND_TOWN][0],
      "RESTORE_1_Y": maps.RESTORES[maps.SECOND_TOWN][1],
      **{f"SCRIPT_{n.upper()}": SCRIPT_BASE + i for i, n in enumerate(SCRIPTS)},
  }  # fmt: skip
  lines = [f"#define {name} {value}" for name, value in constants.items()]
  return {
    "maps.c": "\n".join(out),
    "map_ids.h": c_source.guard("MAP_IDS_H", lines),
  }


def script_id(name: str) -> int:
  """The ROM's number of a script: a code of its own, or a text's index."""
  if name in SCRIPTS:
    return SCRIPT_BASE + SCRIPTS.index(name)
  return list(text.TEXTS).index(name)


def texts_c() -> dict[str, str]:
  """texts.h and texts.c: every text, as pointers by number."""
  lines = ["#include <stdint.h>", "extern const uint8_t *const texts[];"]
  out = ["#include <stdint.h>"]
  for i, (name, words) in enumerate(text.TEXTS.items()):
    code = text.encode_text(words)
    if len(code) > wram.PRIVATE_BUFFERS["text_buffer"].size:
      raise ValueError(f"text {name!r} is longer than the text buffer")
    lines.append(f"#define T_{name.upper()} {i}")
    out.append(c_source.array(f"static const uint8_t text_{i}", code))
  pointers = ", ".join(f"text_{i}" for i in range(len(text.TEXTS)))
  out.append(f"const uint8_t *const texts[] = {{{pointers}}};")
  for name in ("BALL", "FIGHT", "KIN", "RUN", "YES", "NO", "LUMI",
               "PRESS START", "Which one?"):  # fmt: skip
    symbol = name.strip("?").lower().replace(" ", "_")
    lines.append(f"extern const uint8_t w_{symbol}[];")
    code = text.encode(name) + bytes([text.END])
    out.append(c_source.array(f"const uint8_t w_{symbol}", code))
  return {
    "texts.h": c_source.guard("TEXTS_H", lines),
    "texts.c": "\n".join(out),
  }


def tables_c() -> dict[str, str]:
  """tables.c: species, moves, wild creatures and the leader's team."""
  names = b"".join(_padded(s.name, 9) for s in tables.SPECIES)
  species = [v for s in tables.SPECIES for v in (*s[1:8], *s.moves)]
  moves = b"".join(
    _padded(m.name, 8) + bytes([m.type, m.power, m.pp]) for m in tables.MOVES
  )
  arrays = {
      "species_names": names, "species_data": species, "move_data": moves,
      "wild_species": tables.WILD, "wild_levels": tables.WILD_LEVELS,
      "starter_species": tables.STARTERS,
      "leader_team": [v for member in tables.LEADER_TEAM for v in member],
  }  # fmt: skip
  sizes = {
      "LEADER_SIZE": len(tables.LEADER_TEAM), "BALL_ITEM": tables.BALL_ITEM,
      "LEADER_CLASS": tables.LEADER_CLASS,
      "LEADER_OPPONENT": f"{tables.LEADER_CLASS + 200}U",
      "TYPE_PLAIN": tables.PLAIN,
      "TYPE_EMBER": tables.EMBER, "TYPE_TIDE": tables.TIDE,
      "TYPE_MOSS": tables.MOSS, "STARTER_LEVEL": tables.STARTER_LEVEL,
      "STARTER_BALLS": tables.STARTER_BALLS, "N_SPECIES": len(tables.SPECIES),
  }  # fmt: skip
  return c_source.module("tables", arrays, sizes)


def generate() -> dict[str, str]:
  """All generated C: file name -> content."""
  wram.check_wram(wram.wram_table())
  parts = (wram.wram_c(), assets_c(), maps_c(), texts_c(), tables_c())
  return {name: body + "\n" for part in parts for name, body in part.items()}


def _padded(word: str, size: int) -> bytes:
  code = text.encode(word)
  if len(code) >= size:
    raise ValueError(f"{word!r} is longer than {size - 1} letters")
  return code + bytes([text.END] * (size - len(code)))
