"""Reads PyBoy's input logs (.replay, of pyboy --record-input)."""

import base64
import json
import zlib
from typing import Any

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.data.demos import foreign
from dreamer_jax.data.demos import recording as recordings
from dreamer_jax.data.demos.foreign import MOST_FRAMES, ImportProblem
from dreamer_jax.data.demos.recording import Recording
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import frames
from dreamer_jax.game.rom import Rom

# PyBoy's window events: new ones come at the end, "or replays break".
_PRESS = {1: "up", 2: "down", 3: "right", 4: "left", 5: "a", 6: "b",
          7: "select", 8: "start"}  # fmt: skip
_RELEASE = {event + 8: name for event, name in _PRESS.items()}
_ELSE = {
  21: "loads a state", 27: "rewinds", 28: "rewinds", 29: "rewinds",
  30: "rewinds",
}  # fmt: skip
_PALETTE = 42  # the colours change, and pictures tell no shades any more
_KNOWN = range(45)  # the others change no play: speed, pause, pictures
_TAIL_FRAMES = 60  # played after a log's last event
_PICTURE_BYTES = frames.HEIGHT * frames.WIDTH * 3

_Row = tuple[int, list[int], bytes]  # frame, events, picture before it


def read(data: bytes, rom: Rom, where: str) -> Recording:
  """A log: events by frame, pictures, perhaps a state to begin at.

  Raises:
    ImportProblem: it is none, is of another ROM, or holds what no buttons can
      tell: rewinding, loading of states, events of a newer PyBoy.
  """
  rows, digest, start = _parsed(data, where)
  foreign.check_rom(digest, rom, where)
  inputs = np.zeros(rows[-1][0] + _TAIL_FRAMES if rows else 0, np.uint8)
  held, last, marks, is_grey = 0, 0, {}, True
  for f, events, picture in rows:
    inputs[last:f] = held
    last = f
    if f and is_grey and len(picture) == _PICTURE_BYTES:
      rgb = np.frombuffer(picture, np.uint8)  # of the frame before
      rgb = rgb.reshape(frames.HEIGHT, frames.WIDTH, 3)
      marks[f] = recordings.picture_mark(frames.shades(rgb))
    for event in events:
      held = _turned(held, event, f, where)
      is_grey &= event != _PALETTE
  inputs[last:] = held
  packed = emulators.pack_state(start, rom.sha1) if start else b""
  meta = {**foreign.meta(rom, "a PyBoy log"), "sound": True}  # its default
  return Recording(inputs, packed, b"", marks, {}, meta)


def _parsed(data: bytes, where: str) -> tuple[list[_Row], str, bytes]:
  """Rows in order, the ROM's SHA-256, and the state to begin at."""
  try:
    events, digest, state = _three(json.loads(zlib.decompress(data)))
    rows = [
      (int(f), [int(e) for e in es], base64.b64decode(shot or ""))
      for f, es, shot in map(_three, events)
    ]
    start = base64.b64decode(state, validate=True) if state else b""
    digest = base64.b64decode(digest).hex()
    at = [f for f, *_ in rows]
    if at != sorted(at) or (at and not 0 <= at[0] <= at[-1] < MOST_FRAMES):
      raise ValueError("its frames are out of order")
    if len(digest) != 64:
      raise ValueError("its ROM's SHA-256 is none")
  except (
    zlib.error, ValueError, TypeError, OverflowError, RecursionError,
  ) as error:  # fmt: skip
    raise ImportProblem(
      f"{where} is no input log of PyBoy or is damaged ({error}): record it "
      "again with pyboy --record-input."
    ) from None
  return rows, digest, start


def _three(parts: Any) -> list[Any]:
  """A log has three parts, and so has each of its events."""
  if not isinstance(parts, list) or len(parts) != 3:
    raise ValueError(
      "it has not the three parts of one, or an event has not, as in another "
      "version's logs"
    )
  return parts


def _turned(held: int, event: int, frame: int, where: str) -> int:
  """The pad after an event."""
  if event in _PRESS:
    return held | 1 << BUTTONS.index(_PRESS[event])
  if event in _RELEASE:
    return held & ~(1 << BUTTONS.index(_RELEASE[event]))
  if event in _KNOWN and event not in _ELSE:
    return held
  what = _ELSE.get(event, f"has the event {event}, of a newer PyBoy,")
  raise ImportProblem(
    f"{where} {what} at frame {frame}, which no buttons can tell: record "
    "again without it."
  )
