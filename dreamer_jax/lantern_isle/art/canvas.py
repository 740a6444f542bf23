"""A 32x32 canvas of four shades, for the creatures' portraits."""

from collections.abc import Sequence

import numpy as np

SIZE = 32
WHITE, LIGHT, DARK, BLACK = range(4)


class Canvas:
  """A 32x32 picture; every shape gets a black outline of one pixel."""

  def __init__(self):
    self.pixels = np.zeros((SIZE, SIZE), np.uint8)  # [y, x], shade 0-3
    self._y, self._x = np.mgrid[0:SIZE, 0:SIZE] + 0.5

  def _stamp(self, inside: np.ndarray, shade: int, outline: bool) -> None:
    self.pixels[inside] = shade
    if not outline:
      return
    padded = np.pad(inside, 1)
    core = (
        padded[:-2, 1:-1] & padded[2:, 1:-1]
        & padded[1:-1, :-2] & padded[1:-1, 2:]
    )  # fmt: skip
    self.pixels[inside & ~core] = BLACK

  def ellipse(self, x, y, rx, ry, shade, outline=True) -> "Canvas":
    """An ellipse round (x, y), radii in pixels."""
    inside = ((self._x - x) / rx) ** 2 + ((self._y - y) / ry) ** 2 <= 1
    self._stamp(inside, shade, outline)
    return self

  def polygon(
    self, points: Sequence[tuple[float, float]], shade: int, outline=True
  ) -> "Canvas":
    """A polygon, by the even-odd rule."""
    inside = np.zeros((SIZE, SIZE), bool)
    for (x0, y0), (x1, y1) in zip(
      points, [*points[1:], points[0]], strict=True
    ):
      if y0 == y1:
        continue
      crosses = (self._y > min(y0, y1)) & (self._y <= max(y0, y1))
      at = x0 + (self._y - y0) * (x1 - x0) / (y1 - y0)
      inside ^= crosses & (self._x > at)
    self._stamp(inside, shade, outline)
    return self

  def pair(self, shape: str, *args, **kwargs) -> "Canvas":
    """A shape and its mirror image."""
    mirrored = list(args)
    if shape == "polygon":
      mirrored[0] = [(SIZE - x, y) for x, y in args[0]]
    else:
      mirrored[0] = SIZE - args[0]
    getattr(self, shape)(*args, **kwargs)
    return getattr(self, shape)(*mirrored, **kwargs)

  def eye(self, x: int, y: int, height: int = 3) -> "Canvas":
    """A black eye, two pixels wide, with a glint."""
    self.pixels[y : y + height, x : x + 2] = BLACK
    self.pixels[y, x] = WHITE
    return self

  def dots(self, points: Sequence[tuple[int, int]], shade: int) -> "Canvas":
    """Single pixels at (x, y)."""
    for x, y in points:
      self.pixels[y, x] = shade
    return self
