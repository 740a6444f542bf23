"""A picture of the whole world: where episodes went, and what they saw there.

The outdoor maps lie as they connect, on the left; what is indoors is packed
beside them, because on the plane a house lies on its own street. Screens that
were seen at rest are pasted in place, so the world appears as it is explored;
no picture of a game is needed.
"""

from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.probes import probes
from dreamer_jax.evaluation.report import video
from dreamer_jax.game import frames
from dreamer_jax.game.ram import GameRam
from dreamer_jax.game.world_map import WorldMap

TILE_PIXELS = 16  # of a player tile on the screen
_LEFT, _ABOVE = 4, 4  # player tiles left of and above the player
_UNSEEN = 255
_GAP = 3  # tiles between packed maps; the upper ones hold the name
_UNKNOWN = np.array([38, 52, 47], np.uint8)  # where nothing was seen
_FRAME = np.array([70, 92, 83], np.uint8)  # around a map that nobody saw
_TRAIL = np.array([224, 134, 60], np.uint8)
_INK = (222, 231, 208)


class Explored:
  """What episodes have shown of each map.

  Attributes:
    visits: map id -> `[height, width]` i64, samples at rest on each tile.
    scenes: map id -> `[height * 16, width * 16]` u8 shades, 255 unseen.
  """

  def __init__(self, world: WorldMap):
    """Of a world of which nothing was seen."""
    self._sizes = world.sizes
    self.visits: dict[int, np.ndarray] = {}
    self.scenes: dict[int, np.ndarray] = {}

  def add(self, episode: Episode) -> None:
    """Adds an episode's visits and screens."""
    self.visit(episode)
    ram = episode.decode_ram()
    clear = np.flatnonzero(_at_rest(ram) & ram.can_act)
    # The newest screen of each place shows as much as all of them.
    places = {
      (int(ram.map_id[t]), int(ram.x[t]), int(ram.y[t])): t for t in clear
    }
    for place, t in places.items():
      width, height = self._sizes.get(place[0], (0, 0))
      if place[1] < width and place[2] < height:
        self._paste(place, frames.unpack(episode.packed[t]))

  def visit(self, episode: Episode) -> None:
    """Adds an episode's visits alone."""
    ram = episode.decode_ram()
    at_rest = _at_rest(ram)
    for map_id in np.unique(ram.map_id[at_rest]).tolist():
      width, height = self._sizes.get(map_id, (0, 0))
      here = at_rest & (ram.map_id == map_id) & (ram.x < width)
      here &= ram.y < height
      if here.any():
        empty = np.zeros((height, width), np.int64)
        count = self.visits.setdefault(map_id, empty)
        np.add.at(count, (ram.y[here], ram.x[here]), 1)

  def tiles(self) -> int:
    """Distinct tiles visited, on all maps."""
    return sum(int((v > 0).sum()) for v in self.visits.values())

  def _paste(self, place: tuple[int, int, int], frame: np.ndarray) -> None:
    """Puts a screen where it was seen, but for the player in its middle."""
    map_id, x, y = place
    width, height = self._sizes[map_id]
    empty = np.full((height * TILE_PIXELS, width * TILE_PIXELS), _UNSEEN)
    scene = self.scenes.setdefault(map_id, empty.astype(np.uint8))
    top, left = (y - _ABOVE) * TILE_PIXELS, (x - _LEFT) * TILE_PIXELS
    rows = slice(max(0, top), min(scene.shape[0], top + frames.HEIGHT))
    columns = slice(max(0, left), min(scene.shape[1], left + frames.WIDTH))
    part = frame[
      rows.start - top : rows.stop - top,
      columns.start - left : columns.stop - left,
    ]
    body = np.zeros(frame.shape, bool)  # sprites stand 4 pixels higher
    middle_row, middle = _ABOVE * TILE_PIXELS, _LEFT * TILE_PIXELS
    body[middle_row - 4 : middle_row + 16, middle : middle + 16] = True
    hidden = body[
      rows.start - top : rows.stop - top,
      columns.start - left : columns.stop - left,
    ]
    view = scene[rows, columns]
    np.copyto(view, part, where=~hidden | (view == _UNSEEN))


def _at_rest(ram: GameRam) -> np.ndarray:
  """`[T]` bool: the player stands on the map that is shown."""
  return (probes(ram)["valid"] > 0) & ~ram.is_walking & ~ram.in_battle


def draw(
  world: WorldMap,
  explored: Explored,
  tile: int = 4,
  everything: bool = True,
  paint: Callable[[np.ndarray, int], np.ndarray] | None = None,
) -> np.ndarray:
  """Draws the world.

  Args:
    world: where the maps lie.
    explored: what was seen of them.
    tile: pixels of a player tile, 1 to 16.
    everything: also indoor maps that nobody has visited.
    paint: `paint(scene, map_id)` draws on a map's `[h, w, 3]` u8 scene; None
      for the trail of `explored`.

  Returns:
    `[H, W, 3]` u8: scenes where they were seen, the trail of visited tiles
    over them, other maps as dark blocks, and names where they fit.
  """
  corners = _layout(world, explored, everything)
  width = max(x + world.sizes[m][0] for m, (x, _) in corners.items()) + _GAP
  height = max(y + world.sizes[m][1] for m, (_, y) in corners.items()) + _GAP
  picture = np.array(video.canvas(height * tile, width * tile))
  for map_id, (x, y) in corners.items():
    part = _scene(world, explored, map_id, tile)
    if paint is not None:
      part = paint(part, map_id)
    elif map_id in explored.visits:
      part = _trail(part, explored.visits[map_id], tile)
    top, left = y * tile, x * tile
    picture[top : top + part.shape[0], left : left + part.shape[1]] = part
  image = Image.fromarray(picture)
  _write_names(ImageDraw.Draw(image), world, corners, tile)
  return np.asarray(image)


def _layout(world, explored, everything: bool) -> dict[int, tuple[int, int]]:
  """Top left corners in the picture, tiles: outdoors, then indoors beside."""
  outdoor = [m for m, layer in world.layers.items() if layer == 0]
  left = min(world.origins[m][0] for m in outdoor) - _GAP
  top = min(world.origins[m][1] for m in outdoor) - _GAP
  corners = {
    m: (world.origins[m][0] - left, world.origins[m][1] - top) for m in outdoor
  }
  right = max(x + world.sizes[m][0] for m, (x, _) in corners.items())
  bottom = max(y + world.sizes[m][1] for m, (_, y) in corners.items())
  indoor = [
    m
    for m in sorted(world.sizes, key=lambda m: (-world.sizes[m][1], m))
    if m not in corners and (everything or m in explored.visits)
  ]
  room = sum((world.sizes[m][0] + _GAP) * (world.sizes[m][1] + _GAP)
             for m in indoor)  # fmt: skip
  widest = max((world.sizes[m][0] for m in indoor), default=0)
  columns = max(widest, int(1.15 * room / max(bottom, 1))) + _GAP
  x, y, shelf = 0, _GAP, 0
  for m in indoor:
    width, height = world.sizes[m]
    if x and x + width > columns:
      x, y, shelf = 0, y + shelf + _GAP, 0
    corners[m] = (right + 2 * _GAP + x, y)
    x, shelf = x + width + _GAP, max(shelf, height)
  return corners


def _scene(world, explored, map_id: int, tile: int) -> np.ndarray:
  """`[height * tile, width * tile, 3]` u8."""
  width, height = world.sizes[map_id]
  picture = np.tile(_FRAME, (height * tile, width * tile, 1))
  picture[1:-1, 1:-1] = _UNKNOWN
  if map_id in explored.scenes:
    scene = explored.scenes[map_id]
    seen = scene != _UNSEEN
    colors = np.where(seen[..., None], video.PALETTE[scene & 3], _UNKNOWN)
    image = Image.fromarray(colors.astype(np.uint8))
    size = (width * tile, height * tile)
    picture = np.array(image.resize(size, Image.Resampling.BOX))
  return picture


def _trail(picture: np.ndarray, visits: np.ndarray, tile: int) -> np.ndarray:
  """A scene with the tiles that were visited."""
  heat = np.log1p(visits) / max(np.log1p(visits).max(), 1.0)
  strength = np.where(visits > 0, 0.35 + 0.5 * heat, 0.0)
  strength = strength.repeat(tile, 0).repeat(tile, 1)[..., None]
  return (picture * (1 - strength) + _TRAIL * strength).astype(np.uint8)


def _write_names(pen, world, corners, tile: int) -> None:
  """Names above indoor maps, and inside outdoor ones, where they fit.

  A long one above a small room is set in two lines; what no line holds is cut.
  """
  for map_id, (x, y) in corners.items():
    width = world.sizes[map_id][0] * tile
    is_outdoor = world.layers.get(map_id) == 0
    name = world.name(map_id)
    size = max(8, min(int(_GAP * tile * 0.62), 16))
    font = ImageFont.load_default(size)
    room = width if is_outdoor else width + (_GAP - 1) * tile
    while size > 8 and pen.textlength(name, font) > room:
      size -= 1
      font = ImageFont.load_default(size)
    lines = [name]
    if pen.textlength(name, font) > room and not is_outdoor:
      lines = name.split(" ", 1)
    lines = [_cut(pen, line, font, room) for line in lines]
    if len(lines[0]) < min(4, len(name)):
      continue
    if is_outdoor:
      place = ((x * tile) + width / 2, (y + world.sizes[map_id][1] / 2) * tile)
      pen.text(place, lines[0], _INK, font, anchor="mm", stroke_width=2,
               stroke_fill=tuple(video.BACKGROUND.tolist()))  # fmt: skip
    else:
      for i, line in enumerate(reversed(lines)):
        base = y * tile - 2 - i * size
        pen.text((x * tile, base), line, _INK, font, anchor="ls")


def _cut(pen, line: str, font, room: float) -> str:
  """As much of a line as there is room for."""
  while line and pen.textlength(line, font) > room:
    line = line[:-1].rstrip()
  return line


def of_episodes(
  world: WorldMap, episodes: Iterable[Episode], tile: int = 4
) -> np.ndarray:
  """`[H, W, 3]` u8: the world with what these episodes saw."""
  explored = Explored(world)
  for episode in episodes:
    explored.add(episode)
  return draw(world, explored, tile)
