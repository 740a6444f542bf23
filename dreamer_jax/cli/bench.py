"""Times what a run spends itself on, against targets and the machine's peak.

  dreamer-jax bench --config=quickstart \
    --what=world,imagination,collect,act --json=bench.json

--what=scaling trains the world model at other batches, lengths and codebooks.
--what=tpu, alone, compiles for TPUs that need not be here, and says what each
program would take of them (pip install -e '.[tpu]'); minutes a topology. Its
JSON keeps the results of other presets and topologies.

Beside the JSON a .md of the same name has the tables. Other processes on the
machine make it slower: the spread says how much, and so do the matmul peaks
before and after; shares are of the better of the two.
"""

import json
import os
from typing import Any

import jax

from dreamer_jax import domains as d
from dreamer_jax.cli import bench_tables, common, tpu_tables
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation import targets
from dreamer_jax.evaluation.benchmarks import timing, workloads, world_model
from dreamer_jax.program import define

CONFIG = common.define_config()
KINDS = ("world", "imagination", "collect", "act", "scaling", "tpu")
WHAT = define("what", d.several(*KINDS), list(KINDS[:4]), "what is timed")
CODEBOOK = define("codebook", d.Book, 384, "tile patterns")
REPEATS = define("repeats", d.Count, 5, "of each measurement")
JSON = define("json", d.Output, None, "also write the results to this file")
TOPOLOGY = define(
  "topology", d.Names, ["v2:2x2", "v5e:2x4", "v6e:2x4"],
  "of TPUs, for --what=tpu",
)  # fmt: skip


def main() -> None:
  common.set_up_jax()
  if "tpu" in WHAT.value:
    ahead_of_time()
    return
  config, repeats, codebook = CONFIG.value, REPEATS.value, CODEBOOK.value
  device = jax.devices()[0]
  common.CONSOLE.print(
    f"{config.name!r} on {device.device_kind}, {repeats} repeats each"
  )
  tree = {
    "config": config.name, "codebook": codebook, "device": device.device_kind,
    "jax": jax.__version__,
  }  # fmt: skip
  rates = []
  before = timing.matmul_peak(repeats)
  if "world" in WHAT.value:
    wanted = targets.FRAMES_HZ.get(config.name)
    whole, parts = world_model.breakdown(
      config.world_model, codebook, repeats, wanted and wanted.must
    )
    rates += [whole.rate, world_model.dream(config, codebook, repeats)]
    tree["world_update"] = {p.label: p._asdict() for p in parts}
    tree["world"] = whole.to_json()
  if "imagination" in WHAT.value:
    rates.append(workloads.imagination(config, codebook, repeats))
  if "collect" in WHAT.value:
    rates += workloads.collecting(config, repeats)
  if "act" in WHAT.value:
    rates.append(workloads.acting(config, codebook, repeats))
  if "scaling" in WHAT.value:
    points = world_model.scaling(config.world_model, codebook, repeats)
    tree["scaling"] = [point.to_json() for point in points]
  own, child = timing.peak_rss_mb()
  tree |= {
    "matmul_peak_gflops": {
      "before": before, "after": timing.matmul_peak(repeats),
    },
    "peak_rss_mb": {"process": own, "worker": child},
    "rates": {rate.label: rate.to_json() for rate in rates},
  }  # fmt: skip
  if "world" in tree:
    peak = max(tree["matmul_peak_gflops"].values())
    tree["world"]["share_of_peak"] = whole.gflops / peak
  report(tree)


def ahead_of_time() -> None:
  """Compiles for TPUs, and says what the programs would take of them."""
  if WHAT.value != ["tpu"]:
    raise UserError("--what=tpu runs alone: nothing is timed beside it")
  jax.config.update("jax_platforms", "cpu")  # libtpu looks for no TPU
  from dreamer_jax.evaluation.benchmarks.tpu import costs

  tree: dict[str, Any] = {}
  if JSON.value and os.path.exists(JSON.value):
    tree = json.loads(common.read_file(JSON.value, "json"))
  config, say = CONFIG.value, common.CONSOLE.print
  for topology in TOPOLOGY.value:
    result = costs.examine(config, topology, say)
    tree.setdefault(config.name, {})[topology] = result
    if JSON.value:
      write_atomic(JSON.value, json.dumps(tree, indent=2).encode())
  write(tree, "", list(tpu_tables.tables(tree)))


def report(tree: dict) -> None:
  """Prints the tables, and writes them where --json says."""
  write(tree, bench_tables.machine(tree), list(bench_tables.tables(tree)))


def write(tree: dict, head: str, tables: list[bench_tables.Rows]) -> None:
  """Prints a line and tables; writes them and the JSON where --json says."""
  say = common.CONSOLE.print
  if head:
    say(head)
  for table in tables:
    say(bench_tables.to_rich(table))
  if JSON.value:
    write_atomic(JSON.value, json.dumps(tree, indent=2).encode())
    page = os.path.splitext(JSON.value)[0] + ".md"
    write_atomic(page, bench_tables.to_markdown(head, tables).encode())
    say(f"Written: {JSON.value}, {page}")
