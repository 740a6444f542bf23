"""Trains: episodes, world model, clone, dream, round after round.

  python -m experiments.train --config=experiments/configs/quickstart.py \
    --workdir=runs/quickstart

Killed or stopped, the same command goes on from the last checkpoint.
"""

from absl import flags
from rich.progress import (
  BarColumn,
  Progress,
  TextColumn,
  TimeElapsedColumn,
  TimeRemainingColumn,
)

from experiments import common

CONFIG = common.define_config()
WORKDIR = flags.DEFINE_string(
  "workdir", None, "the run's folder; default runs/NAME of the preset"
)
# The one number of each phase that tells whether it goes well.
_HEADLINE = {
  "collect": ("badges", "badges an episode"),
  "world": ("tile_accuracy", "tiles right"),
  "clone": ("bc_accuracy", "actions right"),
  "dream": ("dream_return", "imagined return"),
}


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.learn.loop import Loop
  from dreamer_jax.learn.metrics import MetricWriter

  config = CONFIG.value
  workdir = WORKDIR.value or f"runs/{config.name}"
  loop = Loop(config, workdir)
  common.CONSOLE.print(
    f"Training {config.name!r} on {loop.experience.rom.name}: {config.rounds} "
    f"rounds of collect, world, clone, dream, in {workdir}"
  )
  columns = (
    TextColumn("{task.description:<16}"),
    BarColumn(bar_width=24),
    TextColumn("{task.completed}/{task.total}"),
    TimeElapsedColumn(),
    TextColumn("left"),
    TimeRemainingColumn(),
    TextColumn("{task.fields[note]}"),
  )
  writer = MetricWriter(workdir, loop.resume())
  task = None
  with Progress(*columns, console=common.CONSOLE) as bar:
    for event in loop.run():
      phase = event.counters.phase
      name = f"{event.counters.round + 1}/{config.rounds} {phase}"
      if task is None or bar.tasks[task].description != name:
        task = bar.add_task(name, total=event.total, note="")
      key, label = _HEADLINE[phase]
      rate = next((v for k, v in event.metrics.items() if k[-3:] == "_hz"), 0.0)
      note = f"{rate:,.0f}/s  {label} {event.metrics[key]:.3f}"
      bar.update(task, completed=event.done, total=event.total, note=note)
      writer.write(event.counters.tick, phase, event.metrics)
  writer.close()
  common.CONSOLE.print(
    f"Done in {loop.counters.secs / 60:.1f} minutes. Measure it:\n"
    f"  python -m experiments.evaluate --checkpoint={workdir}"
  )


if __name__ == "__main__":
  common.run(main)
