"""The creatures' portraits: 32x32 pixels, 4 shades, drawn from shapes."""

import numpy as np

from dreamer_jax.lantern_isle.art.canvas import (
  BLACK,
  DARK,
  LIGHT,
  SIZE,
  WHITE,
  Canvas,
)  # fmt: skip
from dreamer_jax.lantern_isle.art.creatures_more import MORE_PORTRAITS

__all__ = ["SIZE", "portrait"]


def _wickit() -> Canvas:
  """A fox kit whose tail is a candle's flame."""
  c = Canvas()
  c.polygon([(22, 24), (30, 18), (29, 10), (26, 3), (23, 9), (21, 15)], LIGHT)
  c.polygon([(25, 16), (28, 14), (26, 8), (24, 12)], WHITE, outline=False)
  c.ellipse(15, 25, 8, 6, DARK)
  c.ellipse(14, 26, 4, 4, WHITE, outline=False)
  c.polygon([(4, 1), (3, 14), (12, 9)], DARK)
  c.polygon([(23, 1), (24, 14), (15, 9)], DARK)
  c.polygon([(5, 4), (5, 11), (9, 8)], WHITE, outline=False)
  c.polygon([(22, 4), (22, 11), (18, 8)], WHITE, outline=False)
  c.ellipse(13.5, 15, 10.5, 7.5, DARK)
  c.polygon([(4, 16), (13.5, 15), (23, 16), (19, 22), (8, 22)], WHITE, False)
  c.eye(8, 13, 4).eye(17, 13, 4)
  c.dots([(13, 18), (14, 18), (13, 19), (14, 19)], BLACK)
  c.ellipse(10, 29.5, 3, 2.5, LIGHT).ellipse(18, 29.5, 3, 2.5, LIGHT)
  return c


def _brinlet() -> Canvas:
  """An otter pup with a shell on its belly."""
  c = Canvas()
  c.polygon([(22, 27), (31, 22), (31, 28), (25, 31)], DARK)
  c.ellipse(15, 24, 9, 8, DARK)
  c.ellipse(15, 25, 6, 6, WHITE)
  c.ellipse(15, 25.5, 3.5, 3.5, LIGHT)
  c.dots([(15, 23), (15, 24), (13, 24), (17, 24), (15, 25)], BLACK)
  c.ellipse(6, 5, 3, 3, DARK).ellipse(24, 5, 3, 3, DARK)
  c.ellipse(15, 11, 11, 9, DARK)
  c.ellipse(15, 14.5, 7, 5, WHITE, outline=False)
  c.eye(8, 8, 4).eye(20, 8, 4)
  c.ellipse(15, 12.5, 2.5, 1.6, BLACK, outline=False)
  c.dots([(15, 15), (14, 16), (16, 16), (13, 16), (17, 16)], BLACK)
  c.dots([(3, 13), (4, 14), (27, 13), (26, 14), (3, 16), (27, 16)], BLACK)
  c.ellipse(5, 23, 3, 4, DARK).ellipse(25, 23, 3, 4, DARK)
  c.ellipse(10, 30, 4, 2, LIGHT).ellipse(20, 30, 4, 2, LIGHT)
  return c


def _fernub() -> Canvas:
  """A mossy cub with a curled frond on its head."""
  c = Canvas()
  c.ellipse(16, 24, 10, 8, LIGHT)
  c.ellipse(16, 26, 6, 5, WHITE, outline=False)
  c.pair("ellipse", 5.5, 12, 3.5, 3.5, DARK)
  c.ellipse(16, 15, 11, 9, LIGHT)
  c.polygon(
    [
      (6, 12),
      (10, 6),
      (16, 5),
      (22, 6),
      (26, 12),
      (21, 11),
      (18, 13),
      (15, 11),
      (11, 13),
      (9, 11),
    ],
    DARK,
    outline=False,
  )
  c.ellipse(19, 4, 4, 4, DARK).ellipse(19, 4, 1.6, 1.6, WHITE)
  c.polygon([(14, 8), (15, 2), (17, 3), (17, 8)], DARK)
  c.eye(10, 15, 4).eye(20, 15, 4)
  c.dots([(15, 19), (16, 19), (14, 20), (17, 20)], BLACK)
  c.pair("ellipse", 8, 18.5, 1.5, 1, DARK, outline=False)
  c.pair("ellipse", 9, 29, 4, 3, LIGHT)
  c.dots([(8, 25), (24, 26), (23, 22), (9, 22)], DARK)
  return c


def _pipwing() -> Canvas:
  """A round chick with a bright breast."""
  c = Canvas()
  c.polygon([(26, 22), (31, 15), (31, 24), (26, 27)], DARK)
  c.polygon([(15, 6), (12, 0), (17, 3), (20, 0), (19, 6)], DARK)
  c.ellipse(16, 17, 12, 12, LIGHT)
  c.ellipse(13, 21, 7, 6.5, WHITE, outline=False)
  c.polygon([(20, 15), (28, 14), (29, 19), (25, 24), (19, 22)], DARK)
  c.dots([(22, 18), (23, 19), (25, 18), (26, 19), (22, 21), (23, 22)], BLACK)
  c.eye(7, 11, 4).eye(14, 11, 4)
  c.polygon([(7, 16), (14, 16), (10, 20)], DARK)
  c.dots([(8, 17), (9, 17), (10, 17), (11, 17), (12, 17)], BLACK)
  for x in (11, 18):
    c.pixels[28:31, x] = BLACK
    c.pixels[30, x - 2 : x + 3] = BLACK
  return c


def _burroll() -> Canvas:
  """A pill beetle in banded armour."""
  c = Canvas()
  for x in (9, 14, 19, 24):
    c.ellipse(x, 28.5, 2.5, 2.5, BLACK)
  c.ellipse(18, 19, 13, 10, DARK)
  for x in (14, 19, 24):
    c.polygon([(x, 9), (x + 3, 14), (x + 3, 26), (x, 28.5), (x + 1, 18)],
              LIGHT)  # fmt: skip
  c.ellipse(8, 20, 7, 6.5, WHITE)
  c.polygon([(2, 17), (5, 12), (11, 12), (14, 17), (8, 15)], DARK)
  c.eye(4, 18, 4).eye(10, 18, 4)
  c.dots([(7, 23), (8, 23)], BLACK)
  c.polygon([(5, 13), (2, 6), (4, 6), (7, 12)], BLACK)
  c.polygon([(9, 12), (10, 5), (12, 5), (11, 12)], BLACK)
  c.ellipse(3, 5, 2, 2, LIGHT).ellipse(11, 4, 2, 2, LIGHT)
  return c


def _lumoll() -> Canvas:
  """A snail whose shell glows like a lamp."""
  c = Canvas()
  c.polygon([(1, 25), (4, 20), (10, 21), (14, 26), (30, 26), (31, 30),
             (3, 30)], LIGHT)  # fmt: skip
  c.ellipse(19, 15, 11, 12, WHITE)
  c.ellipse(19.5, 15.5, 8, 9, LIGHT)
  c.ellipse(20, 16, 5, 6, WHITE)
  c.ellipse(20.5, 16.5, 2.5, 3, DARK)
  c.ellipse(6, 21, 5, 6, LIGHT)
  c.polygon([(3, 17), (1, 9), (3, 9), (5, 16)], LIGHT)
  c.polygon([(7, 16), (7, 9), (9, 9), (9, 16)], LIGHT)
  c.ellipse(2.5, 8, 2.5, 2.5, WHITE).ellipse(8, 8, 2.5, 2.5, WHITE)
  c.dots([(2, 8), (8, 8), (2, 7), (8, 7)], BLACK)
  c.dots([(3, 23), (4, 24), (5, 24), (6, 23)], BLACK)
  return c


def _sootmoth() -> Canvas:
  """A moth with eyes of ember on its wings."""
  c = Canvas()
  c.pair(
    "polygon", [(15, 13), (8, 4), (1, 3), (1, 12), (5, 18), (14, 19)], DARK
  )
  c.pair("polygon", [(15, 18), (6, 18), (3, 25), (7, 30), (13, 26)], LIGHT)
  c.pair("ellipse", 6, 10, 3.5, 3.5, WHITE)
  c.pair("ellipse", 6, 10, 1.3, 1.3, BLACK)
  c.pair("ellipse", 8, 24, 1.8, 1.8, DARK)
  c.ellipse(16, 21, 4.5, 9, LIGHT)
  c.ellipse(16, 13, 6, 5.5, WHITE)
  for y in (21, 24, 27):
    c.pixels[y, 13:19] = BLACK
  c.eye(12, 11, 4).eye(18, 11, 4)
  c.dots([(15, 16), (16, 16)], BLACK)
  c.pair("polygon", [(14, 9), (10, 2), (12, 2), (15, 8)], BLACK)
  return c


def _pebbit() -> Canvas:
  """A rabbit of river stone."""
  c = Canvas()
  c.ellipse(27, 25, 3.5, 3.5, WHITE)
  c.ellipse(17, 25, 11, 7, LIGHT)
  c.pair("polygon", [(9, 12), (6, 5), (8, 0), (12, 1), (14, 10)], LIGHT)
  c.pair("polygon", [(10, 8), (9, 4), (10, 2), (11, 8)], DARK, outline=False)
  c.ellipse(16, 16, 10.5, 8, LIGHT)
  c.ellipse(16, 19.5, 5, 3.5, WHITE, outline=False)
  c.eye(9, 13, 4).eye(21, 13, 4)
  c.dots([(15, 17), (16, 17), (15, 18), (16, 18), (14, 20), (17, 20)], BLACK)
  c.pixels[20:23, 15:17] = WHITE
  c.polygon([(17, 9), (20, 10), (22, 12), (19, 12)], DARK, outline=False)
  c.polygon([(22, 23), (25, 24), (24, 27), (21, 26)], DARK, outline=False)
  c.ellipse(11, 29.5, 4, 2.5, WHITE).ellipse(21, 29.5, 4, 2.5, WHITE)
  return c


def _beakon() -> Canvas:
  """A proud bird: its crest is the great lamp."""
  c = Canvas()
  c.polygon([(16, 9), (10, 6), (11, 1), (14, 4), (16, 0), (18, 4), (21, 1),
             (22, 6)], WHITE)  # fmt: skip
  c.pair("polygon", [(12, 14), (6, 9), (0, 9), (2, 15), (1, 19), (4, 21),
                     (4, 25), (9, 26), (12, 22)], DARK)  # fmt: skip
  c.pair("polygon", [(10, 16), (5, 12), (4, 13), (8, 19)], LIGHT, False)
  c.polygon([(12, 24), (20, 24), (23, 31), (16, 29), (9, 31)], DARK)
  c.ellipse(16, 20, 7, 8, LIGHT)
  c.ellipse(16, 22, 4, 5, WHITE, outline=False)
  c.ellipse(16, 12, 7, 6, DARK)
  c.eye(11, 10, 3).eye(19, 10, 3)
  c.pixels[9, 10:14] = BLACK
  c.pixels[9, 18:22] = BLACK
  c.polygon([(12.5, 13), (19.5, 13), (16, 19)], WHITE)
  c.dots([(14, 23), (18, 23), (16, 25)], DARK)
  return c


_PORTRAITS = {
    "WICKIT": _wickit, "BRINLET": _brinlet, "FERNUB": _fernub,
    "PIPWING": _pipwing, "BURROLL": _burroll, "LUMOLL": _lumoll,
    "SOOTMOTH": _sootmoth, "PEBBIT": _pebbit, "BEAKON": _beakon,
    **MORE_PORTRAITS,
}  # fmt: skip


def portrait(name: str) -> np.ndarray:
  """[32, 32] u8: a species' portrait, shade 0 (white) to 3 (black)."""
  return _PORTRAITS[name]().pixels
