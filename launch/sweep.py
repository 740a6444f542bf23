"""Seeds x variants of a run, trained and measured; one table at the end.

  python -m launch.sweep --name=leash --seeds=0,1,2 \
    --variant=tight:policy.actor.kl_scale=1.0 \
    --variant=loose:policy.actor.kl_scale=0.3,policy.actor.epochs=2 -- \
    --config=experiments/configs/quickstart.py

One after another on this machine, or with --on=slurm a job each. What is done
already is not done again, so the same command goes on after a stop, and shows
the table once jobs are over. On a TPU VM: launch.tpu_vm --module=launch.sweep.
"""

import json
import os
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

from absl import flags
from rich.console import Console
from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax.errors import UserError
from dreamer_jax.program import define
from launch import commands

NAME = define("name", d.Name, "sweep", "of the folder in --root")
ROOT = define("root", d.Folder, "runs", "the folder of runs")
SEEDS = define("seeds", d.Names, ["0", "1", "2"], "of training")
VARIANTS = flags.DEFINE_multi_string(
  "variant", ["plain:"], "NAME:field=value,field=value; may be repeated"
)
ON = define("on", d.choice("local", "slurm"), "local", "where it runs")
SBATCH = define("sbatch", d.Names, [], "options of it, --time=2:00:00 say")
EVALUATE = define(
  "evaluate", d.Names, [], "flags of experiments.evaluate, --world_only say"
)
# The table's columns: label, where it is in report.json, digits.
COLUMNS = (
  ("badges", ("badges", "mean"), 2),
  ("species", ("species", "mean"), 2),
  ("return", ("return", "mean"), 1),
  ("drift 50", ("drift_tiles", "50", "mean"), 2),
  ("PSNR dB", ("psnr_db",), 1),
)


class Run(NamedTuple):
  """One seed of one variant."""

  variant: str
  seed: int
  overrides: tuple[str, ...]  # --config.field=value

  @property
  def workdir(self) -> str:
    """Its folder."""
    name = f"{self.variant}-{self.seed}"
    return os.path.join(ROOT.value, NAME.value, name)

  def train(self, rest: list[str]) -> list[str]:
    """Flags of experiments.train."""
    seed = f"--config.seed={self.seed}"
    return [*rest, *self.overrides, seed, f"--workdir={self.workdir}"]

  def report(self) -> dict[str, Any]:
    """What was measured; empty before that."""
    try:
      with open(os.path.join(self.workdir, "report.json")) as file:
        return json.load(file)
    except FileNotFoundError:
      return {}

  def progress(self) -> str:
    """How far training has come, by the last whole line of its metrics."""
    try:
      with open(os.path.join(self.workdir, "metrics.jsonl")) as file:
        last = [line for line in file if line.endswith("}\n")][-1]
    except (FileNotFoundError, IndexError):
      return "not begun"
    return f"in phase {json.loads(last)['phase']}"


def runs() -> Iterator[Run]:
  """All seeds of all variants.

  Raises:
    UserError: a variant or a seed cannot be read.
  """
  names = set()
  for text in VARIANTS.value:
    name, colon, fields = text.partition(":")
    pairs = [field for field in fields.split(",") if field]
    if not name or not colon or not all("=" in pair for pair in pairs):
      raise UserError(f"--variant={text} is not NAME:field=value,field=value")
    if name in names or os.sep in name:
      raise UserError(f"--variant={text}: {name!r} is taken, or no folder name")
    names.add(name)
    overrides = tuple(f"--config.{pair}" for pair in pairs)
    for seed in SEEDS.value:
      if not seed.isdigit():
        raise UserError(f"--seeds: {seed!r} is no number from 0 on")
      yield Run(name, int(seed), overrides)


def start(run: Run, rest: list[str]) -> None:
  """Trains and measures one, or hands it to Slurm."""
  if ON.value == "slurm":
    where = [f"--job-name={NAME.value}-{run.variant}-{run.seed}"]
    script = ["sbatch", *where, *SBATCH.value, "launch/slurm.sbatch"]
    slurm = "--on=slurm wants a cluster's login node; try --on=local"
    commands.call([*script, *run.train(rest)], slurm)
    return
  commands.call(commands.train(run.train(rest)))
  commands.call(
    commands.train(
      [f"--checkpoint={run.workdir}", *EVALUATE.value], "experiments.evaluate"
    )
  )


def number(report: dict[str, Any], path: tuple[str, ...]) -> float | None:
  """A figure of a report; None where it was not measured."""
  node: Any = report
  for key in path:
    node = node.get(key) if isinstance(node, dict) else None
  return node


def cell(values: list[float | None], digits: int) -> str:
  """The mean, and each seed."""
  known = [value for value in values if value is not None]
  if not known:
    return ""
  each = ", ".join(f"{value:.{digits}f}" for value in known)
  mean = f"{sum(known) / len(known):.{digits}f}"
  return mean if len(known) == 1 else f"{mean} ({each})"


def table(all_runs: list[Run]) -> Table:
  """A row a variant: the mean over its seeds, and each of them."""
  made = Table("variant", "measured", *(label for label, *_ in COLUMNS))
  for name in dict.fromkeys(run.variant for run in all_runs):
    own = [run for run in all_runs if run.variant == name]
    reports = [report for run in own if (report := run.report())]
    state = f"{len(reports)} of {len(own)}"
    waiting = [run for run in own if not run.report()]
    if waiting:
      state += f"; seed {waiting[0].seed} {waiting[0].progress()}"
    cells = [
      cell([number(report, path) for report in reports], digits)
      for _, path, digits in COLUMNS
    ]
    made.add_row(name, state, *cells)
  return made


def main(rest: list[str]) -> int:
  for name in ("workdir", "config.seed"):
    commands.check_rest(rest, name)
  everything, failed = list(runs()), []
  for run in everything:
    if run.report():
      print(f"# {run.workdir} is measured already", flush=True)
      continue
    try:
      start(run, rest)
    except UserError as error:
      if ON.value == "slurm":
        raise
      failed.append(run)
      print(f"# {run.workdir} failed: {error}", flush=True)
  if commands.DRY_RUN.value:
    return 0
  Console(soft_wrap=True).print(table(everything))
  again = f"python -m launch.sweep --name={shlex.quote(NAME.value)} ..."
  if failed or not all(run.report() for run in everything):
    print(f"Not all are measured; the same command goes on: {again}")
  return 1 if failed else 0


if __name__ == "__main__":
  commands.run(main)
