"""Errors, text and identity, shared by the readers of other programs' files."""

import codecs
import hashlib
import pathlib

from dreamer_jax.errors import UserError
from dreamer_jax.game.rom import Rom

ELSEWHERE = "another emulator"  # how `meta["pyboy"]` of an import begins
MOST_FRAMES = 50_000_000  # nine days of play; more is a damaged file
_HASHES = {40: "sha1", 64: "sha256", 32: "md5"}  # digits -> name


class ImportProblem(UserError):
  """A file that cannot be imported."""


def meta(rom: Rom, by: str) -> dict:
  """A recording's meta for a play that was not made with it."""
  return {
    "rom": rom.identity,
    "pyboy": f"{ELSEWHERE} ({by})",
    "by": by,
    "source": "import",
  }


def text(data: bytes) -> str:
  """Text of an unknown encoding: UTF-8, else the one of old Windows."""
  if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
    return data.decode("utf-16", "replace")
  try:
    return data.decode("utf-8-sig")
  except UnicodeDecodeError:
    return data.decode("cp1252", "replace")


def check_rom(digest: str, rom: Rom, where: str) -> None:
  """Compares a hexadecimal SHA-1, SHA-256 or MD5 with the ROM's.

  Raises:
    ImportProblem: it is of another ROM.
  """
  name = _HASHES[len(digest)]
  data = pathlib.Path(rom.path).read_bytes()
  mine = hashlib.new(name, data, usedforsecurity=False).hexdigest()
  if digest.lower() != mine:
    label = name.upper().replace("SHA", "SHA-")
    raise ImportProblem(
      f"{where} was made on a ROM with {label} {digest.lower()}, not on "
      f"{rom.name} ({mine}): give that ROM with --rom."
    )
