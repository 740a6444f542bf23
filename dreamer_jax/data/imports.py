"""Plays from elsewhere: PyBoy's input logs and BizHawk's movies.

Both hold inputs, not pictures (a PyBoy log has some). They are replayed on the
user's ROM to make the frames anew. Emulators differ in how long a frame with
much to do takes, so a movie of another one may lose its way: that is found by
pictures where there are some, else by presses that have no effect any more,
and what came before is kept.
"""

import base64
import hashlib
import io
import json
import pathlib
import re
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

from dreamer_jax.data import recording as recordings
from dreamer_jax.data import resample
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.recording import DesyncError, Recording
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import frames
from dreamer_jax.game.emulator import BUTTONS
from dreamer_jax.game.rom import Rom

# PyBoy's window events: these numbers are fixed, "or replays break".
_PRESS = {1: "up", 2: "down", 3: "right", 4: "left", 5: "a", 6: "b",
          7: "select", 8: "start"}  # fmt: skip
_RELEASE = {event + 8: name for event, name in _PRESS.items()}
_TAIL_FRAMES = 60  # played after a log's last event
_AXIS = re.compile(r"\s*-?\d+,")  # a number in BizHawk's log
_SHA1 = re.compile(r"\b[0-9A-Fa-f]{40}\b")


class ImportProblem(UserError):
  """A file that cannot be imported."""


def read(path: str | pathlib.Path, rom: Rom, offset: int = 0) -> Recording:
  """Reads a play by its file's suffix: .replay, .bk2 or our own .play.

  Args:
    path: the file.
    rom: that it will be replayed on.
    offset: idle frames to put before the inputs; negative: inputs to drop.
      For movies of emulators that boot faster or slower.

  Raises:
    UserError: it cannot be read, or was made on another ROM.
  """
  path = pathlib.Path(path)
  readers: dict[str, Callable] = {".replay": read_pyboy, ".bk2": read_bizhawk}
  if path.suffix == recordings.SUFFIX:
    return recordings.load(path)
  if path.suffix not in readers:
    raise ImportProblem(
      f"{path} is no input log: known are PyBoy's .replay, BizHawk's .bk2 and "
      f"our own {recordings.SUFFIX}."
    )
  try:
    data = path.read_bytes()
  except OSError as error:
    raise ImportProblem(f"cannot read {path}: {error.strerror}.") from None
  found = readers[path.suffix](data, rom, str(path))
  return _shifted(found, offset)


def _shifted(play: Recording, offset: int) -> Recording:
  if offset >= 0:
    play.inputs = np.append(np.zeros(offset, np.uint8), play.inputs)
  else:
    play.inputs = play.inputs[-offset:]
  play.marks = {f + offset: m for f, m in play.marks.items() if f + offset > 0}
  play.meta["frames"] = len(play.inputs)
  return play


def read_pyboy(data: bytes, rom: Rom, where: str) -> Recording:
  """A log of PyBoy's `--record-input`: events, pictures, perhaps a state."""
  try:
    events, digest, state = json.loads(zlib.decompress(data))
    rows = [(int(f), [int(e) for e in es], shot) for f, es, shot in events]
    start = base64.b64decode(state) if state else b""
    digest = base64.b64decode(digest).hex()
  except (zlib.error, ValueError, TypeError) as error:
    raise ImportProblem(
      f"{where} is no input log of PyBoy or is damaged ({error}): record it "
      "again with pyboy --record-input."
    ) from None
  _check_sha256(digest, rom, where)
  inputs = np.zeros(
    max((f for f, _, _ in rows), default=0) + _TAIL_FRAMES, "u1"
  )
  held, last, marks = 0, 0, {}
  for f, events, shot in rows:
    inputs[last:f] = held
    last = f
    if f:  # the picture is of the frame before
      rgb = np.frombuffer(base64.b64decode(shot), np.uint8)
      if rgb.size == frames.HEIGHT * frames.WIDTH * 3:
        rgb = rgb.reshape(frames.HEIGHT, frames.WIDTH, 3)
        marks[f] = recordings.picture_mark(frames.shades(rgb))
    for event in events:
      if event in _PRESS:
        held |= 1 << BUTTONS.index(_PRESS[event])
      elif event in _RELEASE:
        held &= ~(1 << BUTTONS.index(_RELEASE[event]))
  inputs[last:] = held
  packed = emulators.pack_state(start, rom.sha1) if start else b""
  meta = {**_meta(rom, "a PyBoy log"), "sound": True}  # its default
  return Recording(inputs, packed, b"", marks, {}, meta)


def read_bizhawk(data: bytes, rom: Rom, where: str) -> Recording:
  """A BizHawk movie: a zip file with `Input Log.txt` and `Header.txt`."""
  try:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
      files = {
        pathlib.PurePosixPath(n).name.lower(): archive.read(n).decode("utf-8")
        for n in archive.namelist()
        if n.lower().endswith(".txt")
      }
    log = files["input log.txt"]
  except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
    raise ImportProblem(
      f"{where} is no BizHawk movie ({error}): a .bk2 is a zip file with an "
      "'Input Log.txt'."
    ) from None
  header = dict(
    line.split(" ", 1) for line in files.get("header.txt", "").splitlines()
    if " " in line
  )  # fmt: skip
  if header.get("StartsFromSavestate", "").strip() in ("1", "True"):
    raise ImportProblem(
      f"{where} begins at a state of BizHawk, which PyBoy cannot load: record "
      "a movie from power-on."
    )
  named = _SHA1.search(header.get("SHA1", ""))
  if named and named.group().lower() != rom.sha1:
    raise ImportProblem(
      f"{where} was made on a ROM with SHA-1 {named.group().lower()}, not on "
      f"{rom.name} ({rom.sha1}): give that ROM with --rom."
    )
  inputs = _bizhawk_inputs(log, where)
  core = header.get("Core", "an unknown core").strip()
  by = f"{header.get('Author', 'somebody').strip()}, BizHawk movie ({core})"
  return Recording(inputs, b"", b"", {}, {}, _meta(rom, by))


def _bizhawk_inputs(log: str, where: str) -> np.ndarray:
  """`[F] u8` from the lines of an input log."""
  groups: list[list[str]] = []
  pads = []
  for line in log.splitlines():
    if line.startswith("LogKey:"):
      key = line.removeprefix("LogKey:").strip().strip("#")
      groups = [
        [name for name in group.split("|") if name] for group in key.split("#")
      ]
    elif line.startswith("|"):
      if not groups:
        break
      pads.append(_bizhawk_line(line, groups, where, len(pads)))
  if not pads:
    raise ImportProblem(f"{where} has no inputs, or no LogKey before them.")
  return np.asarray(pads, np.uint8)


def _bizhawk_line(line: str, groups, where: str, number: int) -> int:
  """One frame: a part for each group, a letter for each button held."""
  held = 0
  parts = line.strip().removeprefix("|").removesuffix("|").split("|")
  for group, part in zip(groups, parts, strict=False):
    for name in group:
      axis = _AXIS.match(part)
      if axis:
        part = part[axis.end() :]
        continue
      if not part:
        raise ImportProblem(
          f"{where}: frame {number} has fewer buttons than its LogKey names."
        )
      mark, part = part[0], part[1:]
      button = name.lower().split()[-1]
      if mark not in ". ":
        if button in ("power", "reset"):
          raise ImportProblem(
            f"{where} presses {name} at frame {number}, which this emulator "
            "does not: cut the movie before it."
          )
        if button in BUTTONS:
          held |= 1 << BUTTONS.index(button)
  return held


def _check_sha256(digest: str, rom: Rom, where: str) -> None:
  mine = hashlib.sha256(pathlib.Path(rom.path).read_bytes()).hexdigest()
  if digest != mine:
    raise ImportProblem(
      f"{where} was recorded on a ROM with SHA-256 {digest}, not on {rom.name} "
      f"({mine}): give that ROM with --rom."
    )


def _meta(rom: Rom, by: str) -> dict:
  return {
    "rom": {"sha1": rom.sha1, "title": rom.title, "name": rom.name},
    "pyboy": f"another emulator ({by})",
    "by": by,
  }


def bring_in(
  rom: Rom, play: Recording, source: str
) -> tuple[Episode, Recording, list[str]]:
  """Replays a play and makes it an episode; says where it lost its way.

  Args:
    rom: the ROM.
    play: what was pressed.
    source: "human" or "import".

  Returns:
    The episode, the play as far as it is good, and notes for the user.

  Raises:
    UserError: nothing of it can be used.
  """
  notes = []
  try:
    places = resample.places_of(rom, play)
  except DesyncError as error:
    notes.append(f"desync: {error}")
    play = recordings.cut(play, error.good)
    places = resample.places_of(rom, play)
  cuts = resample.windows(play.inputs, places)
  if not cuts:
    raise ImportProblem(
      "no button was pressed before the replay lost its way: is it the right "
      "ROM, and from power-on? Try --offset."
      if notes
      else "no button was pressed: there is nothing to learn from."
    )
  seed = zlib.crc32(play.start + play.inputs.tobytes())
  episode = resample.to_episode(rom, play, cuts, source, seed)
  if not play.marks:
    lost = resample.dead_end(episode)
    if lost is not None:
      notes.append(
        f"desync suspected: from action {lost} (frame {cuts[lost - 1].start}) "
        "on, 40 presses in a row had no effect; only what is before is kept. "
        "Another --offset may fit."
      )
      if lost < 2:
        raise ImportProblem(f"nothing of this play can be used. {notes[-1]}")
      episode = resample.truncated(episode, lost - 1)
      play = recordings.cut(play, cuts[lost - 1].start)
  if not episode.decode_ram().is_playing.any():
    notes.append("play never began: the inputs do not get past the intro.")
  return episode, play, notes
