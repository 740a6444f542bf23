"""Finds the game's ROM and says which game it is."""

import hashlib
import os
import pathlib
from typing import NamedTuple

from dreamer_jax.errors import UserError

ENV_VARIABLE = "DREAMER_ROM"
RED_SHA1 = "ea9bcae617fdf159b045185467ae58b2e4a48b9a"
_EMBEDDED = pathlib.Path(__file__).parents[1] / "cartridge" / "lantern_isle.gb"
_TITLE = slice(0x134, 0x144)
_CHECKED = slice(0x134, 0x14D)  # what the header's checksum covers
_CHECKSUM, _ROM_SIZE = 0x14D, 0x148


class RomError(UserError):
  """A ROM that cannot be found or used."""


class Rom(NamedTuple):
  """A ROM that was checked."""

  path: str
  sha1: str  # hexadecimal
  title: str  # from its header
  name: str  # of the game; "unknown" where the SHA-1 is not


def find(path: str | None = None, *, allow_unknown: bool = False) -> Rom:
  """Finds, checks and identifies the ROM to play.

  Args:
    path: a file; None or "" means the variable DREAMER_ROM, and where that is
      not set either, the embedded Lantern Isle.
    allow_unknown: take a valid Game Boy ROM of any game. Its RAM will be read
      as if it were Pokémon Red's.

  Returns:
    The ROM's path and identity.

  Raises:
    RomError: there is no such file, it is no Game Boy ROM, or not a game
      whose RAM the agent can read.
  """
  chosen = path or os.environ.get(ENV_VARIABLE) or str(_EMBEDDED)
  data = _read(chosen)
  _check_header(chosen, data)
  sha1 = hashlib.sha1(data).hexdigest()
  title = data[_TITLE].split(b"\0")[0].decode("ascii", "replace").strip()
  name = _identify(data, sha1)
  if name == "unknown" and not allow_unknown:
    raise RomError(
      f"{chosen} (title {title!r}, SHA-1 {sha1}) is neither Lantern Isle "
      f"nor the US Pokémon Red (SHA-1 {RED_SHA1}), whose RAM the agent can "
      "read. Give one of those with --rom, leave --rom out to play Lantern "
      "Isle, or allow unknown ROMs if this one keeps Red's RAM addresses."
    )
  return Rom(chosen, sha1, title, name)


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


def _identify(data: bytes, sha1: str) -> str:
  if sha1 == RED_SHA1:
    return "Pokémon Red (US)"
  known = pathlib.Path(f"{_EMBEDDED}.sha256")
  if known.exists():
    digest = hashlib.sha256(data).hexdigest()
    if digest == known.read_text().split()[0].lower():
      return "Lantern Isle"
  return "unknown"
