"""Compares variants of the world model at equal CPU seconds, on a run's data.

  dreamer-jax compare world-models --workdir=runs/world --cpu_secs=600 --seeds=2

Every variant of `evaluation.benchmarks.ablation` (or those of --variants) is
trained on the folder's episodes for as many CPU seconds as any other, and
judged on scripted episodes with seeds kept for comparisons. What is done is
found in --json and not done again.
"""

import json
import os

from dreamer_jax import domains as d
from dreamer_jax.cli import common, tables
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CONFIG = common.define_config("world")
WORKDIR = define("workdir", d.Folder, "runs/world", "a run with episodes")
CPU_SECS = define("cpu_secs", d.real(1.0), 600.0, "of training, each")
SEEDS = define("seeds", d.Count, 2, "trainings of each variant")
VARIANTS = define(
  "variants", d.Names, [], "of evaluation/benchmarks/ablation.py; all"
)
JSON = define("json", d.Output, None, "results; default RUN/ablation.json")
EPISODES = define("episodes", d.whole(3), 24, "scripted, to judge on")
WINDOWS = define("windows", d.Count, 1024, "dreams of each model")
SEED = define("seed", d.Amount, 1_200_000, "of the first episode")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax import games
  from dreamer_jax.evaluation.benchmarks import (
    ablation,
    quantization,
    workloads,
  )
  from dreamer_jax.evaluation.report import charts
  from dreamer_jax.evaluation.world_model.openloop import Plan
  from dreamer_jax.training import codebook_file
  from dreamer_jax.training.dataset import Experience

  config, say = CONFIG.value, common.CONSOLE.print
  if not os.path.isdir(WORKDIR.value):
    raise UserError(
      f"there is no folder {WORKDIR.value}: give a run's with --workdir"
    )
  names = VARIANTS.value or list(ablation.VARIANTS)
  variants = {
    name: ablation.changed(config.world_model, name) for name in names
  }
  experience = Experience(config, WORKDIR.value)
  if experience.missing(0):
    raise UserError(
      f"{WORKDIR.value} lacks episodes of this configuration: let "
      f"dreamer-jax train begin there first"
    )
  file = codebook_file.of(config, WORKDIR.value, experience.rom)
  codebook = experience.codebook(file)
  agent = workloads.fresh_agent(config, codebook)
  episodes = quantization.held_out(agent, EPISODES.value, SEED.value)
  plan = Plan(WINDOWS.value, moments=0, branches=0, seed=SEED.value)
  place = games.get(experience.rom).world().place
  replay = experience.replay(codebook, 0)
  path = JSON.value or os.path.join(WORKDIR.value, "ablation.json")
  results = _read(path)
  for seed in range(SEEDS.value):
    for name, world in variants.items():
      done = results.setdefault(name, {})
      if str(seed) in done:
        continue
      trained = ablation.train(world, codebook, replay, CPU_SECS.value, seed)
      done[str(seed)] = ablation.judge(trained, codebook, episodes, place, plan)
      write_atomic(path, json.dumps(results, indent=2).encode())
      figures = done[str(seed)]
      say(
        f"{name}, seed {seed}: {figures['updates']:,} updates, drift at 50 "
        f"{figures['drift_50']:.2f}, {figures['psnr_db']:.1f} dB"
      )
  say(tables.ablation(results))
  figure = os.path.splitext(path)[0] + ".svg"
  write_atomic(figure, charts.ablation(results))
  say(f"Results: {path}, {figure}")


def _read(path: str) -> dict:
  """Results so far, by variant and seed."""
  if not os.path.exists(path):
    return {}
  return json.loads(common.read_file(path, "json"))
