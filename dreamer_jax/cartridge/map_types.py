"""What a map is: cells, warps, people, signs."""

import dataclasses

import numpy as np

GRASS = ","
DOOR = "D"
MAT = "m"
COUNTER = "C"
WALKABLE = frozenset(".,-_Dm")  # cells that a player may stand on


@dataclasses.dataclass(frozen=True)
class Warp:
  """A door (entered by stepping on it) or a mat (left by walking down)."""

  x: int
  y: int
  to_map: int
  to_x: int
  to_y: int


@dataclasses.dataclass(frozen=True)
class Thing:
  """A person, or a sign or object (no sprite), and what it says or does."""

  x: int
  y: int
  script: str  # a name in `text.TEXTS`, or in `build.SCRIPTS`
  sprite: str = ""


@dataclasses.dataclass(frozen=True)
class Map:
  """One map; `rows[y][x]` is the cell at player tile (x, y)."""

  id: int
  name: str
  rows: tuple[str, ...]
  warps: tuple[Warp, ...] = ()
  people: tuple[Thing, ...] = ()
  signs: tuple[Thing, ...] = ()
  north: int | None = None  # map id of the neighbour, edge to edge
  south: int | None = None
  is_outdoor: bool = False

  @property
  def width(self) -> int:
    """Player tiles."""
    return len(self.rows[0])

  @property
  def height(self) -> int:
    """Player tiles."""
    return len(self.rows)

  @property
  def walkable(self) -> np.ndarray:
    """[height, width] bool: cells free of walls and people."""
    free = np.array([[c in WALKABLE for c in row] for row in self.rows])
    for person in self.people:
      free[person.y, person.x] = False
    return free

  @property
  def grass(self) -> np.ndarray:
    """[height, width] bool: tall grass, where wild creatures live."""
    return np.array([[c == GRASS for c in row] for row in self.rows])
