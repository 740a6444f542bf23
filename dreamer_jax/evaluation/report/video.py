"""Pictures for people: panels with captions, videos, a film strip.

All of it is pure: frames of shades in, RGB out. Files exist whole or not at
all.
"""

import functools
import io
import os
import pathlib
import subprocess
from collections.abc import Sequence

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dreamer_jax.data.files import TEMPORARY, write_atomic
from dreamer_jax.errors import UserError

# Shades 0-3, a soft version of the first Game Boy's screen.
PALETTE = np.array(
  [[230, 237, 210], [169, 197, 142], [84, 135, 109], [29, 59, 56]], np.uint8
)
BACKGROUND = np.array([18, 28, 26], np.uint8)
WRONG = np.array([224, 108, 84], np.uint8)  # pixels that differ
_TEXT, _QUIET = (222, 231, 208), (134, 156, 143)
GIF_LIMIT = 2_000_000  # bytes
_GIF_COLORS = 24


def colorize(frame: np.ndarray) -> np.ndarray:
  """`[..., 144, 160]` u8 shades -> `[..., 144, 160, 3]` u8."""
  return PALETTE[frame]


def difference(real: np.ndarray, dreamed: np.ndarray) -> np.ndarray:
  """Where two frames differ, on a faded copy of the first.

  Args:
    real: `[..., 144, 160]` u8 shades.
    dreamed: the same.

  Returns:
    `[..., 144, 160, 3]` u8.
  """
  faded = (colorize(real) * 0.25 + BACKGROUND * 0.75).astype(np.uint8)
  return np.where((real != dreamed)[..., None], WRONG, faded)


def upscale(picture: np.ndarray, scale: int) -> np.ndarray:
  """`[H, W, 3]` -> `[H * scale, W * scale, 3]`, pixels stay sharp."""
  return picture.repeat(scale, 0).repeat(scale, 1)


def beside(
  pictures: Sequence[np.ndarray],
  captions: Sequence[str],
  footer: str = "",
  scale: int = 3,
) -> np.ndarray:
  """Panels side by side, a caption over each, and a line below.

  Args:
    pictures: `[H, W, 3]` u8 each, of one size.
    captions: one for each.
    footer: a line of text.
    scale: screen pixels a pixel.

  Returns:
    `[H', W', 3]` u8, of even height and width.
  """
  margin, line = 4 * scale, 8 * scale
  height, width, _ = pictures[0].shape
  height, width = height * scale, width * scale
  top = margin + line
  whole = canvas(
    top + height + margin + line,
    margin + len(pictures) * (width + margin),
  )
  for i, picture in enumerate(pictures):
    left = margin + i * (width + margin)
    whole[top : top + height, left : left + width] = upscale(picture, scale)
  image = Image.fromarray(whole)
  write = functools.partial(_write, ImageDraw.Draw(image), line * 0.72)
  for i, caption in enumerate(captions):
    left = margin + i * (width + margin)
    write((left, top - scale - line // 2), caption, _TEXT)
  write((margin, top + height + (margin + line) // 2), footer, _QUIET)
  return np.asarray(image)


def film_strip(
  real: np.ndarray, dreamed: np.ndarray, steps: Sequence[int], scale: int = 1
) -> np.ndarray:
  """Rows of the game, the dream, and where they differ, over time.

  Args:
    real: `[K, 144, 160]` u8 shades.
    dreamed: the same.
    steps: `[K]`, dreamed steps of each; the columns' captions.
    scale: screen pixels a pixel.

  Returns:
    `[H, W, 3]` u8, of even height and width.
  """
  rows = ("game", "dream", "differs")
  pictures = (colorize(real), colorize(dreamed), difference(real, dreamed))
  gap, line, left = 6 * scale, 24 * scale, 78 * scale
  height, width = (144 * scale, 160 * scale)
  down = [gap + line + r * (height + gap) for r in range(len(rows))]
  across = [left + c * (width + gap) for c in range(len(steps))]
  whole = canvas(down[-1] + height + gap, across[-1] + width + gap)
  for y, row in zip(down, pictures, strict=True):
    for x, picture in zip(across, row, strict=True):
      whole[y : y + height, x : x + width] = upscale(picture, scale)
  image = Image.fromarray(whole)
  write = functools.partial(_write, ImageDraw.Draw(image), 17 * scale)
  for y, name in zip(down, rows, strict=True):
    write((gap + 2 * scale, y + height // 2), name, _TEXT)
  for x, step in zip(across, steps, strict=True):
    text = "last frame seen" if step == 0 else f"step {step}"
    write((x, gap + line // 2), text, _QUIET)
  return np.asarray(image)


def canvas(height: int, width: int) -> np.ndarray:
  """An empty picture; videos want even sizes, so they are rounded up."""
  return np.tile(BACKGROUND, (height + height % 2, width + width % 2, 1))


def png(picture: np.ndarray) -> bytes:
  """`[H, W, 3]` u8 as a PNG file's bytes."""
  buffer = io.BytesIO()
  Image.fromarray(picture).save(buffer, "PNG", optimize=True)
  return buffer.getvalue()


def write_png(path: str | os.PathLike, picture: np.ndarray) -> None:
  """Writes a PNG, all of it or nothing."""
  write_atomic(path, png(picture))


def write_mp4(
  path: str | os.PathLike, pictures: Sequence[np.ndarray], fps: float
) -> None:
  """Writes an H.264 video that every browser plays, all of it or nothing.

  Args:
    path: replaced if it exists.
    pictures: `[H, W, 3]` u8 of one size, H and W even.
    fps: pictures a second.

  Raises:
    UserError: it cannot be written.
  """
  path = pathlib.Path(path)
  height, width, _ = pictures[0].shape
  command = [
    imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error",
    "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
    "-r", f"{fps}", "-i", "-", "-c:v", "libx264", "-crf", "20",
    "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4",
  ]  # fmt: skip
  temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
  raw = b"".join(np.ascontiguousarray(p).tobytes() for p in pictures)
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([*command, temporary], input=raw, capture_output=True)
    if done.returncode:
      reason = done.stderr.decode(errors="replace").strip().splitlines()
      raise OSError(None, reason[-1] if reason else "the encoder failed")
    os.replace(temporary, path)
  except OSError as error:
    raise UserError(
      f"cannot write {path}: {error.strerror}; make room or choose another "
      "--out"
    ) from None
  finally:
    temporary.unlink(missing_ok=True)


def write_gif(
  path: str | os.PathLike,
  pictures: Sequence[np.ndarray],
  fps: float,
  limit: int = GIF_LIMIT,
) -> None:
  """Writes a GIF that loops, thinned out until it has `limit` bytes at most.

  Args:
    path: replaced if it exists.
    pictures: `[H, W, 3]` u8 of one size.
    fps: pictures a second.
    limit: bytes.
  """
  every = 1
  while True:
    data = _gif(pictures[::every], fps / every)
    if len(data) <= limit or every >= len(pictures):
      break
    every += 1
  write_atomic(path, data)


def _gif(pictures: Sequence[np.ndarray], fps: float) -> bytes:
  """All pictures share the palette of one that shows everything."""
  sample = np.concatenate(pictures[:: max(1, len(pictures) // 8)])
  palette = Image.fromarray(sample).quantize(_GIF_COLORS)
  frames = [
    Image.fromarray(p).quantize(palette=palette, dither=Image.Dither.NONE)
    for p in pictures
  ]
  buffer = io.BytesIO()
  frames[0].save(
    buffer, "GIF", save_all=True, append_images=frames[1:], loop=0,
    duration=round(1000 / fps), optimize=False,
  )  # fmt: skip
  return buffer.getvalue()


@functools.cache
def _font(size: float) -> ImageFont.ImageFont:
  return ImageFont.load_default(size)


def _write(
  draw: ImageDraw.ImageDraw, size: float, place: tuple, text: str, color: tuple
) -> None:
  """Text whose left middle is at `place`."""
  draw.text(place, text, color, _font(size), anchor="lm")
