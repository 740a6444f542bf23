"""Times the 60 Hz loop beside a planner whose calls never end and all fail.

  dreamer-jax bench loop --secs=60 --json=loop.json

Spells with a planner alternate with spells without one in the same run, so
that what else the machine does troubles both alike. No service is called: a
server on this machine answers, slowly, wrongly, or not at all.
"""

import json

from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading
from dreamer_jax.program import define

CONFIG = common.define_config()
CHECKPOINT = common.define_checkpoint(
  "an agent; else an untrained one of --config's size", required=False
)
LOAD = loading.Loader()
SECS = define("secs", d.real(1.0), 60.0, "of play with a planner")
SPELLS = define("spells", d.Count, 6, "of each kind, taking turns")
BACKEND = define(
  "planner", d.choice("openai", "gemini", "gemini_legacy", "genai"),
  "openai", "which SDK calls",
)  # fmt: skip
JSON = define("json", d.Output, None, "also write the results to this file")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.data.files import write_atomic
  from dreamer_jax.evaluation.benchmarks import workloads
  from dreamer_jax.play import timing
  from dreamer_jax.play.system1 import System1

  if CHECKPOINT.value:
    agent = LOAD(CHECKPOINT.value)
  else:
    agent = workloads.fresh_agent(CONFIG.value, 384)
  system1 = System1(agent)
  with common.CONSOLE.status("getting ready ..."):
    system1.warm_up()
  with common.CONSOLE.status(f"playing {2 * SECS.value:.0f} s ..."):
    spells = timing.measure(
      system1, SECS.value, BACKEND.value, SPELLS.value, agent.rom
    )
  result = timing.summarize(spells) | {"planner": BACKEND.value}
  common.CONSOLE.print(table(result))
  if JSON.value:
    write_atomic(JSON.value, json.dumps(result, indent=2).encode())
    common.CONSOLE.print(f"Written: {JSON.value}")


def table(result: dict) -> Table:
  """Side by side."""
  shown = Table("", "without", "with a planner")
  a, b = result["without"], result["with_planner"]
  for label, key, form in (
    ("frames", "frames", "{:,}"),
    ("jitter, median (ms)", "p50_ms", "{:.2f}"),
    ("jitter, 99 of 100 (ms)", "p99_ms", "{:.2f}"),
    ("behind schedule, median (ms)", "late_p50_ms", "{:.2f}"),
    ("behind schedule, 99 of 100 (ms)", "late_p99_ms", "{:.2f}"),
    ("calls", "calls", "{:,}"),
    ("actions with a call in flight", "in_flight", "{:.0%}"),
    ("goals reached", "goals_reached", "{}"),
    ("goals missed", "goals_missed", "{}"),
  ):
    shown.add_row(label, form.format(a[key]), form.format(b[key]))
  for label, key in (
    ("jitter, 99 of 100 (ms)", "added_p99_ms"),
    ("the same, of the median spell (ms)", "added_p99_ms_of_a_spell"),
    ("behind schedule, 99 of 100 (ms)", "added_late_p99_ms"),
  ):
    shown.add_row(f"added {label}", "", f"{result[key]:+.2f}")
  return shown
