"""Metrics to `metrics.jsonl` and TensorBoard, without repeats after a resume.

A record names its phase and its position (`tick`, which only grows). After a
crash the loop falls back to its last checkpoint: lines past it are dropped, so
that the file reads as if the run had never stopped.
"""

import json
import os

from tensorboardX import SummaryWriter


class MetricWriter:
  """Appends records; one JSON object a line."""

  def __init__(self, workdir: str, last_tick: int):
    """Opens the files in `workdir`, forgetting records past `last_tick`."""
    os.makedirs(workdir, exist_ok=True)
    path = os.path.join(workdir, "metrics.jsonl")
    kept = [r for r in read(path) if r["tick"] <= last_tick]
    scratch = path + ".tmp"
    with open(scratch, "w", encoding="utf-8") as file:
      file.writelines(json.dumps(record) + "\n" for record in kept)
    os.replace(scratch, path)
    self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115
    self._board = SummaryWriter(os.path.join(workdir, "tensorboard"))

  def write(self, tick: int, phase: str, metrics: dict[str, float]) -> None:
    """Appends one record and hands it to TensorBoard."""
    record = {"tick": tick, "phase": phase, **metrics}
    self._file.write(json.dumps(record) + "\n")
    self._file.flush()
    for name, value in metrics.items():
      self._board.add_scalar(f"{phase}/{name}", value, tick)

  def close(self) -> None:
    """Flushes both files."""
    self._file.close()
    self._board.close()


def read(path: str) -> list[dict]:
  """All whole records of a `metrics.jsonl`; none if it is absent.

  A last line cut short by a kill is not a record.
  """
  records = []
  if os.path.exists(path):
    with open(path, encoding="utf-8") as file:
      for line in file:
        try:
          records.append(json.loads(line))
        except json.JSONDecodeError:
          break
  return records
