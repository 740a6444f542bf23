"""What a map is: cells, warps, people, signs, gates."""

import dataclasses

import numpy as np

from dreamer_jax.lantern_isle.world.trainers import NOTHING_WILD, Wild

GRASS, ROUGH = ",", ";"  # where wild creatures live: tall grass, cave gravel
DOORS = "DUM"  # door, stairs, cave mouth: entered by stepping on
MAT = "m"  # left by walking down
COUNTER = "C"
WALKABLE = frozenset(".,-_:;DUMm")  # cells that a player may stand on
WILD_CELLS = frozenset((GRASS, ROUGH))
OUTDOOR, INDOOR, CAVE = range(3)  # tile sets
NO_EVENT = ""


@dataclasses.dataclass(frozen=True)
class Warp:
  """A door (entered by stepping on it) or a mat (left by walking down).

  It leads to warp number `to_warp` of map `to_map`, as Red keeps it.
  """

  x: int
  y: int
  to_map: int
  to_warp: int = 0


@dataclasses.dataclass(frozen=True)
class Thing:
  """A person, or a sign or object (no sprite), and what it says or does."""

  x: int
  y: int
  script: str  # a text, a trainer, an item "item:NAME", or a code script
  sprite: str = ""
  gone: str = NO_EVENT  # the event after which it is not there any more
  sees: str = ""  # a trainer's line of sight: "down", "up", "left", "right"
  reach: int = 0  # its length, cells


@dataclasses.dataclass(frozen=True)
class Gate:
  """Cells that send the player one step back until a condition holds.

  `needs` is "starter", "badges" (`amount` is the bit field) or "item"
  (`amount` is its id); `back` is the way the player is sent.
  """

  map_id: int
  x: tuple[int, int]  # first and last column
  y: tuple[int, int]
  needs: str
  amount: int
  script: str  # the text
  back: str


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
  west: int | None = None
  east: int | None = None
  tileset: int = INDOOR
  edge: str = ""  # the cell around the map; by default its tile set's
  wild: Wild = NOTHING_WILD

  @property
  def is_outdoor(self) -> bool:
    """Under the sky."""
    return self.tileset == OUTDOOR

  @property
  def width(self) -> int:
    """Player tiles."""
    return len(self.rows[0])

  @property
  def height(self) -> int:
    """Player tiles."""
    return len(self.rows)

  @property
  def border(self) -> str:
    """The cell around the map."""
    return self.edge or {OUTDOOR: "T", INDOOR: " ", CAVE: "%"}[self.tileset]

  @property
  def walkable(self) -> np.ndarray:
    """[height, width] bool: cells free of walls and people.

    People who go away (see `Thing.gone`) count as free: see `routes`.
    """
    free = np.array([[c in WALKABLE for c in row] for row in self.rows])
    for person in self.people:
      if person.gone == NO_EVENT:
        free[person.y, person.x] = False
    return free

  @property
  def grass(self) -> np.ndarray:
    """[height, width] bool: where wild creatures live."""
    return np.array([[c in WILD_CELLS for c in row] for row in self.rows])
