"""Prints what a checkpoint holds; no array is read, no device is used.

dreamer-jax inspect --checkpoint=runs/quickstart
dreamer-jax inspect --checkpoint=pretrained
"""

import json

from absl import flags
from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax.cli import common
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint()
STEP = define("step", d.Step, "latest", "or best, or a number")
JSON = flags.DEFINE_bool("json", False, "print JSON instead of tables")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import inspection

  told = inspection.describe(CHECKPOINT.value, STEP.value)
  if JSON.value:
    print(json.dumps(told, indent=2))
    return
  common.CONSOLE.print(facts(told))
  common.CONSOLE.print(settings(told))
  common.CONSOLE.print(sizes(told))


def facts(told: dict) -> Table:
  """Where it comes from and how far it is."""
  what = f"step {told['step']}" if told["steps"] else told["dtype"] + " weights"
  table = Table("", "", title=f"{what} of {told['folder']}")
  counters, on = told["counters"], told["written_on"]
  readable = "this version reads it" if told["is_readable"] else (
    "this version does not read it: use the one that wrote it, or train again"
  )  # fmt: skip
  add = lambda name, text: table.add_row(name, str(text))
  add("format", f"{told['format']}; {readable}")
  if told["steps"]:
    add("steps", ", ".join(str(s) for s in told["steps"]))
  where = "the end" if told["is_over"] else "round {}, {}, update {}".format(
    counters.get("round", 0) + 1, counters.get("phase"), counters.get("done")
  )  # fmt: skip
  add("stands at", f"{where}; {counters['secs'] / 60:.1f} minutes of training")
  losses = {n: "-" if x is None else f"{x:.2f}"
            for n, x in told["val_loss"].items()}  # fmt: skip
  add("validation loss", "{latest} (best {best})".format(**losses))
  add("alarms", ", ".join(told["alarms"]) or "none")
  add("ROM", f"{told['rom']}, SHA-1 {told['rom_sha1'] or 'not told'}")
  for phrase in told["differs"]:
    add("differs", phrase)
  add("codebook", f"{told['tiles']} tiles")
  ours = "" if told["has_our_goals"] else "; this version has others"
  add("goals", f"{told['goals']}{ours}")
  add(
    "written on", f"{on['devices']} × {on['kind']}, {on['processes']} process"
  )
  for name, version in (on["versions"] or {}).items():
    add(name, version)
  return table


def settings(told: dict) -> Table:
  """What differs from the preset."""
  table = Table(
    "field", "here", "preset", title=f"settings other than {told['preset']}'s"
  )
  for name, values in told["changed"].items():
    table.add_row(name, *("none" if v is None else str(v) for v in values))
  return table


def sizes(told: dict) -> Table:
  """Arrays by module."""
  table = Table("item", "module", "numbers", "kB", title="arrays")
  for item, modules in told["arrays"].items():
    for name, size in modules.items():
      kilobytes = f"{size['bytes'] / 1e3:,.1f}"
      table.add_row(item, name, f"{size['numbers']:,}", kilobytes)
  return table
