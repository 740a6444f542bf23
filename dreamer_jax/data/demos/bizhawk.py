"""Reads BizHawk's movies (.bk2, .tasproj): zip files of inputs and settings.

An input log has a line a frame: after the names of its `LogKey`, a letter or a
point for each button, a number and a comma for each axis. What makes a movie
another machine's play than a Game Boy's from power-on is refused by name.
"""

import io
import itertools
import json
import pathlib
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.data.demos import foreign
from dreamer_jax.data.demos.foreign import ImportProblem
from dreamer_jax.data.demos.recording import Recording
from dreamer_jax.game import rom as roms
from dreamer_jax.game.rom import Rom

_LOG, _HEADER, _SETTINGS = "input log.txt", "header.txt", "syncsettings.json"
_SAVE = "moviesaveram.bin"
_ZSTD = b"\x28\xb5\x2f\xfd"
_AXIS = re.compile(r"\s*-?\d+(\.\d+)?,")  # a number in the log
_HASH = re.compile(r"\b(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})\b")
# Axes that say for how long a line holds -> what a frame has of it.
_LENGTHS = {"input length": 35_112, "input cycle": 70_224}
_COLOR = "as a Game Boy Color"
_SUPER = "as a Super Game Boy"
_MODES = {"2": _COLOR, "gbc": _COLOR, "3": "as a Game Boy Advance",
          "gba": "as a Game Boy Advance", "4": _SUPER, "sgb2": _SUPER,
          "sgb": _SUPER}  # fmt: skip
_HEADER_MODES = {"iscgbmode": _COLOR, "iscgbdmgmode": _COLOR,
                 "issgbmode": _SUPER}  # fmt: skip
_FIRMWARE = {"gbc_firmware": _COLOR, "gba_firmware": _MODES["gba"],
             "sgb_firmware": _SUPER}  # fmt: skip
_SAMEBOY_COLOR, _SAMEBOY_SUPER = 0x200, (0x004, 0x101)  # its models
_PLATFORMS = {
  "GBC": "a Game Boy Color", "SGB": "a Super Game Boy",
  "GBL": "several Game Boys that are linked", "GBA": "a Game Boy Advance",
  "GB3X": "several Game Boys that are linked",
  "GB4X": "several Game Boys that are linked",
  "DGB": "several Game Boys that are linked",
}  # fmt: skip


class _Line(NamedTuple):
  """A line of the log."""

  pad: int  # see `game.human.pad`
  length: int  # of `unit`s a frame; 0 for a whole one
  unit: int


def read(data: bytes, rom: Rom, where: str) -> Recording:
  """A movie's inputs, frame by frame.

  Raises:
    ImportProblem: it is none, is of another ROM or machine, begins at a state
      of BizHawk, or holds what PyBoy cannot play.
  """
  files = _entries(data, where)
  header = _header(foreign.text(files.get(_HEADER, b"")))
  _check_machine(header, _settings(files.get(_SETTINGS, b"")), where)
  for key in ("sha1", "md5"):
    if named := _HASH.search(header.get(key, "")):
      foreign.check_rom(named.group(), rom, where)
      break
  battery = _battery(header, files, rom, where)
  lines = _lines(foreign.text(files[_LOG]), where)
  core = header.get("core", "an unknown core")
  by = f"{header.get('author', 'somebody')}, BizHawk movie ({core})"
  inputs = _by_frame(lines, where)
  return Recording(inputs, b"", battery, {}, {}, foreign.meta(rom, by))


def _entries(data: bytes, where: str) -> dict[str, bytes]:
  """What is read of the zip file, by names in small letters."""
  found: dict[str, bytes] = {}
  try:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
      names = archive.namelist()
      # A branch of a .tasproj has an input log too, in a folder.
      for name in sorted(names, key=lambda n: (len(_parts(n)), n)):
        *folders, small = _parts(name)
        if small in found or "__macosx" in folders:
          continue
        if small in (_LOG, _HEADER, _SETTINGS, _SAVE):
          found[small] = archive.read(name)
  except (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError,
    RuntimeError, OSError,
  ) as error:  # fmt: skip
    raise ImportProblem(
      f"{where} is no BizHawk movie or is damaged ({error}): a .bk2 is a zip "
      "file with an 'Input Log.txt'; copy it again."
    ) from None
  if _LOG not in found:
    raise ImportProblem(
      f"{where} is no BizHawk movie: it is a zip file of "
      f"{', '.join(names[:5]) or 'nothing'} without an 'Input Log.txt'; unpack "
      "it, and give the movie that is in it."
    )
  return found


def _parts(name: str) -> tuple[str, ...]:
  """Folders and name of an entry, which Windows may have packed."""
  return tuple(name.lower().replace("\\", "/").split("/"))


def _header(text: str) -> dict[str, str]:
  """Keys in small letters; the first of each counts, as in BizHawk."""
  entries: dict[str, str] = {}
  for line in text.splitlines():
    key, *value = line.split(None, 1)[:2] or [""]
    if value:
      entries.setdefault(key.lower(), value[0].strip())
  return entries


def _settings(data: bytes) -> dict[str, Any]:
  """The core's settings, names in small letters; {} where there are none."""
  try:
    value = json.loads(foreign.text(data) or "{}")
  except (ValueError, RecursionError):
    return {}
  value = value.get("o", value) if isinstance(value, dict) else {}
  if not isinstance(value, dict):
    return {}
  return {key.lower(): setting for key, setting in value.items()}


def _is_on(value: Any) -> bool:
  return str(value).strip().lower() in ("1", "true")


def _check_machine(header: dict, settings: dict, where: str) -> None:
  """Refuses what was not played on a Game Boy from power-on."""
  platform = header.get("platform", "GB").upper()
  if platform != "GB":
    machine = _PLATFORMS.get(platform, f"another machine ({platform})")
    raise ImportProblem(
      f"{where} is a movie of {machine}, and this emulator is one Game Boy: "
      "give a movie whose Platform is GB."
    )
  if _is_on(header.get("startsfromsavestate")):
    raise ImportProblem(
      f"{where} begins at a state of BizHawk, which PyBoy cannot load: record "
      "a movie from power-on."
    )
  if mode := _mode(header, settings):
    raise ImportProblem(
      f"{where} was played {mode}, and games run as on a Game Boy here: record "
      "it in BizHawk's console mode GB."
    )
  length = str(settings.get("framelength", "")).strip().lower()
  if _is_on(settings.get("equallengthframes")) or (
    length in ("1", "equallengthframes")
  ):
    raise ImportProblem(
      f"{where} was recorded with EqualLengthFrames, which do not end with the "
      "picture as PyBoy's do: record it with VBlank driven frames."
    )


def _mode(header: dict, settings: dict) -> str:
  """As which other machine a movie was played; "" for a Game Boy."""
  for key, mode in _HEADER_MODES.items():
    if _is_on(header.get(key)):
      return mode
  for start, mode in _FIRMWARE.items():  # it began with that machine's logo
    if any(key.startswith(start) for key in header):
      return mode
  chosen = settings.get("consolemode", "")
  if "sameboy" not in str(settings.get("$type", header.get("core"))).lower():
    return _MODES.get(str(chosen).strip().lower(), "")
  if not isinstance(chosen, int):
    return ""
  if chosen & 0xFFF >= _SAMEBOY_COLOR:
    return _COLOR
  return _SUPER if chosen & 0xF7F in _SAMEBOY_SUPER else ""


def _battery(header: dict, files: dict, rom: Rom, where: str) -> bytes:
  """What the cartridge's RAM holds where a movie begins at a saved game."""
  if not _is_on(header.get("startsfromsaveram")):
    return b""
  saved = files.get(_SAVE, b"")
  banks = roms.battery_banks(pathlib.Path(rom.path).read_bytes())
  if saved.startswith(_ZSTD) or len(saved) != banks * 8192 or not saved:
    raise ImportProblem(
      f"{where} begins at a saved game (StartsFromSaveRam), and it has none of "
      f"the {banks * 8192:,} bytes that {rom.name} saves in its "
      "MovieSaveRam.bin: record a movie without one."
    )
  return saved


def _lines(log: str, where: str) -> list[_Line]:
  """The frames of an input log."""
  names: list[str] = []
  lines = []
  for row in log.splitlines():
    row = row.strip()
    if row.lower().startswith("logkey:"):
      key = row.split(":", 1)[1].replace("#", "|")
      names = [name.strip() for name in key.split("|") if name.strip()]
    elif row.startswith("|") and names:
      lines.append(_line(row, names, where, len(lines)))
    elif row.lower() == "[/input]" and lines:
      break
  if not lines:
    raise ImportProblem(f"{where} has no inputs, or no LogKey before them.")
  return lines


def _line(row: str, names: Iterable[str], where: str, number: int) -> _Line:
  """One line: a letter for each button held, a number for each axis."""
  rest, pad, length, unit = row.replace("|", ""), 0, 0, 1
  for name in names:
    player, button = _button(name)
    axis = _AXIS.match(rest)
    if axis and button not in BUTTONS:
      rest = rest[axis.end() :]
      if button in _LENGTHS:
        unit = _LENGTHS[button]
        length = int(float(axis.group().rstrip(",")))
      continue
    if not rest:
      raise ImportProblem(
        f"{where}: frame {number} has fewer buttons than its LogKey names; it "
        "was cut short or is damaged."
      )
    mark, rest = rest[0], rest[1:]
    if mark in ". ":
      continue
    if button not in BUTTONS or player > 1:
      raise ImportProblem(
        f"{where} presses {name} at frame {number}, which this emulator does "
        "not: cut the movie before it."
      )
    pad |= 1 << BUTTONS.index(button)
  if rest.strip():
    raise ImportProblem(
      f"{where}: frame {number} has more buttons than its LogKey names; it is "
      "damaged."
    )
  if not 0 <= length <= unit:
    raise ImportProblem(
      f"{where}: frame {number} is {length} long, and a frame has 0 to {unit}."
    )
  return _Line(pad, length, unit)


def _button(name: str) -> tuple[int, str]:
  """Player and button of a name such as `Up` or `P1 Up`."""
  player = re.match(r"P(\d+) ", name)
  button = name[player.end() :] if player else name
  return int(player.group(1)) if player else 1, button.lower()


def _by_frame(lines: list[_Line], where: str) -> np.ndarray:
  """`[F] u8`: what is held in the middle of each frame.

  A line may hold for a part of a frame, so that several make one. A press or
  a release that no frame's middle falls into would be lost.
  """
  inputs: list[int] = []
  clock, number = 0, 0
  for pad, run in itertools.groupby(lines, lambda line: line.pad):
    count = 0
    for line in run:
      clock += line.length or line.unit
      count += 1
    middles = -((line.unit - 2 * clock) // (2 * line.unit)) - len(inputs)
    if not middles:
      raise ImportProblem(
        f"{where} holds buttons for less than a frame from line {number} on "
        "(its Input Length is short), and PyBoy plays whole frames: record it "
        "with VBlank driven frames."
      )
    inputs += [pad] * middles
    number += count
  return np.asarray(inputs, np.uint8)
