"""Orbax checkpoints that explain themselves.

A step holds the items `world`, `behavior`, `codebook` (arrays) and `meta`
(JSON: config, loop counters, versions, and what `belonging` compares), so
evaluation needs nothing but the path. Saves are asynchronous and atomic: a run
killed at any instant finds the last complete step.
"""

import json
import math
import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp
from etils import epath

from dreamer_jax.errors import UserError

FORMAT = 4
_METRIC = "val_loss"


class Checkpointer:
  """Saves and restores one run's learners."""

  def __init__(self, directory: str, keep: int = 2):
    """Opens `directory`, made if absent.

    It keeps the newest `keep` steps, and the best: the one with the lowest
    validation loss, the newest of equals.

    Raises:
      UserError: the metrics of a step there are damaged.
    """
    policies = ocp.checkpoint_managers
    policy = policies.AnyPreservationPolicy([
      policies.LatestN(keep),
      policies.BestN(
        get_metric_fn=_loss, reverse=True, n=1,
        keep_checkpoints_without_metrics=False,
      ),
    ])  # fmt: skip
    options = ocp.CheckpointManagerOptions(
      preservation_policy=policy, cleanup_tmp_directories=True,
      best_fn=_loss, best_mode="min",
    )  # fmt: skip
    directory = _absolute(directory)
    try:
      self._manager = ocp.CheckpointManager(directory, options=options)
    except json.JSONDecodeError as error:  # it reads all steps' metrics
      raise UserError(
        f"the metrics of a checkpoint in {directory} cannot be read ({error}): "
        "it is damaged; delete its folder, the newest most likely"
      ) from error

  @property
  def directory(self) -> str:
    """Of the steps."""
    return os.fspath(self._manager.directory)

  def latest(self) -> int | None:
    """The newest complete step, or None."""
    return self._manager.latest_step()

  @property
  def steps(self) -> list[int]:
    """All complete steps."""
    return sorted(self._manager.all_steps())

  def find(self, which: str) -> int:
    """The step that "latest", "best" or a number names.

    Raises:
      UserError: there is no such step.
    """
    if which == "best":
      step = self._manager.best_step()
      known = {} if step is None else self._manager.metrics(step) or {}
      step = step if _METRIC in known else None
      rule = "none of its checkpoints was validated: --step=latest"
    elif which == "latest":
      step = self.latest()
      rule = "it holds no complete checkpoint: train again"
    else:
      steps = self._manager.all_steps()
      step = next((s for s in steps if str(s) == which), None)
      rule = f"it has best, latest and {', '.join(map(str, sorted(steps)))}"
    if step is None:
      raise UserError(
        f"{self._manager.directory} has no step {which!r}: {rule}"
      )
    return step

  def save(
    self, step: int, world, behavior, codebook, meta: dict,
    val_loss: float | None = None,
  ) -> None:  # fmt: skip
    """Starts to write; returns once the arrays are copied off the device.

    Args:
      step: increasing number of the checkpoint.
      world: a `WorldState`.
      behavior: a `BehaviorState`.
      codebook: `[V, 16]` u8 patterns.
      meta: JSON tree; the format version is added.
      val_loss: validation loss of exactly these weights, where it is known.
    """
    self._manager.save(
      step,
      args=ocp.args.Composite(
        world=ocp.args.StandardSave(world),
        behavior=ocp.args.StandardSave(behavior),
        codebook=ocp.args.StandardSave({"patterns": np.asarray(codebook)}),
        meta=ocp.args.JsonSave({**meta, "format": FORMAT}),
      ),
      # Without any, Orbax warns at each save.
      metrics={} if val_loss is None else {_METRIC: val_loss},
    )

  def meta(self, step: int) -> dict:
    """The JSON of a step.

    Raises:
      UserError: it cannot be read, or another version wrote it.
    """
    meta = self.any_meta(step)
    if meta.get("format") != FORMAT:
      raise UserError(
        f"checkpoint {self._manager.directory}/{step} has format "
        f"{meta.get('format')}, this version reads {FORMAT}: use the version "
        f"that wrote it, or train again"
      )
    return meta

  def any_meta(self, step: int) -> dict:
    """The JSON of a step, whichever version wrote it.

    Raises:
      UserError: it cannot be read.
    """
    return self._restore(step, "meta", ocp.args.JsonRestore())

  def codebook(self, step: int, capacity: int) -> np.ndarray:
    """`[V, 16]` u8 patterns."""
    target = {"patterns": jax.ShapeDtypeStruct((capacity, 16), np.uint8)}
    args = ocp.args.StandardRestore(target)
    return np.asarray(self._restore(step, "codebook", args)["patterns"])

  def restore(self, step: int, item: str, target: Any) -> Any:
    """All of `world` or `behavior`.

    Args:
      step: number of the checkpoint.
      item: one of the two.
      target: its state as it is to be: arrays' shapes, types, and where they
        lie, which need not be where they lay when they were saved.
    """
    return self._restore(step, item, ocp.args.StandardRestore(target))

  def part(self, step: int, item: str, target: dict[str, Any]) -> dict:
    """Some fields of `world` or `behavior`, without reading the others.

    Args:
      step: number of the checkpoint.
      item: one of the two.
      target: trees of shapes and types by field; read to this process's first
        device.
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
    # The manager reads an item as it wrote it: whole.
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as reader:
      return _reading(folder, lambda: reader.restore(folder, args))

  def shapes(self, step: int, item: str) -> dict:
    """The tree of an item's arrays; each leaf has `shape` and `dtype`.

    Raises:
      UserError: it cannot be read.
    """
    folder = self._folder(step, item)
    handler = ocp.PyTreeCheckpointHandler()
    return _reading(folder, lambda: handler.metadata(folder).tree)

  def is_preempted(self, step: int) -> bool:
    """One of several processes was told to end (SIGTERM); all know at once.

    Args:
      step: of the loop; all processes ask at the same ones.
    """
    return self._manager.reached_preemption(step)

  def wait(self) -> None:
    """Returns once all saves are on disk."""
    self._manager.wait_until_finished()

  def close(self) -> None:
    """Finishes writing."""
    self._manager.close()

  def _restore(self, step: int, item: str, args) -> Any:
    args = ocp.args.Composite(**{item: args})
    return _reading(
      self._folder(step, item),
      lambda: self._manager.restore(step, args=args)[item],
    )

  def _folder(self, step: int, item: str) -> epath.Path:
    return epath.Path(self._manager.directory) / str(step) / item


def _reading(folder: epath.Path, read: Callable[[], Any]) -> Any:
  """What `read()` returns; its errors are a sentence about an item."""
  try:
    return read()
  except (ValueError, OSError, KeyError, json.JSONDecodeError) as error:
    reason = str(error).strip().split("\n")[0][:200]
    raise UserError(
      f"checkpoint {folder.parent} cannot be read ({folder.name}: {reason}): "
      "it is damaged or of another version; delete that folder to fall back to "
      "an earlier step"
    ) from error


def _absolute(path: str) -> str:
  """A bucket's path, gs://..., is one already."""
  return path if "://" in path else os.path.abspath(path)


def _loss(metrics: dict) -> float:
  """What the best checkpoint has least of."""
  return metrics.get(_METRIC, math.inf)


def find(path: str) -> str:
  """The folder of checkpoints for a run's folder, or for itself.

  Raises:
    UserError: there is none.
  """
  for candidate in (epath.Path(path) / "checkpoints", epath.Path(path)):
    if candidate.is_dir() and any(
      x.name.isdigit() for x in candidate.iterdir()
    ):
      return os.fspath(candidate)
  raise UserError(
    f"no checkpoint in {path}: give a run's folder (runs/NAME), its "
    f"checkpoints folder, or a file that `experiments.export` wrote; "
    f"`python -m experiments.train` makes a run"
  )
