"""Builds Lantern Isle with SDCC.

  python -m dreamer_jax.lantern_isle.build.build

The C in `src/` and the tables of this folder give `lantern_isle.gb` and its
SHA-256, byte for byte, with SDCC 4.2.0 #13081 (Debian 12's package `sdcc`).
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax import program
from dreamer_jax.errors import UserError
from dreamer_jax.lantern_isle.build import banks, codegen, wram

CHECK = flags.DEFINE_bool(
  "check", False,
  "write nothing; fail unless the build equals the committed ROM",
)  # fmt: skip
KEEP = program.define("keep", d.File, None, "folder for the generated C")

FOLDER = pathlib.Path(__file__).parents[1]
SOURCE = FOLDER / "src"
ROM = FOLDER / "lantern_isle.gb"
ROM_SHA = FOLDER / "lantern_isle.gb.sha256"
PINNED_SDCC = "4.2.0 #13081"
ROM_SIZE = 4 * banks.BANK_SIZE
CODE_SIZE = banks.CODE_BANKS * banks.BANK_SIZE
# What must stay mapped while a data bank is lies before the other code.
_HOME_AT, _CODE_AT = 0x200, 0x300
_MBC5_BATTERY, _RAM_8K = 0x1B, 0x02  # header: 0x147 and 0x149
_TITLE = "LANTERNISLE"
_TOOLS = ("sdcc", "sdasgb", "makebin")


class BuildError(UserError):
  """The ROM cannot be built; the message says why and what to do."""


def sdcc_version() -> str:
  """The compiler's version line; empty where SDCC is not installed."""
  if any(shutil.which(tool) is None for tool in _TOOLS):
    return ""
  out = subprocess.run(
    ["sdcc", "--version"], capture_output=True, text=True, check=True
  )
  return out.stdout.splitlines()[0]


def build(folder: pathlib.Path) -> bytes:
  """Compiles the cartridge in an empty folder.

  Args:
    folder: where generated C, objects and the link map are written.

  Returns:
    The ROM: 32 KiB of program, then the data banks.

  Raises:
    BuildError: SDCC is absent, a source does not compile, or the layout of
      memory is wrong.
  """
  if not sdcc_version():
    raise BuildError(
      "SDCC is not installed: run `apt-get install sdcc` (Debian 12), or "
      "use the lantern_isle.gb that comes with the package."
    )
  for path in SOURCE.iterdir():
    shutil.copy(path, folder)
  files, data = codegen.generate()
  for name, body in files.items():
    (folder / name).write_text(body)
  _compile(folder)
  _check_areas((folder / "rom.map").read_text())
  return assemble((folder / "rom.gb").read_bytes(), data)


def assemble(code: bytes, data: banks.DataBanks) -> bytes:
  """The ROM of a linked program and its data.

  Raises:
    BuildError: the program has another size than its two banks.
  """
  if len(code) != CODE_SIZE:
    raise BuildError(f"the program has {len(code)} bytes, not {CODE_SIZE}.")
  header = bytearray(code)
  header[0x147], header[0x149] = _MBC5_BATTERY, _RAM_8K
  header[0x148] = (ROM_SIZE // 0x8000).bit_length() - 1
  return banks.with_checksums(data.image(bytes(header), ROM_SIZE))


def _run(folder: pathlib.Path, *command: str) -> None:
  done = subprocess.run(
      command, cwd=folder, capture_output=True, text=True,
      env={**os.environ, "LC_ALL": "C"},
  )  # fmt: skip
  complaint = (done.stderr + done.stdout).strip()
  if done.returncode or "warning" in complaint.lower():
    raise BuildError(f"{' '.join(command)} failed:\n{complaint}")


def _compile(folder: pathlib.Path) -> None:
  _run(folder, "sdasgb", "-plosgff", "-o", "crt0.rel", "crt0.s")
  units = sorted(path.stem for path in folder.glob("*.c"))
  for unit in units:
    _run(
        folder, "sdcc", "-msm83", "--std-c11", "--opt-code-size",
        "--max-allocs-per-node", "3000", "-c", f"{unit}.c", "-o",
        f"{unit}.rel",
    )  # fmt: skip
  _run(
      folder, "sdcc", "-msm83", "--no-std-crt0",
      "--code-loc", f"{_CODE_AT:#06x}", f"-Wl-b_HOME={_HOME_AT:#06x}",
      "--data-loc", f"{wram.LINKER_RAM[0]:#06x}", "crt0.rel",
      *(f"{unit}.rel" for unit in units), "-o", "rom.ihx",
  )  # fmt: skip
  _run(
      folder, "makebin", "-Z", "-yN", "-yo", "2", "-yt", "0", "-yn", _TITLE,
      "rom.ihx", "rom.gb",
  )  # fmt: skip


def areas(link_map: str) -> dict[str, tuple[int, int]]:
  """The linker's areas: name -> (start, size)."""
  pattern = r"^(_\w+)\s+([0-9A-F]{8})\s+([0-9A-F]{8}) ="
  found = re.findall(pattern, link_map, re.M)
  return {name: (int(at, 16), int(size, 16)) for name, at, size in found}


def _check_areas(link_map: str) -> None:
  """Areas must not leave their span: the linker overlaps them in silence."""
  low, high = wram.LINKER_RAM
  for name, (start, size) in areas(link_map).items():
    if not size or name.startswith(("_HEADER", "_CABS")):
      continue
    in_ram = start >= 0x8000
    span = (low, high) if in_ram else (_CODE_AT, CODE_SIZE)
    if start < _CODE_AT:  # interrupt, copies, start-up
      span = (_HOME_AT, _CODE_AT)
    if start < span[0] or start + size > span[1]:
      raise BuildError(
        f"area {name} takes {start:#06x}-{start + size:#06x}, outside "
        f"{span[0]:#06x}-{span[1]:#06x}: make it smaller."
      )


def main(_: list[str]) -> int:
  """Builds, then writes the ROM, or with --check compares it."""
  with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(KEEP.value or temporary)
    folder.mkdir(parents=True, exist_ok=True)
    rom = build(folder)
    parts = areas((folder / "rom.map").read_text())
  digest = hashlib.sha256(rom).hexdigest()
  if CHECK.value:
    same = ROM.read_bytes() == rom
    print("identical" if same else "the committed ROM differs: rebuild it")
    return 0 if same else 1
  ROM.write_bytes(rom)
  ROM_SHA.write_text(f"{digest}  {ROM.name}\n")
  end = max(at + size for at, size in parts.values() if at < CODE_SIZE)
  data = len(rom.rstrip(b"\0")) - CODE_SIZE
  print(
    f"{ROM.name}: program {end} of {CODE_SIZE} bytes, data {data} of "
    f"{ROM_SIZE - CODE_SIZE}, sha256 {digest}"
  )
  return 0


if __name__ == "__main__":
  program.run(main)
