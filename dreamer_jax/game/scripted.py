"""Plays a ROM from a script of inputs, or in a window by a person's hands.

A script is words, one an action: a button's name, or `wait`; `*N` repeats it
N times. `#` starts a comment that ends with its line:

  start a*3 wait*2  # past the title
  up*12 left
"""

import io
import os
import pathlib
import sys
from collections.abc import Iterable, Iterator

from PIL import Image

from dreamer_jax.errors import UserError
from dreamer_jax.game import frames, memory
from dreamer_jax.game.env import BUTTONS, pyboy
from dreamer_jax.game.ram import GameRam, decode
from dreamer_jax.game.rom import Rom

WAIT = "wait"
_MOST_REPEATS = 100_000
_BATTERY_BYTES = 32768  # the largest that a cartridge of these games has
_BANK_BYTES = 8192
_BANK_START = 40960  # where the CPU sees the battery RAM


class ScriptError(UserError):
  """A script of inputs that cannot be played."""


def parse(text: str) -> list[str]:
  """A script's actions, one by one.

  Raises:
    ScriptError: a word is no button, or its number is none.
  """
  actions: list[str] = []
  for row, line in enumerate(text.splitlines(), 1):
    for word in line.split("#")[0].split():
      button, _, times = word.partition("*")
      if button not in (*BUTTONS, WAIT):
        raise ScriptError(
          f"line {row}: {word!r} is no button: use {', '.join(BUTTONS)} or "
          f"{WAIT}, with *N for N times."
        )
      if times and not (times.isdigit() and 0 < int(times) <= _MOST_REPEATS):
        raise ScriptError(
          f"line {row}: {word!r} needs a number from 1 to {_MOST_REPEATS}."
        )
      actions += [button] * int(times or 1)
  return actions


def script(actions: Iterable[str]) -> str:
  """The inverse of `parse`: repeated actions in one word, ten words a line."""
  words: list[list] = []
  for action in actions:
    if words and words[-1][0] == action:
      words[-1][1] += 1
    else:
      words.append([action, 1])
  flat = [f"{a}*{n}" if n > 1 else a for a, n in words]
  rows = [" ".join(flat[i : i + 10]) for i in range(0, len(flat), 10)]
  return "\n".join(rows) + "\n"


class Player:
  """One emulator, stepped by a script or shown in a window."""

  def __init__(self, rom: Rom, battery: bytes = b"", window: bool = False):
    """Boots the game.

    Args:
      rom: what to play; the file is only read.
      battery: the cartridge's battery RAM, empty for a new cartridge.
      window: opens an SDL2 window at 60 frames a second.

    Raises:
      UserError: a window is asked for where there is no display.
    """
    if window and not has_display():
      raise UserError(
        "there is no display to open a window on: play with --script=FILE, "
        "or run this where a screen is."
      )
    self._emulator = pyboy.PyBoy(
      io.BytesIO(pathlib.Path(rom.path).read_bytes()),
      ram_file=io.BytesIO(battery.ljust(_BATTERY_BYTES, b"\0")),
      window="SDL2" if window else "null",
      sound_emulated=window,
      no_input=not window,
      log_level="ERROR",
      cgb=False,
      scale=4,
    )
    self._emulator.set_emulation_speed(1 if window else 0)

  def play(
    self, actions: Iterable[str], press=8, total=24
  ) -> Iterator[GameRam]:
    """Plays actions; yields the RAM after each."""
    for action in actions:
      if action != WAIT:
        self._emulator.button_press(action)
      self._emulator.tick(press, False, False)
      if action != WAIT:
        self._emulator.button_release(action)
      self._emulator.tick(total - press, True, False)
      yield self.ram()

  def until_closed(self) -> None:
    """Runs until the window is closed."""
    while self._emulator.tick():
      pass

  def ram(self) -> GameRam:
    """The decoded RAM now."""
    view = self._emulator.memory
    return decode(memory.snapshot(lambda start, stop: view[start:stop]))

  def picture(self) -> Image.Image:
    """The screen now."""
    shown = frames.shades(self._emulator.screen.ndarray)
    return Image.fromarray(frames.to_rgb(shown))

  def battery(self) -> bytes:
    """The battery RAM's first bank now, 8 KiB; its last byte reads as 0."""
    view = self._emulator.memory  # whose slices of a bank stop before its end
    last = _BANK_START + _BANK_BYTES - 1
    return bytes(view[0, _BANK_START:last]) + b"\0"

  def close(self) -> None:
    """Stops the emulator; nothing is written to disk."""
    self._emulator.stop(save=False)


def has_display() -> bool:
  """Whether a window can be opened here."""
  if not sys.platform.startswith("linux"):
    return True
  return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
