"""Says what a checkpoint holds, without reading its arrays."""

import math
import os
from typing import Any

import jax

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.agent import weights
from dreamer_jax.config import leaves
from dreamer_jax.config_versions import current
from dreamer_jax.errors import UserError
from dreamer_jax.goals import vocabulary
from dreamer_jax.training import changes, compatibility, stored
from dreamer_jax.training.weight_editions import WORLD


def describe(path: str, step: str = "latest") -> dict[str, Any]:
  """JSON about a checkpoint or an exported agent, of whichever version.

  Args:
    path: a run's folder, its checkpoints folder, an exported file, or
      "pretrained".
    step: "latest", "best" or a number; a file has but one.

  Raises:
    UserError: there is none, it is damaged, or it is a file and a step is
      asked for.
  """
  path = weights.locate(path)
  if os.path.isfile(path):
    if step != "latest":
      raise UserError(f"{path} is an exported file and holds no step {step}")
    return _of_file(path)
  reader = stored.Reader(stored.find(path))
  return reader.use(step, lambda number: _of_step(reader, number))


def _of_step(reader: stored.Reader, step: int) -> dict[str, Any]:
  """The same of one step."""
  meta = reader.any_meta(step)
  items = ("world", "behavior", "codebook")
  return {
    "folder": str(reader.directory),
    "step": step,
    "steps": reader.steps,
    "dtype": "f32",
    **_told(meta, meta.get("format"), stored.FORMAT),
    "arrays": {name: _modules(reader.shapes(step, name)) for name in items},
  }


def _of_file(path: str) -> dict[str, Any]:
  """The same of one file: the agent alone."""
  head = weights.peek(path)
  arrays: dict[str, dict] = {}
  for name, (numbers, size) in head.sizes.items():
    item, *rest = name.split("/")
    module = arrays.setdefault(item, {}).setdefault(
      rest[0] if rest else item, {"numbers": 0, "bytes": 0}
    )
    module["numbers"] += 0 if name.endswith(weights.SCALE) else numbers
    module["bytes"] += size
  return {
    "folder": path,
    "step": None,
    "steps": [],
    "dtype": head.dtype,
    **_told(head.meta, head.format, weights.FORMAT),
    "arrays": {item: _by_size(found) for item, found in arrays.items()},
  }


def _told(meta: dict, format_: Any, readable: Any) -> dict[str, Any]:
  """What a checkpoint's JSON says; `readable` is this version's format."""
  game, is_read = compatibility.origin(meta), format_ == readable
  ours, watch = vocabulary.vocabulary_hash(), meta.get("watch", {})
  return {
    "format": format_,
    "is_readable": is_read and not compatibility.differences(meta, (WORLD,)),
    "differs": compatibility.differences(meta),
    "preset": meta["config"]["name"],
    "changed": changed(meta["config"]),
    "counters": meta["counters"],
    "is_over": meta["counters"].get("round", 0) >= meta["config"]["rounds"],
    "val_loss": {name: watch.get(name) for name in ("latest", "best")},
    "alarms": watch.get("alarms", []),
    "rom": game.name,
    "rom_sha1": game.sha1,
    "goals": meta["goals"],
    "has_our_goals": meta["goals"] == ours,
    "tiles": meta["codebook"],
    "written_on": {
      name: meta.get(name)
      for name in ("devices", "processes", "kind", "platform", "versions")
    },
  }


def changed(config: dict) -> dict[str, list]:
  """Fields that differ from the preset: `{path: [here, in the preset]}`.

  What the file does not name has its default. A field of another version,
  which this one does not know, is None in the preset.
  """
  make = presets.PRESETS.get(config["name"], config_lib.Config)
  try:
    here = changes.settings(config_lib.Config()) | current(leaves(config))
  except UserError:  # it asks for what is gone; shown as it is written
    here = leaves(config)
  preset = leaves(config_lib.to_dict(make()))
  return {
    name: [here.get(name), preset.get(name)]
    for name in sorted(here.keys() | preset.keys())
    if here.get(name) != preset.get(name)
  }


def _modules(tree: dict) -> dict[str, dict[str, int]]:
  """`{module: {"numbers", "bytes"}}`, two names deep, in the order of size."""
  sizes: dict[str, dict[str, int]] = {}
  for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
    names = [str(getattr(k, "key", getattr(k, "idx", k))) for k in path]
    size = sizes.setdefault(".".join(names[:2]), {"numbers": 0, "bytes": 0})
    count = math.prod(leaf.shape)
    size["numbers"] += count
    size["bytes"] += count * leaf.dtype.itemsize
  return _by_size(sizes)


def _by_size(sizes: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
  """The largest first."""
  return dict(sorted(sizes.items(), key=lambda item: -item[1]["bytes"]))
