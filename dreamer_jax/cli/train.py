"""Trains: episodes, world model, clone, dream, round after round.

  dreamer-jax train --config=quickstart --workdir=runs/quickstart

Killed or stopped, the same command goes on from the last checkpoint.
"""

import collections
import os
import sys
import time

from absl import flags
from rich.progress import (
  BarColumn,
  Progress,
  TextColumn,
  TimeElapsedColumn,
  TimeRemainingColumn,
)

from dreamer_jax import domains as d
from dreamer_jax import paths
from dreamer_jax.cli import common
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CONFIG = common.define_config()
WORKDIR = define(
  "workdir", d.Folder, None, "the run's folder; default runs/NAME of the preset"
)
DEVICES = define(
  "devices", d.Count, None,
  "learn on this many, the first ones; default all there are",
)  # fmt: skip
COORDINATOR = define(
  "coordinator", d.Address, None,
  "HOST:PORT of the first of several processes; 'auto' where a TPU pod's, "
  "Slurm's or Open MPI's environment says it",
)  # fmt: skip
NUM_PROCESSES = define("num_processes", d.Count, None, "of the run")
WANDB = flags.DEFINE_bool("wandb", False, "metrics to Weights & Biases too")
PROFILE_STEPS = define(
  "profile_steps", d.Amount, 0,
  "trace so many dispatches into the run's folder profile",
)  # fmt: skip
DETERMINISTIC = flags.DEFINE_bool(
  "deterministic", False, "same bits each time on a GPU too (XLA_FLAGS "
  "--xla_gpu_deterministic_ops=true --xla_gpu_autotune_level=0), slower there; "
  "CPU and TPU give them anyway",
)  # fmt: skip
PROCESS_ID = define(
  "process_id", d.Amount, None, "of this process, from 0"
)
# The numbers of each phase that tell whether it goes well.
_HEADLINE = {
  "collect": {"badges": "badges an episode"},
  "world": {"tile_accuracy": "tiles right"},
  "clone": {"bc_accuracy": "actions right"},
  # A return that rises alone is the critic's, which may be wrong.
  "dream": {"dream_return": "imagined return", "dream_goals": "goals a dream"},
  "play": {"badges": "badges an episode"},
}
_LINE_SECS = 15  # between lines where the output is no terminal


class Display:
  """Bars on a terminal, now and then a line in a log file."""

  def __init__(self, rounds: int):
    self._rounds = rounds
    self._task, self._name, self._line_at = None, None, 0.0
    self._bar = Progress(
      TextColumn("{task.description:<12}"),
      BarColumn(bar_width=24),
      TextColumn("{task.completed}/{task.total}"),
      TimeElapsedColumn(),
      TextColumn("left"),
      TimeRemainingColumn(),
      TextColumn("{task.fields[note]}"),
      console=common.CONSOLE,
      disable=not common.CONSOLE.is_terminal,
    )

  def __enter__(self):
    self._bar.start()
    return self

  def __exit__(self, *_):
    self._bar.stop()

  def show(self, event) -> None:
    """Draws one event of the loop."""
    phase = event.counters.phase
    name = f"{event.counters.round + 1}/{self._rounds} {phase}"
    told = [
      f"{value:,.0f} {key.removesuffix('_hz').replace('_', ' ')}/s"
      for key, value in event.metrics.items()
      if key.endswith("_hz")
    ]
    told += [
      f"{label} {event.metrics[key]:.3f}"
      for key, label in _HEADLINE[phase].items()
    ]
    note = ", ".join(told)
    if name != self._name:
      self._task = self._bar.add_task(name, total=event.total, note="")
    self._bar.update(
      self._task, completed=event.done, total=event.total, note=note
    )
    over = event.done >= event.total
    late = time.monotonic() - self._line_at > _LINE_SECS
    if self._bar.disable and (name != self._name or over or late):
      common.CONSOLE.print(f"{name} {event.done}/{event.total}: {note}")
      self._line_at = time.monotonic()
    self._name = name

STOPPED = "stopped; the same command goes on"  # is said at Ctrl-C


def main() -> None:
  config = CONFIG.value
  if not COORDINATOR.value and (
    NUM_PROCESSES.present or PROCESS_ID.present
  ):
    raise UserError(
      "--num_processes and --process_id want --coordinator=HOST:PORT too"
    )
  common.set_up_jax()
  import jax

  from dreamer_jax.nn import precision
  from dreamer_jax.training import checkpoint, processes
  from dreamer_jax.training.devices import Devices, choose
  from dreamer_jax.training.loop import Loop

  checkpoint.quiet()

  if DETERMINISTIC.value:  # before JAX meets its devices
    given = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = precision.deterministic_flags(given)
  if COORDINATOR.value:
    address = COORDINATOR.value.removeprefix("auto")
    processes.start(address, NUM_PROCESSES.value, PROCESS_ID.value)
  devices = Devices(choose(DEVICES.value))
  say = common.CONSOLE.print if devices.is_lead else lambda *_: None
  workdir = WORKDIR.value or f"runs/{config.name}"
  try:
    loop = Loop(config, workdir, say, devices)
    train(loop, say)
  except jax.errors.JaxRuntimeError as error:
    if devices.processes == 1:
      raise
    raise processes.lost(error) from error


def train(loop, say) -> None:
  """Runs the loop to its end, or gives its folder up."""
  rounds, workdir = loop.config.rounds, loop.workdir
  over = loop.counters.round
  say(
    f"{over} rounds are over in {workdir}: --config.rounds={over + 1} goes on "
    "with another"
    if loop.is_over
    else f"Training {loop.config.name!r} on {loop.experience.rom.name}: "
    f"{rounds} rounds of collect, world, clone, dream, play, in {workdir}, on "
    f"{loop.devices}"
  )
  try:
    if loop.devices.is_lead:
      lead(loop)
    else:
      collections.deque(loop.run(), maxlen=0)
  except BaseException as error:
    try:
      if isinstance(error, (UserError, OSError)):
        loop.session.check()  # a folder that was moved explains the rest
    finally:
      loop.session.give_up()
    raise
  say(
    f"Trained for {loop.counters.secs / 60:.1f} minutes. Measure it:\n"
    f"  {paths.command('evaluate', checkpoint=workdir)}"
  )


def lead(loop) -> None:
  """Runs the loop, shows what happens, and writes it down."""
  from dreamer_jax import config as config_lib
  from dreamer_jax.training import metrics, run_folder, tracing

  config = loop.config
  remote = None
  if WANDB.value:
    remote = metrics.open_wandb(loop.workdir, config_lib.to_dict(config))
  command = ["dreamer-jax", "train", *sys.argv[1:]]
  devices = loop.devices.describe()
  run_folder.explain(loop.workdir, config.name, command, devices)
  writer = metrics.MetricWriter(loop.workdir, loop.resume(), remote)
  folder = os.path.join(loop.workdir, "profile")
  with Display(config.rounds) as display:
    for event in tracing.traced(loop.run(), folder, PROFILE_STEPS.value):
      display.show(event)
      writer.write(event.counters.tick, event.counters.phase, event.metrics)
  writer.close()
