"""More portraits: the evolved, and the creatures of the far roads."""

from dreamer_jax.lantern_isle.art.canvas import (
  BLACK,
  DARK,
  LIGHT,
  WHITE,
  Canvas,
)  # fmt: skip


def _wickhowl() -> Canvas:
  """A lean wolf, its mane a blaze."""
  c = Canvas()
  c.polygon([(20, 22), (31, 20), (28, 13), (31, 8), (26, 9), (25, 3), (20, 9),
             (18, 16)], LIGHT)  # fmt: skip
  c.polygon([(22, 17), (27, 16), (25, 10), (22, 12)], WHITE, outline=False)
  c.ellipse(17, 22, 9, 6, DARK)
  c.polygon([(11, 22), (13, 31), (9, 31), (7, 22)], DARK)
  c.polygon([(24, 22), (26, 31), (22, 31), (19, 24)], DARK)
  c.polygon([(5, 1), (4, 11), (10, 8)], DARK)
  c.polygon([(16, 1), (18, 11), (12, 8)], DARK)
  c.ellipse(11, 13, 8, 7, DARK)
  c.polygon([(3, 15), (11, 14), (13, 19), (8, 22), (2, 19)], WHITE)
  c.eye(6, 11, 3).eye(13, 11, 3)
  c.dots([(2, 17), (3, 17), (2, 18), (6, 20), (7, 20), (8, 20)], BLACK)
  return c


def _brinwave() -> Canvas:
  """A sea otter riding its own wave."""
  c = Canvas()
  c.polygon([(0, 26), (6, 22), (12, 26), (18, 22), (25, 26), (31, 22),
             (31, 31), (0, 31)], LIGHT)  # fmt: skip
  c.polygon([(24, 20), (31, 10), (31, 16), (28, 24)], DARK)
  c.ellipse(17, 20, 9, 8, DARK)
  c.ellipse(15, 21, 6, 6, WHITE)
  c.ellipse(15, 21, 3.4, 3.4, LIGHT)
  c.pair("ellipse", 7, 3.5, 3, 3, DARK)
  c.ellipse(16, 9, 10, 8, DARK)
  c.ellipse(16, 12, 6.5, 4.5, WHITE, outline=False)
  c.eye(9, 6, 4).eye(21, 6, 4)
  c.ellipse(16, 10.5, 2.5, 1.6, BLACK, outline=False)
  c.dots([(16, 13), (15, 14), (17, 14)], BLACK)
  c.dots([(4, 28), (5, 27), (13, 29), (20, 27), (26, 29)], WHITE)
  return c


def _ferngard() -> Canvas:
  """A great bear under a crown of ferns."""
  c = Canvas()
  c.ellipse(16, 22, 13, 10, LIGHT)
  c.ellipse(16, 25, 8, 6, WHITE, outline=False)
  c.pair("ellipse", 6, 9, 3.5, 3.5, DARK)
  c.ellipse(16, 13, 11, 8, LIGHT)
  c.pair("polygon", [(15, 8), (4, 7), (1, 1), (8, 3), (13, 2)], DARK)
  c.polygon([(16, 9), (12, 4), (16, 0), (20, 4)], DARK)
  c.eye(10, 12, 3).eye(20, 12, 3)
  c.ellipse(16, 16.5, 3.5, 2.5, WHITE, outline=False)
  c.dots([(15, 15), (16, 15), (15, 18), (16, 18), (14, 17), (17, 17)], BLACK)
  c.pair("ellipse", 6, 23, 4, 6, LIGHT)
  c.pair("ellipse", 10, 30, 4.5, 2.5, DARK)
  return c


def _galewing() -> Canvas:
  """A swift grown from a chick, wings wide."""
  c = Canvas()
  c.pair("polygon", [(14, 14), (7, 5), (0, 3), (3, 9), (1, 12), (5, 15),
                     (4, 19), (10, 20), (14, 20)], DARK)  # fmt: skip
  c.pair("polygon", [(12, 15), (7, 9), (4, 7), (8, 15)], LIGHT, False)
  c.polygon([(13, 22), (19, 22), (24, 31), (16, 28), (8, 31)], DARK)
  c.ellipse(16, 19, 6, 8, LIGHT)
  c.ellipse(16, 21, 3.5, 5, WHITE, outline=False)
  c.polygon([(16, 7), (12, 1), (16, 3), (21, 0), (20, 7)], DARK)
  c.ellipse(16, 11, 6.5, 5.5, LIGHT)
  c.eye(11, 9, 3).eye(19, 9, 3)
  c.polygon([(13, 13), (19, 13), (16, 17)], DARK)
  return c


def _puddlin() -> Canvas:
  """A tadpole that carries its puddle along."""
  c = Canvas()
  c.ellipse(16, 28, 15, 3.6, LIGHT)
  c.polygon([(21, 24), (28, 18), (31, 20), (29, 25), (24, 28)], DARK)
  c.ellipse(14, 17, 12, 11, DARK)
  c.ellipse(13, 22, 8, 5, WHITE, outline=False)
  c.ellipse(8, 9, 4.5, 4.5, WHITE).ellipse(19, 9, 4.5, 4.5, WHITE)
  c.ellipse(8.5, 9.5, 1.8, 2.2, BLACK, False)
  c.ellipse(18.5, 9.5, 1.8, 2.2, BLACK, False)
  for x in range(8, 20):
    c.pixels[18 + (x in (8, 19)) * -1, x] = BLACK
  c.pair("ellipse", 3.5, 29, 2, 1, WHITE, outline=False)
  return c


def _bristlin() -> Canvas:
  """A hedgehog whose spines are thistles."""
  c = Canvas()
  for x, y in ((5, 8), (11, 3), (18, 1), (25, 5), (29, 12), (30, 19)):
    c.polygon([(x, y - 3), (x + 3, y + 3), (16, 18), (x - 3, y + 3)], DARK)
    c.ellipse(x, y - 0.5, 2.4, 2.4, LIGHT)
  c.ellipse(18, 20, 12, 9, DARK)
  c.polygon([(14, 15), (3, 21), (1, 24), (7, 27), (16, 27)], WHITE)
  c.ellipse(2.5, 23.5, 2, 2, BLACK, outline=False)
  c.eye(8, 19, 3)
  c.dots([(6, 25), (7, 25), (8, 25), (11, 18), (12, 18)], BLACK)
  c.dots([(17, 16), (21, 18), (25, 17), (19, 22), (24, 22), (28, 20)], LIGHT)
  for x in (11, 17, 24):
    c.ellipse(x, 29, 2.6, 2, LIGHT)
  return c


def _cairnin() -> Canvas:
  """Four flat stones that stand up and walk."""
  c = Canvas()
  c.pair("ellipse", 9, 29.5, 3.5, 2.5, BLACK)
  c.ellipse(16, 25, 13, 5, DARK)
  c.ellipse(17, 18, 11, 4.8, LIGHT)
  c.ellipse(15, 11, 9, 5.2, WHITE)
  c.ellipse(17, 4.5, 5.5, 4, DARK)
  c.eye(10, 9, 4).eye(18, 9, 4)
  c.dots([(14, 13), (15, 13), (16, 13)], BLACK)
  c.dots([(8, 18), (22, 17), (24, 19), (12, 20)], DARK)
  c.dots([(7, 25), (20, 26), (24, 24), (12, 27)], LIGHT)
  c.pair("polygon", [(4, 16), (0, 20), (2, 22), (6, 19)], LIGHT)
  return c


def _flikkit() -> Canvas:
  """A mouse with a spark at the end of its tail."""
  c = Canvas()
  c.polygon([(21, 26), (27, 22), (24, 17), (28, 13), (30, 15), (27, 18),
             (30, 24), (23, 29)], LIGHT)  # fmt: skip
  c.polygon([(28, 14), (24, 10), (27, 9), (26, 4), (30, 7), (31, 12)], WHITE)
  c.ellipse(14, 25, 9, 6.5, LIGHT)
  c.ellipse(13, 26, 5, 4, WHITE, outline=False)
  c.ellipse(5.5, 7, 5, 5, DARK).ellipse(20.5, 7, 5, 5, DARK)
  c.ellipse(5.5, 7, 2.6, 2.6, WHITE, False)
  c.ellipse(20.5, 7, 2.6, 2.6, WHITE, False)
  c.ellipse(13, 14.5, 9.5, 7.5, LIGHT)
  c.eye(8, 12, 4).eye(16, 12, 4)
  c.dots([(12, 17), (13, 17), (12, 19), (13, 19), (11, 18), (14, 18)], BLACK)
  c.dots([(5, 16), (4, 16), (21, 16), (22, 16)], DARK)
  c.ellipse(8, 30, 3.5, 1.8, WHITE).ellipse(18, 30, 3.5, 1.8, WHITE)
  return c


def _dimbat() -> Canvas:
  """A cave bat that drinks light; its belly shines."""
  c = Canvas()
  c.pair("polygon", [(13, 14), (8, 6), (1, 3), (0, 14), (2, 22), (6, 18),
                     (8, 23), (12, 20)], DARK)  # fmt: skip
  c.pair("polygon", [(12, 3), (9, 9), (14, 9)], DARK)
  c.ellipse(16, 13, 7, 6.5, DARK)
  c.ellipse(16, 22, 6.5, 7, LIGHT)
  c.ellipse(16, 22.5, 4, 4.5, WHITE)
  c.ellipse(16, 23, 1.8, 2.2, LIGHT, outline=False)
  c.eye(11, 11, 3).eye(19, 11, 3)
  c.dots([(14, 16), (17, 16), (14, 17), (17, 17)], WHITE)
  c.pair("ellipse", 13, 29.5, 2, 2, DARK)
  return c


def _kilnox() -> Canvas:
  """An ox of fired clay with a glow between its ribs."""
  c = Canvas()
  for x in (9, 14, 21, 26):
    c.polygon([(x - 2, 23), (x + 2, 23), (x + 2, 31), (x - 2, 31)], DARK)
  c.ellipse(19, 18, 12, 9, DARK)
  for x in (17, 21, 25):
    c.polygon([(x, 13), (x + 2, 13), (x + 2, 23), (x, 23)], WHITE)
  c.polygon([(2, 4), (4, 11), (10, 12), (9, 9), (5, 8)], WHITE)
  c.polygon([(19, 4), (17, 11), (11, 12), (12, 9), (16, 8)], WHITE)
  c.ellipse(10.5, 15, 7.5, 7, LIGHT)
  c.ellipse(10.5, 20, 5, 3.4, WHITE)
  c.eye(6, 13, 3).eye(13, 13, 3)
  c.dots([(8, 20), (9, 20), (12, 20), (13, 20)], BLACK)
  c.polygon([(20, 9), (18, 3), (22, 5), (24, 1), (25, 9)], LIGHT)
  return c


def _anglow() -> Canvas:
  """A deep fish that fishes with a lamp."""
  c = Canvas()
  c.polygon([(23, 18), (31, 11), (29, 19), (31, 27), (23, 23)], DARK)
  c.polygon([(12, 11), (18, 5), (24, 12)], DARK)
  c.ellipse(14, 20, 12, 10, DARK)
  c.polygon([(2, 22), (11, 19), (19, 24), (12, 28), (5, 27)], WHITE)
  c.dots([(5, 22), (8, 21), (11, 21), (14, 23), (7, 26), (11, 26)], BLACK)
  c.ellipse(9, 15, 3.4, 3.4, WHITE)
  c.ellipse(9, 15.5, 1.4, 1.6, BLACK, outline=False)
  for x, y in ((11, 9), (10, 7), (8, 5), (6, 5)):
    c.pixels[y : y + 2, x : x + 2] = BLACK
  c.ellipse(4, 7, 4, 4, WHITE).ellipse(4, 7, 1.8, 1.8, LIGHT, outline=False)
  c.polygon([(15, 20), (22, 17), (22, 24)], LIGHT)
  return c


def _motharch() -> Canvas:
  """The moth queen: four wings with burning eyes."""
  c = Canvas()
  c.pair("polygon", [(15, 14), (10, 2), (3, 0), (0, 5), (1, 13), (6, 18),
                     (14, 19)], LIGHT)  # fmt: skip
  c.pair("polygon", [(15, 18), (5, 18), (1, 24), (5, 31), (12, 28)], DARK)
  c.pair("ellipse", 6, 8, 4, 4, WHITE)
  c.pair("ellipse", 6, 8, 2, 2, BLACK)
  c.pair("ellipse", 7, 24, 2.6, 2.6, WHITE)
  c.pair("ellipse", 7, 24, 1, 1, BLACK)
  c.ellipse(16, 22, 4, 9, WHITE)
  c.ellipse(16, 12, 5.5, 5, WHITE)
  for y in (20, 23, 26, 29):
    c.pixels[y, 13:19] = DARK
  c.eye(12, 10, 4).eye(18, 10, 4)
  c.polygon([(12, 7), (11, 2), (14, 5), (16, 1), (18, 5), (21, 2), (20, 7)],
            LIGHT)  # fmt: skip
  return c


MORE_PORTRAITS = {
    "WICKHOWL": _wickhowl, "BRINWAVE": _brinwave, "FERNGARD": _ferngard,
    "GALEWING": _galewing, "PUDDLIN": _puddlin, "BRISTLIN": _bristlin,
    "CAIRNIN": _cairnin, "FLIKKIT": _flikkit, "DIMBAT": _dimbat,
    "KILNOX": _kilnox, "ANGLOW": _anglow, "MOTHARCH": _motharch,
}  # fmt: skip
