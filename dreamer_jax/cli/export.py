"""Writes an agent as small files, and as programs that run without us.

  dreamer-jax export --checkpoint=runs/base

In --out, by default RUN/export: agent-f32, -bf16 and -int8.safetensors (every
program's --checkpoint takes one of them), act.stablehlo and dream.stablehlo
for CPU, CUDA and TPU, spec.json that says what they take and give, and run.py
that runs them with nothing but jax and numpy. What fewer bits cost is measured
on scripted play that the model was not trained on, into export.json.
"""

import json
import os
import pathlib

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading, tables
from dreamer_jax.data.files import check_writable, write_atomic
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint()
LOAD = loading.Loader()
OUT = define("out", d.Folder, None, "folder; default RUN/export")
KINDS, BACKENDS = ("f32", "bf16", "int8"), ("cpu", "cuda", "tpu")
DTYPES = define("dtypes", d.several(*KINDS), list(KINDS), "of the weights")
PLATFORMS = define(
  "platforms", d.several(*BACKENDS), list(BACKENDS), "of the programs"
)
MEASURE = flags.DEFINE_bool("measure", True, "measure the loss of fidelity")
EPISODES = define("episodes", d.whole(3), 9, "of scripted play")
WINDOWS = define("windows", d.Count, 256, "dreams of 50 steps")
SEED = define("seed", d.Amount, 1_200_000, "of the first episode")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.agent import stablehlo, weights
  from dreamer_jax.evaluation.benchmarks import quantization

  out = OUT.value or f"{common.results_folder(CHECKPOINT.value)}/export"
  check_writable(out)
  agent = LOAD(CHECKPOINT.value, plays=MEASURE.value)
  say = common.CONSOLE.print
  if MEASURE.value:  # first, for it may be refused
    episodes = quantization.held_out(agent, EPISODES.value, SEED.value)
  sizes, agents = {}, {"f32": agent}  # f32 is the checkpoint, bit for bit
  for dtype in DTYPES.value:
    path = os.path.join(out, f"agent-{dtype}{weights.SUFFIX}")
    sizes[dtype] = agent_lib.save(path, agent, dtype) / 1e6
    if dtype != "f32":
      form = weights.read(path)
      agents[dtype] = agent._replace(
        world_params=form.trees["world"], actor=form.trees["actor"]
      )
  with common.CONSOLE.status("lowering ..."):
    programs, spec = stablehlo.lower(agent, PLATFORMS.value)
  for name, data in programs.items():
    write_atomic(os.path.join(out, f"{name}.stablehlo"), data)
  spec["files"] = [f"agent-{dtype}{weights.SUFFIX}" for dtype in DTYPES.value]
  _write_json(os.path.join(out, "spec.json"), spec)
  script = pathlib.Path(__file__).with_name("run_exported.py")
  write_atomic(os.path.join(out, "run.py"), script.read_bytes())
  report = {"checkpoint": CHECKPOINT.value, "mb": sizes}
  report["stablehlo_mb"] = {k: len(v) / 1e6 for k, v in programs.items()}
  if MEASURE.value:
    report["seeds"] = [SEED.value, SEED.value + len(episodes) - 1]
    with common.CONSOLE.status("measuring ..."):
      report["fidelity"] = quantization.compare(
        agents, episodes, WINDOWS.value, SEED.value
      )
  _write_json(os.path.join(out, "export.json"), report)
  say(tables.export(report))
  say(f"Written: {out}")


def _write_json(path: str, tree: dict) -> None:
  write_atomic(path, json.dumps(tree, indent=1).encode())
