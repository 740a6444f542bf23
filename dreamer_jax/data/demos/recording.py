"""Keeps what a person played: the pad of every frame, and marks to check it.

An emulator is a function of its start and its inputs, so this is the whole
play in a byte a frame. Marks are digests of screen and RAM at intervals: a
replay that differs from one has lost its way (another ROM, PyBoy or start).
Some frames' states are kept too, to begin a replay there.
"""

import dataclasses
import hashlib
import itertools
import json
import pathlib
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import frames, memory
from dreamer_jax.game.emulator import PYBOY_VERSION
from dreamer_jax.game.human import pad
from dreamer_jax.game.rom import Rom

SUFFIX = ".play"
MARK_FRAMES = 60  # between marks
STATE_FRAMES = 3600  # between states that are kept, a minute
_MAGIC = b"DreamerJAX recording\n"
_DIGEST = 32
_MARK_BYTES = 16
_PICTURE = "picture "


class RecordingError(UserError):
  """A recording that cannot be used."""


class DesyncError(RecordingError):
  """A replay that went another way; frames before `good` were right."""

  def __init__(self, message: str, good: int):
    super().__init__(message)
    self.good = good


@dataclasses.dataclass
class Recording:
  """A play from `start` on; `inputs[f]` is held during frame f."""

  inputs: np.ndarray  # [F] u8, see `pad`
  start: bytes  # of `emulator.pack_state`; empty for power-on
  battery: bytes  # what the cartridge's RAM held at power-on
  marks: dict[int, str]  # frames played -> digest
  states: dict[int, bytes]  # frames played -> packed state
  meta: dict[str, Any]  # rom, pyboy, by, source; JSON

  def __len__(self) -> int:
    """Frames."""
    return len(self.inputs)


class Session:
  """A play that goes on: each frame is played and recorded."""

  def __init__(
    self,
    rom: Rom,
    by: str,
    *,
    start: bytes = b"",
    battery: bytes = b"",
    window: str = "null",
  ):
    """Boots the game, or goes to a start state.

    Args:
      rom: what is played.
      by: who plays.
      start: a packed state; empty for power-on.
      battery: what the cartridge's own RAM holds at power-on.
      window: "null", or "SDL2" to show it at 60 frames a second.
    """
    self.rom = rom
    self._has_window = window != "null"
    self.emulator = emulators.power_on(
      rom, battery=battery, window=window, sound=self._has_window
    )
    self._inputs = bytearray()
    self._pad = 0
    self._start, self._battery, self._by = start, battery, by
    self._marks: dict[int, str] = {}
    self._states: dict[int, bytes] = {}
    if start:
      emulators.restore(self.emulator, emulators.open_state(start, rom.sha1))
      pad.let_go(self.emulator)
    if self._has_window:
      self.emulator.set_emulation_speed(1)

  @property
  def frame(self) -> int:
    """Frames played."""
    return len(self._inputs)

  def play(self, held: int) -> None:
    """Plays and records one frame with these buttons held."""
    due = (self.frame + 1) % MARK_FRAMES == 0
    pad.turn(self.emulator, self._pad, held)
    self._pad = held
    self.emulator.tick(1, self._has_window or due, self._has_window)
    self._inputs.append(held)
    if due:
      self._marks[self.frame] = digest(self.emulator)
    if self.frame % STATE_FRAMES == 0:
      dumped = emulators.dump(self.emulator)
      self._states[self.frame] = emulators.pack_state(dumped, self.rom.sha1)

  def recording(self) -> Recording:
    """What was played so far."""
    rom = self.rom
    meta = {
      "rom": rom.identity,
      "pyboy": PYBOY_VERSION,
      "by": self._by,
      "source": "human",
      "sound": self._has_window,
      "frames": self.frame,
    }
    inputs = np.frombuffer(bytes(self._inputs), np.uint8)
    return Recording(
      inputs, self._start, self._battery, dict(self._marks),
      dict(self._states), meta,
    )  # fmt: skip

  def close(self) -> None:
    """Ends the emulator."""
    self.emulator.stop(save=False)


def digest(emulator) -> str:
  """Of the screen, which has to be drawn, and of the RAM that is read."""
  view = emulator.memory
  ram = memory.snapshot(lambda start, stop: view[start:stop])
  shades = frames.shades(emulator.screen.ndarray)
  data = shades.tobytes() + ram.tobytes()
  return hashlib.sha256(data).hexdigest()[:_MARK_BYTES]


def picture_mark(shades: np.ndarray) -> str:
  """A mark of the screen alone, `[144, 160]` u8, for imports."""
  data = np.ascontiguousarray(shades, np.uint8).tobytes()
  return _PICTURE + hashlib.sha256(data).hexdigest()[:_MARK_BYTES]


def _agrees(emulator, mark: str) -> bool:
  if mark.startswith(_PICTURE):
    return picture_mark(frames.shades(emulator.screen.ndarray)) == mark
  return digest(emulator) == mark


def cut(recording: Recording, count: int) -> Recording:
  """The first `count` frames of a recording."""
  keep = lambda d: {f: v for f, v in d.items() if f <= count}
  return dataclasses.replace(
    recording,
    inputs=recording.inputs[:count],
    marks=keep(recording.marks),
    states=keep(recording.states),
    meta={**recording.meta, "frames": count},
  )


def replay(
  rom: Rom, recording: Recording, *, draw: np.ndarray | None = None
) -> Iterator[tuple[int, Any]]:
  """Plays a recording again, checking its marks.

  Args:
    rom: the ROM that it was played on.
    recording: marks may be none, as those of an import.
    draw: `[F]` bool, frames whose picture the caller looks at.

  Yields:
    (frames played, the emulator) after every frame; the first is (0, at the
    start). The emulator is ended with the iteration.

  Raises:
    RecordingError: it is of another ROM.
    DesyncError: a mark differs; frames before the one before it are right.
  """
  sha1 = recording.meta["rom"]["sha1"]
  if sha1 != rom.sha1:
    raise RecordingError(
      f"this was played on {recording.meta['rom']['name']} with SHA-1 {sha1}, "
      f"not on {rom.name} ({rom.sha1}): give that ROM with --rom."
    )
  sound = bool(recording.meta.get("sound"))
  emulator = emulators.power_on(rom, battery=recording.battery, sound=sound)
  try:
    if recording.start:
      state = emulators.open_state(recording.start, rom.sha1)
      emulators.restore(emulator, state)
      pad.let_go(emulator)
    yield 0, emulator
    before, last = 0, 0
    for f, held in enumerate(recording.inputs.tolist(), 1):
      pad.turn(emulator, before, held)
      before = held
      wanted = recording.marks.get(f)
      seen = draw is not None and bool(draw[f - 1])
      emulator.tick(1, seen or wanted is not None, False)
      if wanted is not None:
        if not _agrees(emulator, wanted):
          raise DesyncError(
            f"the replay went another way between frames {last} and {f}: "
            f"this is PyBoy {PYBOY_VERSION}, the recording was made with "
            f"{recording.meta['pyboy']}; what is before frame {last} holds.",
            last,
          )
        last = f
      yield f, emulator
  finally:
    emulator.stop(save=False)


def verify(rom: Rom, recording: Recording) -> int:
  """Replays a recording; returns how many marks agreed.

  Raises:
    RecordingError: as `replay`.
  """
  for _ in replay(rom, recording):
    pass
  return len(recording.marks)


def save(path: str | pathlib.Path, recording: Recording) -> None:
  """Writes a recording's file, all of it or nothing."""
  write_atomic(path, packed(recording))


def packed(recording: Recording) -> bytes:
  """A recording's file: magic, SHA-256, header and data."""
  parts = [recording.inputs.tobytes(), recording.start, recording.battery]
  parts += recording.states.values()
  header = {
    "meta": recording.meta,
    "marks": {str(f): mark for f, mark in recording.marks.items()},
    "states": list(recording.states),
    "sizes": [len(part) for part in parts],
  }
  data = json.dumps(header).encode() + b"\n" + zlib.compress(b"".join(parts))
  return _MAGIC + hashlib.sha256(data).digest() + data


def load(path: str | pathlib.Path) -> Recording:
  """Reads a recording's file.

  Raises:
    RecordingError: it is missing or damaged.
  """
  try:
    data = pathlib.Path(path).read_bytes()
  except OSError as error:
    raise RecordingError(f"cannot read {path}: {error.strerror}.") from None
  start = len(_MAGIC) + _DIGEST
  sha256 = hashlib.sha256(data[start:]).digest()
  if not data.startswith(_MAGIC) or sha256 != data[len(_MAGIC) : start]:
    raise RecordingError(
      f"{path} is no DreamerJAX recording or is damaged: use another copy, or "
      "record again."
    )
  header, _, body = data[start:].partition(b"\n")
  header, body = json.loads(header), zlib.decompress(body)
  ends = np.cumsum([0, *header["sizes"]])
  parts = [body[a:b] for a, b in itertools.pairwise(ends)]
  return Recording(
    np.frombuffer(parts[0], np.uint8),
    parts[1],
    parts[2],
    {int(f): mark for f, mark in header["marks"].items()},
    dict(zip(header["states"], parts[3:], strict=True)),
    header["meta"],
  )
