"""The frame contract: 4 shades a pixel, packed tile by tile.

A frame is `[144, 160]` u8, shade 0 (white) to 3 (black). Packed, it is
`[18, 20, 16]` u8: the 16 bytes of an 8x8 tile are its key in the codebook.
Rows run from the top, two bytes each, the leftmost pixel in the high bits.
"""

import numpy as np

HEIGHT, WIDTH = 144, 160  # pixels
TILE = 8  # pixels, both ways
ROWS, COLUMNS = HEIGHT // TILE, WIDTH // TILE
TILE_BYTES = TILE * TILE // 4
GREY = np.array([255, 170, 85, 0], np.uint8)  # of shades 0-3, for people

# Four shades, one to a byte of a little-endian u32, times this: the packed
# byte lands in the top 8 bits, and no carry reaches it.
_GATHER = np.uint32((1 << 30) + (1 << 20) + (1 << 10) + 1)
_HIGH_BITS = np.uint32(0xC0C0C0C0)  # a grey's shade, before inversion
_SPREAD = (
  np.arange(256, dtype=np.uint32)[:, None] >> np.array([6, 4, 2, 0]) & 3
).astype(np.uint8)  # [256, 4]: a byte's pixels, from the left
_SPREAD = np.ascontiguousarray(_SPREAD).view("<u4")[:, 0]


def shades(rgba: np.ndarray) -> np.ndarray:
  """Turns the emulator's picture into shades.

  Args:
    rgba: `[144, 160, 4]` u8, grey palette 0xFF, 0x99, 0x55, 0x00; may be the
      emulator's live view.

  Returns:
    `[144, 160]` u8, 0 white to 3 black; a copy.
  """
  return ~rgba[..., 0] >> 6


def pack(frame: np.ndarray) -> np.ndarray:
  """Packs frames tile by tile, four pixels to a byte.

  Args:
    frame: `[..., 144, 160]` u8, shades 0-3.

  Returns:
    `[..., 18, 20, 16]` u8.

  Raises:
    ValueError: not frames of that size.
  """
  frame = np.ascontiguousarray(frame, np.uint8)
  if frame.shape[-2:] != (HEIGHT, WIDTH):
    raise ValueError(f"a frame is 144 x 160 pixels, not {frame.shape[-2:]}")
  return _by_tile((frame.view("<u4") * _GATHER >> 24).astype(np.uint8))


def pack_screen(rgba: np.ndarray) -> np.ndarray:
  """`pack(shades(rgba))` of one contiguous picture, in half the time."""
  grey = rgba.view("<u4")[..., 0].astype(np.uint8).view("<u4")  # 4 pixels each
  np.invert(grey, out=grey)
  grey &= _HIGH_BITS
  grey >>= 6
  grey *= _GATHER
  grey >>= 24
  return _by_tile(grey.astype(np.uint8))


def _by_tile(rows: np.ndarray) -> np.ndarray:
  """`[..., 144, 40]` u8, 4 pixels a byte, row by row -> `[..., 18, 20, 16]`."""
  rows = rows.view("<u2").reshape(*rows.shape[:-2], ROWS, TILE, COLUMNS)
  tiles = np.ascontiguousarray(np.swapaxes(rows, -1, -2))  # [..., 18, 20, 8]
  return tiles.view(np.uint8)


def unpack(packed: np.ndarray) -> np.ndarray:
  """The inverse of `pack`.

  Args:
    packed: `[..., 18, 20, 16]` u8.

  Returns:
    `[..., 144, 160]` u8, shades 0-3.

  Raises:
    ValueError: not packed frames.
  """
  packed = np.asarray(packed, np.uint8)
  if packed.shape[-3:] != (ROWS, COLUMNS, TILE_BYTES):
    raise ValueError(
      f"a packed frame is 18 x 20 x 16 bytes, not {packed.shape[-3:]}"
    )
  lead = packed.shape[:-3]
  tiles = packed.reshape(*lead, ROWS, COLUMNS, TILE, 2)
  rows = np.ascontiguousarray(np.moveaxis(tiles, -3, -2))
  return _SPREAD[rows].view(np.uint8).reshape(*lead, HEIGHT, WIDTH)


def to_rgb(frame: np.ndarray) -> np.ndarray:
  """`[..., 144, 160]` shades -> `[..., 144, 160, 3]` u8 grey, for pictures."""
  return np.repeat(GREY[frame][..., None], 3, axis=-1)
