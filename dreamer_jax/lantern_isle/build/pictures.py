"""Tiles, sprites, portraits and font, as the Game Boy stores them."""

from collections.abc import Mapping, Sequence

import numpy as np

from dreamer_jax.lantern_isle.art import cells, creatures, font, sprites
from dreamer_jax.lantern_isle.build import c_source
from dreamer_jax.lantern_isle.build.banks import DataBanks
from dreamer_jax.lantern_isle.world import map_types, maps, tables, text

BG_SHADES = {".": 0, "-": 1, "o": 2, "#": 3}
SPRITE_COLOURS = {"_": 0, ".": 1, "-": 2, "#": 3}
SOLID, WILD, DOOR, MAT, COUNTER, GRASS = 1, 2, 4, 8, 16, 32
TILE_BYTES = 16
_SET_NAMES = ("OUTDOOR", "INDOOR", "CAVE")


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


def cell_ids() -> dict[tuple[int, str], int]:
  """The ROM's number of each (tile set, map letter)."""
  keys = [(s, k) for s, art in enumerate(cells.TILESETS) for k in art]
  return {key: i for i, key in enumerate(keys)}


def _cell_flags(key: str) -> int:
  flags = 0 if key in map_types.WALKABLE else SOLID
  flags |= WILD if key in map_types.WILD_CELLS else 0
  flags |= GRASS if key == map_types.GRASS else 0
  flags |= DOOR if key in map_types.DOORS else 0
  special = {map_types.MAT: MAT, map_types.COUNTER: COUNTER}
  return flags | special.get(key, 0)


def _figures() -> list[bytes]:
  people = [sprites.sprite_rows(art) for art in sprites.PEOPLE.values()]
  return [
    tile
    for rows in sprites.player_sprites() + people
    for tile in _tiles(_pixels(rows, SPRITE_COLOURS))
  ]


def _font() -> tuple[list[int], bytes, int]:
  """Letters as eight rows of bits from code 0x80 on; the marks, their count."""
  letters = {text.CODES[k]: font.letter_rows(k) for k in font.LETTERS}
  glyphs = [
    b for code in range(0x80, 0x100) for b in letters.get(code, [0] * 8)
  ]
  marks = {**font.MARKS, **{0x63 + i: font.bar_tile(i) for i in range(9)}}
  packed = b"".join(
    bytes([code]) + pack_tile(_pixels(art, BG_SHADES))
    for code, art in sorted(marks.items())
  )
  return glyphs, packed, len(marks)


def _logo(words: str) -> tuple[list[bytes], list[int]]:
  """Tiles of tall letters in pairs, and each column's pair (255 = blank)."""
  kinds = sorted(set(words.replace(" ", "")))
  tiles = [
    pack_tile(_pixels(half, BG_SHADES))
    for letter in kinds
    for half in font.logo_tiles(letter)
  ]
  return tiles, [kinds.index(c) if c in kinds else 255 for c in words]


def assets_c(data: DataBanks) -> dict[str, str]:
  """assets.h and assets.c; the bulk goes into the data banks."""
  sets = [_tileset(art) for art in cells.TILESETS]
  logo, logo_columns = _logo("LANTERN ISLE")
  if len(sets[0][0]) + len(logo) > 0x60:
    raise ValueError("the title's letters do not fit beside the outdoor tiles")
  glyphs, marks, n_marks = _font()
  portraits = [
    tile
    for species in tables.SPECIES
    for tile in _tiles(creatures.portrait(species.name))
  ]
  bulk = {name: b"".join(tiles) for name, (tiles, _) in
          zip(_SET_NAMES, sets, strict=True)}  # fmt: skip
  bulk |= {
      "FIGURES": b"".join(_figures()), "FONT": bytes(glyphs), "MARKS": marks,
      "LOGO": b"".join(logo), "PORTRAITS": b"".join(portraits),
  }  # fmt: skip
  ids = cell_ids()
  if len(ids) > 64:
    raise ValueError(f"the program knows 64 cells, not {len(ids)}")
  arrays = {
      "cell_tiles": [tile for _, tiles in sets for tile in tiles],
      "cell_flags": [_cell_flags(key) for _, key in ids],
      "title_cells": [ids[0, c] for row in maps.TITLE_ROWS for c in row],
      "logo_columns": logo_columns,
  }  # fmt: skip
  sizes: dict[str, int | str] = {
      "MARKS": n_marks, "LOGO_WIDTH": len(logo_columns),
      "OUTDOOR_TILES": len(sets[0][0]), "N_CELLS": len(ids),
      "BUBBLE": list(sprites.PEOPLE).index("bubble"),
  }  # fmt: skip
  for name, body in bulk.items():
    sizes[f"{name}_AT"] = f"{data.add(body)}U"
    sizes[f"{name}_SIZE"] = f"{len(body)}U"
  return c_source.module("assets", arrays, sizes)
