"""Checkpoints as they lie on disk, for whoever reads them.

A `Reader` deletes nothing, writes nothing and remembers nothing: it looks anew
each time, so that a run may go on saving, and dropping old steps, meanwhile.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import numpy as np
import orbax.checkpoint as ocp
from absl import logging
from etils import epath

from dreamer_jax.errors import UserError

FORMAT = 4
METRIC, ERA = "val_loss", "era"  # names in a step's metrics
T = TypeVar("T")
_LISTINGS = 5  # of a folder that changes while it is listed
_PATIENCE_SECS = 60.0  # with a run that drops steps as fast as they are read
_DELETION_SECS = 1.0  # until a step that is being deleted is gone


class DamagedError(UserError):
  """A step that cannot be read."""


class Reader:
  """One run's checkpoints."""

  def __init__(self, directory: str | os.PathLike):
    """Takes the folder of the steps; it need not be there."""
    self.directory = epath.Path(absolute(os.fspath(directory)))

  @property
  def steps(self) -> list[int]:
    """All complete steps, ascending."""
    form = ocp.path.step.standard_name_format()
    for last in range(_LISTINGS):
      try:
        found = form.find_all(self.directory)
        return sorted(step.step for step in found)
      except (OSError, ValueError):  # one of them has just been deleted
        if not self.directory.exists():
          return []
        if last == _LISTINGS - 1:
          raise
    return []

  def latest(self) -> int | None:
    """The newest complete step, or None."""
    return max(self.steps, default=None)

  def metrics(self, step: int) -> dict:
    """What `Checkpointer.save` was told; empty where it cannot be read."""
    try:
      text = (self._folder(step, "metrics") / "metrics").read_text()
      found = json.loads(text)
    except (OSError, ValueError):
      return {}
    return found if isinstance(found, dict) else {}

  def find(self, which: str) -> int:
    """The step that "latest", "best" or a number names.

    Raises:
      UserError: there is no such step.
    """
    steps = self.steps
    if which == "best":
      known = {s: self.metrics(s) for s in steps}
      known = {s: m for s, m in known.items() if m.get(METRIC) is not None}
      step = max(known, key=lambda s: (*rank(known[s]), s), default=None)
      rule = "none of its checkpoints was validated: --step=latest"
    elif which == "latest":
      step = max(steps, default=None)
      rule = "it holds no complete checkpoint: train again"
    else:
      step = next((s for s in steps if str(s) == which), None)
      rule = f"it has best, latest and {', '.join(map(str, steps))}"
    if step is None:
      raise UserError(f"{self.directory} has no step {which!r}: {rule}")
    return step

  def use(self, which: str, read: Callable[[int], T]) -> T:
    """`read(step)` of the step that is named.

    A step that a live run drops meanwhile gives way to the one that is named
    so now. Where the latest is damaged, the one before it is taken, with a
    warning.

    Args:
      which: as of `find`.
      read: may raise a `DamagedError`.

    Raises:
      UserError: there is no such step.
      DamagedError: it, or each of them, is damaged.
    """
    began = time.monotonic()
    while True:
      step = self.find(which)
      try:
        return read(step)
      except DamagedError as error:
        if self._is_gone(which, step):
          if time.monotonic() - began < _PATIENCE_SECS:
            continue
          raise UserError(
            f"{self.directory} drops its steps faster than they can be read: "
            "try again when the run saves less often"
          ) from error
        if which != "latest":
          raise
        return self.fall_back([s for s in self.steps if s < step], read, error)

  def fall_back(
    self, steps: list[int], read: Callable[[int], T], error: DamagedError
  ) -> T:
    """`read(step)` of the newest of `steps` that can be read.

    Args:
      steps: ascending, without the damaged one.
      read: may raise a `DamagedError`.
      error: of the damaged one.

    Raises:
      DamagedError: none can be read.
    """
    for step in reversed(steps):
      try:
        found = read(step)
      except DamagedError:
        continue
      logging.warning("%s. Step %d is taken in its place.", error, step)
      return found
    raise error

  def _is_gone(self, which: str, step: int) -> bool:
    """Whether a step has been deleted, or is no longer what is asked for."""
    began = time.monotonic()
    while self.find(which) == step:
      if time.monotonic() - began > _DELETION_SECS:
        return False
      time.sleep(_DELETION_SECS / 10)
    return True

  # ---- what a step holds

  def meta(self, step: int) -> dict:
    """The JSON of a step.

    Raises:
      DamagedError: it cannot be read.
      UserError: another version wrote it.
    """
    meta = self.any_meta(step)
    if meta.get("format") != FORMAT:
      raise UserError(
        f"checkpoint {self.directory}/{step} has format "
        f"{meta.get('format')}, this version reads {FORMAT}: use the version "
        f"that wrote it, or train again"
      )
    return meta

  def any_meta(self, step: int) -> dict:
    """The JSON of a step, whichever version wrote it.

    Raises:
      DamagedError: it cannot be read.
    """
    folder = self._folder(step, "meta")

    def read() -> dict:
      meta = json.loads((folder / "metadata").read_text())
      if not isinstance(meta, dict):
        raise ValueError("it is no JSON object")
      return meta

    return _reading(folder, read)

  def codebook(self, step: int, capacity: int) -> np.ndarray:
    """`[V, 16]` u8 patterns.

    Raises:
      DamagedError: they cannot be read.
    """
    target = {"patterns": jax.ShapeDtypeStruct((capacity, 16), np.uint8)}
    return np.asarray(self.restore(step, "codebook", target)["patterns"])

  def restore(self, step: int, item: str, target: Any) -> Any:
    """All of `world` or `behavior`.

    Args:
      step: number of the checkpoint.
      item: one of the two.
      target: its state as it is to be: arrays' shapes, types, and where they
        lie, which need not be where they lay when they were saved.

    Raises:
      DamagedError: it cannot be read.
    """
    folder = self._folder(step, item)
    args = ocp.args.StandardRestore(target)
    with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as reader:
      return _reading(folder, lambda: reader.restore(folder, args))

  def part(self, step: int, item: str, target: dict[str, Any]) -> dict:
    """Some fields of `world` or `behavior`, without reading the others.

    Args:
      step: number of the checkpoint.
      item: one of the two.
      target: trees of shapes and types by field; read to this process's first
        device.

    Raises:
      DamagedError: it cannot be read.
    """
    here = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    target = jax.tree.map(
      lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=here), target
    )
    args = ocp.args.PyTreeRestore(
      target, ocp.checkpoint_utils.construct_restore_args(target),
      partial_restore=True,
    )  # fmt: skip
    folder = self._folder(step, item)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as reader:
      return _reading(folder, lambda: reader.restore(folder, args))

  def shapes(self, step: int, item: str) -> dict:
    """The tree of an item's arrays; each leaf has `shape` and `dtype`.

    Raises:
      DamagedError: it cannot be read.
    """
    folder = self._folder(step, item)
    handler = ocp.PyTreeCheckpointHandler()
    return _reading(folder, lambda: handler.metadata(folder).tree)

  def _folder(self, step: int, item: str) -> epath.Path:
    return self.directory / str(step) / item


def rank(metrics: dict) -> tuple[int, float]:
  """Of a step's metrics, the larger the better; lowest where it has no loss.

  Losses compare within an era alone: another begins where a setting changes
  what the loss measures.
  """
  loss = metrics.get(METRIC)
  return (-1, 0.0) if loss is None else (metrics.get(ERA, 0), -loss)


def _reading(folder: epath.Path, read: Callable[[], T]) -> T:
  """What `read()` returns; its errors are a sentence about an item."""
  try:
    return read()
  except jax.errors.JaxRuntimeError:  # another process was lost
    raise
  except Exception as error:  # Orbax raises whatever it met, and plain ones
    reason = str(error).strip().split("\n")[0][:200]
    raise DamagedError(
      f"checkpoint {folder.parent} cannot be read ({folder.name}: {reason}): "
      "it is damaged or of another version; put a copy of it back, or take "
      "another step"
    ) from error


def absolute(path: str) -> str:
  """A bucket's path, gs://..., is one already."""
  return path if "://" in path else os.path.abspath(path)


def find(path: str) -> str:
  """The folder of checkpoints for a run's folder, or for itself.

  Raises:
    UserError: there is none.
  """
  for candidate in (f"{path}/checkpoints", path):
    if _reachable(candidate).steps:
      return candidate
  folder, _, name = os.path.normpath(path).rpartition("/")
  if name.isdigit() and int(name) in _reachable(folder or ".").steps:
    raise UserError(
      f"{path} is one checkpoint of a run: give --checkpoint={folder or '.'} "
      f"and --step={name}"
    )
  raise UserError(
    f"no checkpoint in {path}: give a run's folder (runs/NAME), its "
    f"checkpoints folder, or a file that `dreamer-jax export` wrote; "
    f"`dreamer-jax train` makes a run"
  )


def _reachable(path: str) -> Reader:
  """A bucket may want a package, a login, or another spelling."""
  if "://" not in path:
    return Reader(path)
  try:
    reader = Reader(path)
    reader.directory.exists()
  except Exception as error:  # of whichever client of a bucket there is
    raise UserError(
      f"{path} cannot be read ({type(error).__name__}: {error}): copy the run "
      "to this machine, or mount its bucket, and give that folder"
    ) from error
  return reader
