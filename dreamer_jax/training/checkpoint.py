"""Orbax checkpoints that explain themselves, as the owner of a run saves them.

A step holds the items `world`, `behavior`, `codebook` (arrays) and `meta`
(JSON: config, loop counters, versions, and what `compatibility` compares), so
evaluation needs nothing but the path. Saves are asynchronous and atomic: a run
killed at any instant finds the last complete step. Whoever only reads opens a
`stored.Reader`.
"""

import contextlib
import errno
import json
import os
import sys
import threading
import traceback
from collections.abc import Iterator

import jax
import numpy as np
import orbax.checkpoint as ocp
from absl import logging

from dreamer_jax.errors import UserError
from dreamer_jax.training import stored

_ORBAX = os.path.dirname(ocp.__file__)
# What a disk may say, deep in an error of Orbax.
_REASONS = [
  os.strerror(number)
  for number in (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES,
    errno.EIO,
  )
]  # fmt: skip


def quiet() -> None:
  """Leaves out what Orbax prints itself: what matters of it is raised.

  Its threads print the tracebacks of errors that the next call raises again,
  and its log tells a story of each save.
  """
  said = threading.excepthook

  def hook(args) -> None:
    frames = traceback.extract_tb(args.exc_traceback)
    if not any(_ORBAX in frame.filename for frame in frames):
      said(args)

  told = sys.excepthook

  def main_hook(kind, error, trace) -> None:
    # Of each array that was on its way when a save failed.
    if kind is not RuntimeError or str(error) != "Event loop is closed":
      told(kind, error, trace)

  threading.excepthook, sys.excepthook = hook, main_hook
  handler = logging.get_absl_handler()
  handler.addFilter(lambda record: _ORBAX not in record.pathname)


class _Kept(ocp.checkpoint_managers.PreservationPolicy):
  """Preserves one step, as long as it is the one."""

  step: int | None = None

  def should_preserve(self, checkpoints, *, context) -> list[bool]:
    """For each checkpoint."""
    del context
    return [checkpoint.step == self.step for checkpoint in checkpoints]


class Checkpointer(stored.Reader):
  """Saves and restores one run's learners; only the run's owner may have one.

  It deletes what a killed save has left, and the steps that are not kept.
  """

  def __init__(self, directory: str | os.PathLike, keep: int = 2):
    """Opens `directory`, made if absent.

    It keeps the newest `keep` steps, the best, which is the one with the
    lowest validation loss, the newest of equals, and the one that `kept` names.

    Raises:
      UserError: it cannot be written.
    """
    super().__init__(directory)
    policies = ocp.checkpoint_managers
    self._kept = _Kept()
    policy = policies.AnyPreservationPolicy([
      self._kept,
      policies.LatestN(keep),
      policies.BestN(
        get_metric_fn=stored.rank, n=1, keep_checkpoints_without_metrics=False
      ),
    ])  # fmt: skip
    options = ocp.CheckpointManagerOptions(
      preservation_policy=policy, cleanup_tmp_directories=True,
      best_fn=stored.rank, best_mode="max",
    )  # fmt: skip
    with self._writing():
      if jax.process_index() == 0:
        self._mend_metrics()
      self._manager = ocp.CheckpointManager(self.directory, options=options)

  def save(
    self, step: int, world, behavior, codebook, meta: dict,
    val_loss: float | None = None, era: int = 0,
  ) -> None:  # fmt: skip
    """Starts to write; returns once the arrays are copied off the device.

    Args:
      step: increasing number of the checkpoint.
      world: a `WorldState`.
      behavior: a `PolicyState`.
      codebook: `[V, 16]` u8 patterns.
      meta: JSON tree; the format version is added.
      val_loss: validation loss of exactly these weights, where it is known.
      era: losses compare with those of the same era, see `stored.rank`.

    Raises:
      UserError: this save, or the one before it, cannot be written.
    """
    known = {stored.METRIC: val_loss, stored.ERA: era}
    with self._writing():
      self._manager.save(
        step,
        args=ocp.args.Composite(
          world=ocp.args.StandardSave(world),
          behavior=ocp.args.StandardSave(behavior),
          codebook=ocp.args.StandardSave({"patterns": np.asarray(codebook)}),
          meta=ocp.args.JsonSave({**meta, "format": stored.FORMAT}),
        ),
        # Without any, Orbax warns at each save.
        metrics={} if val_loss is None else known,
      )

  @property
  def kept(self) -> int | None:
    """A step that is not dropped as long as it is named here."""
    return self._kept.step

  @kept.setter
  def kept(self, step: int | None) -> None:
    self._kept.step = step

  def set_aside(self, steps: list[int]) -> None:
    """Takes damaged steps out of the way of those that will be saved.

    Args:
      steps: kept beside the others as `damaged-NUMBER`.
    """
    for step in steps:
      kept = self.directory / f"damaged-{step}"
      if kept.exists():
        kept.rmtree()
      (self.directory / str(step)).rename(kept)
      logging.warning("The damaged step %d is kept as %s.", step, kept)

  def reload(self) -> None:
    """Takes notice of steps that were set aside."""
    self._manager.reload()

  def is_preempted(self, step: int) -> bool:
    """One of several processes was told to end (SIGTERM); all know at once.

    Args:
      step: of the loop; all processes ask at the same ones.
    """
    return self._manager.reached_preemption(step)

  def wait(self) -> None:
    """Returns once all saves are on disk.

    Raises:
      UserError: one cannot be written.
    """
    with self._writing():
      self._manager.wait_until_finished()

  def close(self) -> None:
    """Finishes writing.

    Raises:
      UserError: the last save cannot be written.
    """
    with self._writing():
      self._manager.close()

  def _mend_metrics(self) -> None:
    """Empties metrics that Orbax could not read: it reads those of all."""
    for step in self.steps:
      path = self._folder(step, "metrics") / "metrics"
      if path.exists() and not self.metrics(step):
        with contextlib.suppress(ValueError):
          json.loads(path.read_text())
          continue
        logging.warning("%s is damaged: its loss is forgotten.", path)
        path.write_text("{}")

  @contextlib.contextmanager
  def _writing(self) -> Iterator[None]:
    """An error of writing is a sentence; the threads of Orbax meet any."""
    try:
      yield
    except jax.errors.JaxRuntimeError:  # another process was lost
      raise
    except Exception as error:  # of Orbax's threads, which wrap what they met
      raise UserError(self._trouble(error)) from error

  def _trouble(self, error: Exception) -> str:
    text = str(error).strip()
    reason = next((r for r in _REASONS if r in text), text.split("\n")[0][:200])
    last = self.latest()
    kept = "nothing was saved yet" if last is None else (
      f"step {last} is whole"
    )  # fmt: skip
    return (
      f"cannot save a checkpoint in {self.directory} ({reason}): {kept}; mend "
      "that, or make room, and start again with the same command to go on"
    )
