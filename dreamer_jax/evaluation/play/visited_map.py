"""A map of where each player went: one world, side by side.

The same scenes, faded, lie under every player's trail, and the same colors
mean the same number of visits.
"""

from collections.abc import Iterable, Mapping

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dreamer_jax.data.episodes import Episode
from dreamer_jax.evaluation.play import map_picture
from dreamer_jax.evaluation.play.map_picture import Explored
from dreamer_jax.evaluation.report import video
from dreamer_jax.game.world_map import WorldMap

_INK, _QUIET = (222, 231, 208), (134, 156, 143)
_COLORS = "YlOrRd"
_FADE = 0.55  # of the scenes that is left under the trails
_DARKEST = 0.9  # of the color map


class Trails:
  """Tiles visited by each player, on scenes that anybody saw."""

  def __init__(self, world: WorldMap):
    """Of a world in which nobody has been."""
    self._world = world
    self._scenes = Explored(world)
    self.players: dict[str, Explored] = {}
    self.episodes: dict[str, int] = {}

  def add(self, name: str, episodes: Iterable[Episode]) -> None:
    """Adds a player's visits; his screens show the world."""
    mine = self.players.setdefault(name, Explored(self._world))
    for episode in episodes:
      mine.visit(episode)
      self._scenes.add(episode)
      self.episodes[name] = self.episodes.get(name, 0) + 1

  def see(self, episodes: Iterable[Episode]) -> None:
    """Adds screens alone."""
    for episode in episodes:
      self._scenes.add(episode)

  def figures(self) -> dict[str, dict[str, int]]:
    """For report.json: distinct tiles and maps of each player."""
    return {
      name: {"tiles": mine.tiles(), "maps": len(mine.visits)}
      for name, mine in self.players.items()
    }

  def draw(self, labels: Mapping[str, str], tile: int = 4) -> np.ndarray:
    """The players side by side, or one above the other where that is wide.

    Args:
      labels: name -> what to write above, of those to be drawn.
      tile: pixels of a player tile.

    Returns:
      `[H, W, 3]` u8.
    """
    shown = [name for name in labels if name in self.players]
    most = max(
      (v.max() for n in shown for v in self.players[n].visits.values()),
      default=1,
    )
    everyone = Explored(self._world)
    for name in shown:
      everyone.visits |= self.players[name].visits
    everyone.scenes = self._scenes.scenes
    panels = [self._panel(n, labels[n], everyone, most, tile) for n in shown]
    is_wide = panels[0].shape[1] > 1.2 * panels[0].shape[0]
    whole = np.concatenate(panels, 0 if is_wide else 1)
    return np.concatenate([whole, _legend(whole.shape[1], most, tile)])

  def _panel(self, name, label, everyone, most, tile: int) -> np.ndarray:
    mine = self.players[name]
    paint = lambda scene, map_id: _paint(scene, mine.visits.get(map_id), most)
    drawn = map_picture.draw(
      self._world, everyone, tile, paint=paint, everything=True
    )
    head = np.array(video.canvas(14 * tile, drawn.shape[1]))
    image = Image.fromarray(head[:, : drawn.shape[1]])
    pen = ImageDraw.Draw(image)
    large, small = (ImageFont.load_default(s * tile) for s in (5, 3.2))
    left, count = 3 * tile, self.episodes[name]
    pen.text((left, 5 * tile), label, _INK, large, anchor="lm")
    facts = (
      f"{mine.tiles():,} tiles, {len(mine.visits)} of "
      f"{len(self._world.origins)} maps in {count} episodes"
    )
    pen.text((left, 10 * tile), facts, _QUIET, small, anchor="lm")
    return np.concatenate([np.asarray(image), drawn])


def _paint(scene: np.ndarray, visits: np.ndarray | None, most) -> np.ndarray:
  """Fades a map's scene, and colors what was visited."""
  faded = scene * _FADE + video.BACKGROUND * (1 - _FADE)
  if visits is not None:
    tile = scene.shape[0] // visits.shape[0]
    heat = _DARKEST * np.log1p(visits) / np.log1p(most)
    color = 255 * matplotlib.colormaps[_COLORS](heat)[..., :3]
    color = color.repeat(tile, 0).repeat(tile, 1)
    gone = (visits > 0).repeat(tile, 0).repeat(tile, 1)[..., None]
    # A little of the scene shows through, so that one sees where it is.
    faded = np.where(gone, 0.82 * color + 0.18 * scene, faded)
  return faded.astype(np.uint8)


def _legend(width: int, most: int, tile: int) -> np.ndarray:
  """What the colors mean, as a strip `[H, width, 3]`."""
  image = Image.fromarray(np.array(video.canvas(10 * tile, width)[:, :width]))
  pen = ImageDraw.Draw(image)
  font = ImageFont.load_default(3.2 * tile)
  top, left, long = 3 * tile, 3 * tile, 40 * tile
  ramp = matplotlib.colormaps[_COLORS](np.linspace(0, _DARKEST, long))
  bar = (255 * ramp[None, :, :3]).repeat(3 * tile, 0).astype(np.uint8)
  image.paste(Image.fromarray(bar), (left, top))
  text = f"actions spent on a tile: 1 to {int(most):,}, by its logarithm"
  place = (left + long + 2 * tile, top + 1.5 * tile)
  pen.text(place, text, _QUIET, font, anchor="lm")
  return np.asarray(image)
