"""Where a person watches: a window, or the terminal."""

import ctypes
import os
import sys
import time
import warnings
from typing import TextIO

import numpy as np

from dreamer_jax.evaluation.report import video
from dreamer_jax.game import emulator as emulators
from dreamer_jax.goals.vocabulary import GOALS
from dreamer_jax.play.runtime import Scene, value_text

NO_WINDOW = (
  "add --headless to watch in the terminal; the video is written either way"
)
_SCALE = 3  # screen pixels a pixel
_REDRAW_SECS = 0.1  # of the terminal's picture, at the least


class Window:
  """The game in a window of SDL 2; Escape or its cross closes it."""

  def __init__(self, title: str = "DreamerJAX"):
    """Opens it.

    Raises:
      UserError: there is no display.
    """
    with warnings.catch_warnings():  # pysdl2 tells where its library lies
      warnings.simplefilter("ignore")
      import sdl2
    self._sdl = sdl2
    emulators.check_display(NO_WINDOW)
    sdl2.SDL_Init(sdl2.SDL_INIT_VIDEO)
    self._title, self.is_open = title, True
    size = (160 * _SCALE, 144 * _SCALE)
    anywhere = sdl2.SDL_WINDOWPOS_CENTERED
    self._window = sdl2.SDL_CreateWindow(
      title.encode(), anywhere, anywhere, *size, sdl2.SDL_WINDOW_SHOWN
    )
    self._renderer = sdl2.SDL_CreateRenderer(self._window, -1, 0)
    self._texture = sdl2.SDL_CreateTexture(
      self._renderer, sdl2.SDL_PIXELFORMAT_RGB24,
      sdl2.SDL_TEXTUREACCESS_STREAMING, 160, 144,
    )  # fmt: skip

  def frame(self, frame: np.ndarray) -> None:
    """Draws a frame, and looks whether the person is done."""
    sdl, picture = self._sdl, np.ascontiguousarray(video.colorize(frame))
    pixels = picture.ctypes.data_as(ctypes.c_void_p)
    sdl.SDL_UpdateTexture(self._texture, None, pixels, 160 * 3)
    sdl.SDL_RenderCopy(self._renderer, self._texture, None, None)
    sdl.SDL_RenderPresent(self._renderer)
    event = sdl.SDL_Event()
    while sdl.SDL_PollEvent(ctypes.byref(event)):
      escape = event.type == sdl.SDL_KEYDOWN and (
        event.key.keysym.sym == sdl.SDLK_ESCAPE
      )
      if event.type == sdl.SDL_QUIT or escape:
        self.is_open = False

  def scene(self, scene: Scene) -> None:
    """The goal and why, in the title."""
    said = f"{self._title} · {line(scene)}"
    self._sdl.SDL_SetWindowTitle(self._window, said.encode())

  def close(self) -> None:
    """Closes it."""
    self._sdl.SDL_DestroyWindow(self._window)
    self._sdl.SDL_Quit()


class Terminal:
  """The game in half blocks on a terminal; a line a goal elsewhere."""

  is_open = True

  def __init__(self, out: TextIO | None = None):
    """`out` is where it draws; None for the standard output."""
    self._out = out or sys.stdout
    columns, rows = 80, 39
    if self._out.isatty():
      columns, rows = os.get_terminal_size(self._out.fileno())
    self._draws = self._out.isatty() and columns >= 80 and rows >= 39
    self._drawn_at, self._goal = 0.0, None

  def frame(self, frame: np.ndarray) -> None:
    """Frames within an action are too many for a terminal."""

  def scene(self, scene: Scene) -> None:
    """Draws, or says a new goal."""
    if not self._draws:
      if scene.decision.goal_id != self._goal:
        self._goal = scene.decision.goal_id
        self._out.write(line(scene) + "\n")
        self._out.flush()
      return
    now = time.monotonic()
    if now - self._drawn_at >= _REDRAW_SECS:
      self._drawn_at = now
      top = "\x1b[2J\x1b[H" if self._goal is None else "\x1b[H"
      self._goal = scene.decision.goal_id
      words = f"\n{line(scene)[:79]:<79}\n{scene.decision.rationale[:79]:<79}\n"
      self._out.write(top + blocks(scene.frame) + words)
      self._out.flush()

  def close(self) -> None:
    """Leaves the last picture."""


def line(scene: Scene) -> str:
  """Where the play stands, in one line."""
  return (
    f"{scene.step:5d}  {GOALS[scene.decision.goal_id].text} "
    f"({scene.decision.source})  value {value_text(scene.value)}  badges "
    f"{scene.badges}  species {scene.species}"
  )


def blocks(frame: np.ndarray) -> str:
  """`[144, 160]` shades as 36 lines of 80 coloured half blocks."""
  small = video.colorize(frame[::2, ::2])
  rows = []
  for top, bottom in zip(small[::2], small[1::2], strict=True):
    cells, last = [], None
    for a, b in zip(top.tolist(), bottom.tolist(), strict=True):
      if (a, b) != last:
        last = (a, b)
        cells.append(
          f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m"
        )
      cells.append("▀")
    rows.append("".join(cells) + "\x1b[0m")
  return "\n".join(rows)
