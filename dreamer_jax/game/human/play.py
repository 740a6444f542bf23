"""Plays a ROM from a script of inputs, or in a window by a person's hands.

A script is words, one an action: a button's name, or `wait`; `*N` repeats it
N times. `#` starts a comment that ends with its line:

  start a*3 wait*2  # past the title
  up*12 left
"""

from collections.abc import Iterable, Iterator

from PIL import Image

from dreamer_jax.contract import BUTTONS
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator, frames, memory
from dreamer_jax.game.human import pad
from dreamer_jax.game.human.keys import Keyboard
from dreamer_jax.game.ram import GameRam, decode
from dreamer_jax.game.rom import Rom

WAIT = "wait"
_MOST_REPEATS = 100_000


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
    self._rom = rom
    self._emulator = emulator.power_on(
      rom, battery=battery, window="SDL2" if window else "null", sound=window
    )

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
    """A person plays in the window until it is closed, or Escape."""
    keyboard, before = Keyboard(), 0
    while True:
      held = keyboard()
      if keyboard.has_ended:
        return
      self._emulator.set_emulation_speed(0 if keyboard.is_fast else 1)
      pad.turn(self._emulator, before, held)
      before = held
      self._emulator.tick(1, True, True)

  def ram(self) -> GameRam:
    """The decoded RAM now."""
    view = self._emulator.memory
    return decode(memory.snapshot(lambda start, stop: view[start:stop]))

  def picture(self) -> Image.Image:
    """The screen now."""
    shown = frames.shades(self._emulator.screen.ndarray)
    return Image.fromarray(frames.to_rgb(shown))

  def battery(self) -> bytes:
    """What the cartridge's battery RAM holds now."""
    return emulator.read_battery(self._emulator, self._rom)

  def close(self) -> None:
    """Stops the emulator; nothing is written to disk."""
    self._emulator.stop(save=False)
