"""The baseline without a model: PPO on the emulator, as many steps as a run.

  dreamer-jax model-free --like=runs/quickstart
  dreamer-jax evaluate --checkpoint=runs/quickstart \
    --model_free=runs/quickstart/model_free

The first command takes the settings, the tile codebook and the number of real
actions of a finished run (demonstrations included), and has the same encoder,
memory, actor and critic learn on the emulator alone, from nothing, by the same
reward. Killed or stopped, it goes on from its last checkpoint. The second one
plays it beside the run's agent, on the same seeds, by the same keys of
report.json (`baselines.model_free`). What is the same and what is not:
`dreamer_jax/training/model_free/learner.py`.
"""

import os
import pathlib
import time

from dreamer_jax import domains as d
from dreamer_jax import paths
from dreamer_jax.cli import common, loading
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

LIKE = define(
  "like",
  d.Folder,
  None,
  "the run to compare with: its settings, tiles and number of real actions",
  required=True,
)
LOAD = loading.Loader()
STEPS = define(
  "steps",
  d.Count,
  None,
  "actions on the emulators; default as many as that run's",
)
WORKDIR = define(
  "workdir",
  d.Folder,
  None,
  "this run's folder; default model_free in that run's",
)
SEED = define("seed", d.Amount, None, "default that run's")
_LINE_SECS = 15


def real_steps(folder: str) -> int:
  """Actions that a run has played, demonstrations included."""
  from dreamer_jax.data import episodes

  paths = [
    path
    for name in ("demos", "episodes")
    for path in (pathlib.Path(folder) / name).glob(f"*{episodes.SUFFIX}")
  ]
  if not paths:
    raise UserError(
      f"{folder} has no episodes to count: say with --steps how many actions"
    )
  return sum(episodes.load_header(path)["steps"] - 1 for path in paths)


STOPPED = "stopped; the same command goes on"  # is said at Ctrl-C


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.data.owner import Owner
  from dreamer_jax.training.model_free import run as modelfree_run

  like = common.results_folder(LIKE.value)
  agent = LOAD(LIKE.value, parts=("world",))
  total = STEPS.value or real_steps(like)
  config = agent.config
  if SEED.value is not None:
    config = change(config, {"seed": SEED.value})
  workdir = WORKDIR.value or os.path.join(like, "model_free")
  with Owner(workdir, "dreamer-jax model-free", common.CONSOLE.print):
    run = modelfree_run.Run(config, agent.codebook, workdir, agent.rom)
    learn(run, agent.rom, total, workdir)


def learn(run, rom, total: int, workdir: str) -> None:
  """Plays and learns until so many actions were played."""
  from dreamer_jax.game.vector import VectorEnv
  from dreamer_jax.training.metrics import MetricWriter
  from dreamer_jax.training.playing import env_options

  config = run.config
  common.CONSOLE.print(
    f"Model-free PPO on {rom.name}: {total:,} actions, "
    f"{run.position.env_steps:,} of them played, in {workdir}"
  )
  writer, shown = MetricWriter(workdir, int(run.state.updates)), 0.0
  with VectorEnv(
    config.env.num_envs, num_workers=config.env.num_workers, rom=rom,
    **env_options(config),
  ) as env:  # fmt: skip
    for metrics in run.learn(env, total):
      writer.write(int(run.state.updates), "model_free", metrics)
      over = run.position.env_steps >= total
      if over or time.monotonic() - shown > _LINE_SECS:
        shown = time.monotonic()
        common.CONSOLE.print(line(metrics, total))
  writer.close()
  measure = paths.command("evaluate", checkpoint=LIKE.value, model_free=workdir)
  common.CONSOLE.print(
    f"Played and learned for {run.position.secs / 60:.1f} minutes. Measure it "
    f"beside the agent:\n  {measure}"
  )


def line(metrics: dict[str, float], total: int) -> str:
  """How it goes, in one line."""
  text = (
    f"{metrics['env_steps']:,.0f}/{total:,}: "
    f"{metrics['env_steps_hz']:,.0f} env steps/s, "
    f"entropy {metrics['entropy']:.2f}"
  )
  if "badges" in metrics:
    text += (
      f", badges {metrics['badges']:.2f}, species {metrics['species']:.1f} "
      "an episode"
    )
  return text
