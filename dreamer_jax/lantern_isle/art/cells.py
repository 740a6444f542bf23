"""Map cells, 16x16 pixels each, as ASCII art.

Shades: `.` 0 (white), `-` 1, `o` 2, `#` 3 (black). A cell is 16 rows of 16, or
8 rows of 16 (used twice), or 8 rows of 8 (used four times).
"""

from dreamer_jax.lantern_isle.art.cells_cave import CAVE
from dreamer_jax.lantern_isle.art.cells_indoor import INDOOR
from dreamer_jax.lantern_isle.art.cells_outdoor import OUTDOOR

__all__ = ["CAVE", "INDOOR", "OUTDOOR", "TILESETS", "cell_rows"]

TILESETS = (OUTDOOR, INDOOR, CAVE)  # in the order of `map_types`' numbers


def cell_rows(cells: dict[str, str], key: str) -> list[str]:
  """A cell's 16 rows of 16 shades; a one-letter entry mirrors another.

  Raises:
    ValueError: the art is not 8 or 16 rows of 8 or 16.
  """
  art = cells[key]
  if len(art) == 1:
    return [row[::-1] for row in cell_rows(cells, art)]
  rows = art.strip("\n").split("\n")
  if len(rows) not in (8, 16) or {len(r) for r in rows} not in ({8}, {16}):
    raise ValueError(f"cell {key!r}: 8 or 16 rows of 8 or 16 shades, please")
  rows = [row * (16 // len(row)) for row in rows]
  return rows * (16 // len(rows))
