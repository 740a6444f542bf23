"""Says whether this ROM, this PyBoy and this machine will work.

  dreamer-jax rom doctor --rom=red.gb

One page: which game it is, whether the intro can be played, whether the RAM
after it makes sense, whether play repeats to the byte, how fast it is, and
screens. It is printed, and written to --out as doctor.html with doctor.png.
The exit code is 1 where a check failed.
"""

import os
import sys

from rich.table import Table
from rich.text import Text

from dreamer_jax import domains as d
from dreamer_jax.cli import common
from dreamer_jax.program import define

FIND_ROM = common.define_rom()
OUT = define("out", d.Folder, "runs/doctor", "the page's folder")
SECS = define("secs", d.real(0.1), 3.0, "how long to measure the speed")
MAX_ACTIONS = define("max_actions", d.Count, 3000, "of the intro")


def main() -> None:
  from dreamer_jax.evaluation.checks import doctor
  from dreamer_jax.evaluation.report import video

  rom = FIND_ROM()
  with common.CONSOLE.status(f"examining {rom.path} ..."):
    page = doctor.examine(rom, SECS.value, MAX_ACTIONS.value)
  marks = {
    True: Text("ok", "green"), False: Text("fails", "red"),
    None: Text("beware", "yellow"),
  }  # fmt: skip
  table = Table("", "", f"{rom.name}: {'' if page.ok else 'not '}fit for use")
  for check in page.checks:
    table.add_row(check.name, marks[check.ok], check.text)
  common.CONSOLE.print(table)
  path = os.path.join(OUT.value, "doctor")
  doctor.write_html(page, path + ".html")
  video.write_png(path + ".png", page.picture)
  common.CONSOLE.print(f"Written: {path}.html, {path}.png")
  if not page.ok:
    sys.exit(1)
