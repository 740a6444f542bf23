"""What a checkpoint holds, without reading its arrays."""

import math
from typing import Any

import jax

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.goals import vocabulary
from dreamer_jax.learn import checkpoint as checkpoint_lib
from dreamer_jax.learn import workdir


def describe(path: str, step: str = "latest") -> dict[str, Any]:
  """JSON about a checkpoint, of whichever version.

  Args:
    path: a run's folder, or its checkpoints folder.
    step: "latest", "best" or a number.

  Raises:
    UserError: there is none, or it is damaged.
  """
  folder = checkpoint_lib.find(path)
  checkpointer = checkpoint_lib.Checkpointer(folder)
  number = checkpointer.find(step)
  meta = checkpointer.any_meta(number)
  items = ("world", "behavior", "codebook")
  arrays = {name: _modules(checkpointer.shapes(number, name)) for name in items}
  checkpointer.close()
  format_, ours = meta.get("format"), vocabulary.vocabulary_hash()
  watch = meta.get("watch", {})
  return {
    "folder": folder,
    "step": number,
    "steps": checkpointer.steps,
    "format": format_,
    "is_readable": format_ == checkpoint_lib.FORMAT and meta["goals"] == ours,
    "preset": meta["config"]["name"],
    "changed": changed(meta["config"]),
    "counters": meta["counters"],
    "is_over": meta["counters"].get("round", 0) >= meta["config"]["rounds"],
    "val_loss": {name: watch.get(name) for name in ("latest", "best")},
    "alarms": watch.get("alarms", []),
    "rom": meta["rom"],
    "goals": meta["goals"],
    "has_our_goals": meta["goals"] == ours,
    "tiles": meta["codebook"],
    "written_on": {
      name: meta.get(name)
      for name in ("devices", "processes", "kind", "platform", "versions")
    },
    "arrays": arrays,
  }


def changed(config: dict) -> dict[str, list]:
  """Fields that differ from the preset: `{path: [here, in the preset]}`.

  A field that one of the two does not know is None there.
  """
  make = presets.PRESETS.get(config["name"], config_lib.Config)
  here = workdir.flat(config)
  preset = workdir.flat(config_lib.to_dict(make()))
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
  return dict(sorted(sizes.items(), key=lambda item: -item[1]["bytes"]))
