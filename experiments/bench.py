"""Times what a run spends itself on, against targets and the machine's peak.

  python -m experiments.bench --config=experiments/configs/quickstart.py \
    --what=world,imagination,collect,act --json=bench.json

Other processes on the machine make it slower: the spread says how much.
"""

import json

import jax
from absl import flags
from rich import box
from rich.table import Table

from dreamer_jax.data.files import write_atomic
from dreamer_jax.evaluate import bench, workloads
from experiments import common

CONFIG = common.define_config()
KINDS = ("world", "imagination", "collect", "act")
WHAT = flags.DEFINE_list("what", list(KINDS), f"of {', '.join(KINDS)}")
CODEBOOK = flags.DEFINE_integer("codebook", 384, "tile patterns", 1)
REPEATS = flags.DEFINE_integer("repeats", 5, "of each measurement", 1)
JSON = flags.DEFINE_string("json", None, "also write the results to this file")
flags.register_validator(
  "what", lambda kinds: set(kinds) <= set(KINDS), f"choose of {KINDS}"
)


def main() -> None:
  common.set_up_jax()
  config, repeats, codebook = CONFIG.value, REPEATS.value, CODEBOOK.value
  say = common.CONSOLE.print
  device = jax.devices()[0]
  say(f"{config.name!r} on {device.device_kind}, {repeats} repeats each")
  rates, parts = [], []
  peak = bench.matmul_peak(repeats)
  if "world" in WHAT.value:
    rate, parts = workloads.world(config.world, codebook, repeats)
    rates.append(rate)
    say(parts_table(parts, peak))
  if "imagination" in WHAT.value:
    rates.append(workloads.imagination(config, codebook, repeats))
  if "collect" in WHAT.value:
    rates += workloads.collecting(config, repeats)
  if "act" in WHAT.value:
    rates.append(workloads.acting(config, codebook, repeats))
  own, child = bench.peak_rss_mb()
  say(rates_table(rates))
  say(f"peak memory {own:,.0f} MB, and {child:,.0f} MB in a worker")
  if JSON.value:
    tree = {
      "config": config.name,
      "device": device.device_kind,
      "jax": jax.__version__,
      "matmul_peak_gflops": peak,
      "peak_rss_mb": {"process": own, "worker": child},
      "rates": {rate.label: rate.to_json() for rate in rates},
      "world_update": {p.label: p._asdict() for p in parts},
    }
    write_atomic(JSON.value, json.dumps(tree, indent=2).encode())
    say(f"Written: {JSON.value}")


def rates_table(rates: list[bench.Rate]) -> Table:
  """All rates with their spread and targets."""
  look = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}
  table = Table("", "median", "low–high", "target", "ratio", **look)
  for column in table.columns[1:]:
    column.justify = "right"
  for rate in rates:
    target = ratio = ""
    if rate.target:
      ratio = rate.median / rate.target
      color = "green" if ratio >= 1 else "red"
      target, ratio = f"{rate.target:,.0f}", f"[{color}]{ratio:.2f}[/]"
    label = f"{rate.label}\n[dim]{rate.note}[/]" if rate.note else rate.label
    spread = f"{min(rate.values):,.0f}–{max(rate.values):,.0f}"
    median = f"{rate.median:,.0f} {rate.unit}"
    table.add_row(label, median, spread, target, ratio)
  return table


def parts_table(parts: list[bench.Part], peak: float) -> Table:
  """Where an update's time goes, and how near to the peak it is."""
  title = f"One update; matmul peak of this machine {peak:,.0f} GFLOP/s"
  table = Table("", "ms", "share", "GFLOP", "GFLOP/s", "of peak", title=title)
  for column in table.columns[1:]:
    column.justify = "right"
  whole = sum(part.ms for part in parts)
  total = bench.Part("whole", whole, sum(part.gflop for part in parts))
  for part in [*parts, total]:
    table.add_section() if part is total else None
    speed = part.gflop / part.ms * 1e3 if part.ms > 0 else 0.0
    table.add_row(
      part.label, f"{part.ms:,.1f}", f"{100 * part.ms / whole:.0f} %",
      f"{part.gflop:.2f}", f"{speed:,.0f}", f"{100 * speed / peak:.0f} %",
    )  # fmt: skip
  return table


if __name__ == "__main__":
  common.run(main)
