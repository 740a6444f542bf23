"""Metrics to files and, on demand, to Weights & Biases; resumed, none repeats.

A record names its phase and its position (`tick`, which only grows). After a
crash the loop falls back to its last checkpoint: lines past it are dropped, so
that the file reads as if the run had never stopped.
"""

import contextlib
import hashlib
import json
import os
from typing import Any

from tensorboardX import SummaryWriter

from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError


class MetricWriter:
  """Appends records; one JSON object a line."""

  def __init__(self, workdir: str, last_tick: int, remote: Any = None):
    """Opens the files in `workdir`, forgetting records past `last_tick`.

    Args:
      workdir: the run's folder.
      last_tick: of the checkpoint that the run goes on from.
      remote: a run of `open_wandb`, to write to as well.
    """
    path = os.path.join(workdir, "metrics.jsonl")
    kept = [r for r in read(path) if r["tick"] <= last_tick]
    text = "".join(json.dumps(record) + "\n" for record in kept)
    write_atomic(path, text.encode())
    self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115
    self._remote = remote
    self._board = SummaryWriter(os.path.join(workdir, "tensorboard"))

  def write(self, tick: int, phase: str, metrics: dict[str, float]) -> None:
    """Appends one record and hands it to TensorBoard.

    Raises:
      UserError: the disk is full.
    """
    record = {"tick": tick, "phase": phase, **metrics}
    try:
      self._file.write(json.dumps(record) + "\n")
      self._file.flush()
    except OSError as error:
      raise UserError(
        f"cannot write {self._file.name}: {error.strerror}; make room, and "
        "start again with the same command: it goes on from the last checkpoint"
      ) from None
    for name, value in metrics.items():
      self._board.add_scalar(f"{phase}/{name}", value, tick)
    if self._remote is not None:
      named = {f"{phase}/{name}": value for name, value in metrics.items()}
      self._remote.log(named, step=tick)

  def close(self) -> None:
    """Writes what is left."""
    self._file.close()
    self._board.close()
    if self._remote is not None:
      self._remote.finish()


def open_wandb(workdir: str, config: dict) -> Any:
  """A run of Weights & Biases; the same one after a resume.

  Args:
    workdir: the run's folder, which names the run.
    config: JSON tree.

  Raises:
    UserError: the package is not there.
  """
  try:
    import wandb
  except ImportError:
    raise UserError(
      "--wandb wants the package wandb: `pip install wandb`, or leave the flag "
      "out: metrics.jsonl and TensorBoard hold the same"
    ) from None
  place = os.path.abspath(workdir)
  return wandb.init(
    project="dreamer_jax", name=os.path.basename(place), dir=place,
    id=hashlib.sha256(place.encode()).hexdigest()[:16], resume="allow",
    config=config,
  )  # fmt: skip


def read(path: str) -> list[dict]:
  """All whole records of a `metrics.jsonl`; none if it is absent.

  A line cut short by a kill, or damaged otherwise, is not a record.
  """
  records = []
  if os.path.exists(path):
    with open(path, encoding="utf-8", errors="replace") as file:
      for line in file:
        with contextlib.suppress(json.JSONDecodeError):
          record = json.loads(line)
          if isinstance(record, dict) and {"tick", "phase"} <= record.keys():
            records.append(record)
  return records
