"""Finds the game's ROM and says which game it is.

A game is known by the SHA-1 of its ROM, as `games/*/roms.json` say. RAM is read
at one game's addresses, so any other is refused unless asked for, and then the
`warning` says what to expect of it.
"""

import hashlib
import json
import os
import pathlib
from typing import NamedTuple

from dreamer_jax import paths
from dreamer_jax.errors import UserError

ENV_VARIABLE = "DREAMER_ROM"
_TITLE = slice(0x134, 0x144)
_CHECKED = slice(0x134, 0x14D)  # what the header's checksum covers
_CHECKSUM, _ROM_SIZE, _RAM_SIZE, _WHOLE = 0x14D, 0x148, 0x149, 0x14E
_RAM_BANKS = {0: 0, 1: 1, 2: 1, 3: 4, 4: 16, 5: 8}  # of 8 KiB


class RomError(UserError):
  """A ROM that cannot be found or used."""


class Rom(NamedTuple):
  """A ROM that was checked."""

  path: str
  sha1: str  # hexadecimal
  title: str  # from its header
  name: str  # of the game; "unknown" where the SHA-1 is not
  warning: str = ""  # what to beware of, where it was let in by request

  @property
  def identity(self) -> dict[str, str]:
    """What is written beside whatever is made with it; JSON."""
    return {"sha1": self.sha1, "title": self.title, "name": self.name}


class _Known(NamedTuple):
  name: str
  warning: str = ""  # without one, the game is let in


def _read_games() -> list[dict]:
  """What each game's folder says of the ROMs that it is recognised by."""
  folder = pathlib.Path(__file__).parents[1] / "games"
  files = sorted(folder.glob("*/roms.json"))
  return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def _known(games: list[dict]) -> dict[str, _Known]:
  """By SHA-1, the games and what is much like them."""
  found = {g["sha1"]: _Known(g["name"]) for g in games if "sha1" in g}
  for game in games:
    for other in game.get("like_it", ()):
      found[other["sha1"]] = _Known(other["name"], other["warning"])
  return found


_GAMES = _read_games()
KNOWN: dict[str, _Known] = _known(_GAMES)
(_OWN,) = (g for g in _GAMES if "embedded" in g)
(_OTHER,) = (g for g in _GAMES if "title" in g)  # whose RAM all are read by
EMBEDDED, LIKE = _OWN["name"], _OTHER["name"]
_EMBEDDED = pathlib.Path(__file__).parents[1] / _OWN["embedded"]
_UNKNOWN = f"its RAM would be read as if it were {LIKE}'s"


def find(path: str | None = None, *, allow_unknown: bool = False) -> Rom:
  """Finds, checks and identifies the ROM to play.

  Args:
    path: a file; None or "" means the variable DREAMER_ROM, and where that is
      not set either, the game of this package.
    allow_unknown: take a valid Game Boy ROM of any game. Its RAM will be read
      as if it were the same game's; `warning` says so.

  Returns:
    The ROM's path and identity.

  Raises:
    RomError: there is no such file, it is no Game Boy ROM, or not a game
      whose RAM the agent can read.
  """
  chosen = path or os.environ.get(ENV_VARIABLE) or str(_EMBEDDED)
  chosen = paths.expand(chosen)
  data = _read(chosen)
  _check_header(chosen, data)
  sha1 = hashlib.sha1(data).hexdigest()
  title = data[_TITLE].split(b"\0")[0].decode("ascii", "replace").strip()
  name, warning = _identify(data, sha1, title)
  if warning and not allow_unknown:
    known = f"is {name}" if name != "unknown" else "is not known"
    raise RomError(
      f"{chosen} (title {title!r}, SHA-1 {sha1}) {known}: {warning}. Give "
      f"{LIKE} (SHA-1 {_OTHER['sha1']}) with --rom, leave --rom out to "
      f"play {EMBEDDED}, or allow it all the same with --allow_unknown_rom "
      "(--config.env.allow_unknown_rom where there is a --config)."
    )
  return Rom(chosen, sha1, title, name, warning)


def embedded() -> Rom:
  """The game of this package, whatever the environment says."""
  return find(str(_EMBEDDED))


def battery_banks(data: bytes) -> int:
  """How many banks of 8 KiB a cartridge's header says its own RAM has."""
  return ram_banks(data[_RAM_SIZE])


def ram_banks(size: int) -> int:
  """The same, from the header's byte for the RAM's size."""
  return _RAM_BANKS.get(size, 0)


def _read(path: str) -> bytes:
  try:
    return pathlib.Path(path).read_bytes()
  except OSError as error:
    reason = error.strerror or type(error).__name__
    if path == str(_EMBEDDED):
      remedy = "install the package again, or build the cartridge"
    else:
      remedy = f"check --rom or ${ENV_VARIABLE}; without both, Lantern Isle"
    raise RomError(f"cannot read the ROM {path}: {reason}; {remedy}.") from None


def _check_header(path: str, data: bytes) -> None:
  """Refuses what is not a whole Game Boy ROM."""
  size = len(data)
  if size < 0x8000:
    raise RomError(
      f"{path} has {size} bytes, and a Game Boy ROM at least 32,768: it is "
      "no ROM or was cut short. Copy or unpack it again."
    )
  checksum = -sum(byte + 1 for byte in data[_CHECKED]) % 256
  if checksum != data[_CHECKSUM]:
    raise RomError(
      f"{path} has a wrong header checksum: it is no Game Boy ROM or is "
      "damaged. Copy or unpack it again."
    )
  if data[_ROM_SIZE] > 8 or size != 0x8000 << data[_ROM_SIZE]:
    raise RomError(
      f"{path} has {size} bytes, which is not what its header says: it was "
      "cut short or padded. Copy or unpack it again."
    )


def _identify(data: bytes, sha1: str, title: str) -> tuple[str, str]:
  """The game's name, and the warning; "" where its RAM can be read."""
  if sha1 in KNOWN:
    return KNOWN[sha1]
  digest_file = pathlib.Path(f"{_EMBEDDED}.sha256")
  if digest_file.exists():
    digest = hashlib.sha256(data).hexdigest()
    if digest == digest_file.read_text().split()[0].lower():
      return EMBEDDED, ""
  if title != _OTHER["title"]:
    return "unknown", _UNKNOWN
  whole = (sum(data) - data[_WHOLE] - data[_WHOLE + 1]) % 65536
  if whole != data[_WHOLE] * 256 + data[_WHOLE + 1]:
    what = "a damaged or patched copy (its global checksum is wrong)"
  else:
    what = "another language, revision or hack"
  return "unknown", f"its title is {LIKE}'s, so it may be {what}; {_UNKNOWN}"
