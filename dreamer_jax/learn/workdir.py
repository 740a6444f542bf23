"""A run's folder belongs to one configuration."""

import json
import os

from dreamer_jax import config as config_lib
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError

# Settings that may change between a kill and the resume.
_FREE = (
  "checkpoint_secs", "env.num_workers", "evaluate", "model_free",
  "world.collapse_stops",
)  # fmt: skip


def claim(config: config_lib.Config, workdir: str) -> None:
  """Writes `config.json`, or checks that the one there agrees.

  Raises:
    UserError: the folder cannot be written, its `config.json` is damaged, or
      it holds a run with other settings.
  """
  path = os.path.join(workdir, "config.json")
  now = config_lib.to_dict(config)
  if os.path.exists(path):
    try:
      with open(path, encoding="utf-8") as file:
        then = json.load(file)
    except (OSError, json.JSONDecodeError) as error:
      raise UserError(
        f"cannot read {path} ({error}): choose another --workdir"
      ) from None
    changed = [
      name
      for name in sorted(_flat(now).keys() | _flat(then).keys())
      if not name.startswith(_FREE)
      and _flat(now).get(name) != _flat(then).get(name)
    ]
    if changed:
      raise UserError(
        f"{workdir} holds a run with other settings ("
        + ", ".join(f"{n}={_flat(then).get(n)}" for n in changed)
        + "): go on with those, or choose another --workdir"
      )
  write_atomic(path, json.dumps(now, indent=2).encode())


def _flat(tree: dict, prefix: str = "") -> dict:
  flat = {}
  for key, value in tree.items():
    name = f"{prefix}{key}"
    nested = isinstance(value, dict)
    flat.update(_flat(value, name + ".") if nested else {name: value})
  return flat
