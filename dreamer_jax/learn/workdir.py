"""A run's folder: it belongs to one configuration, and explains itself."""

import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
import time

from dreamer_jax import config as config_lib
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError

# Settings that may change between a kill and the resume.
_FREE = (
  "checkpoint_secs", "env.num_workers", "evaluate", "model_free",
  "world.collapse_stops", "world.dtype",
)  # fmt: skip
_README = """\
A run of DreamerJAX, preset {name}. Last started with

  {command}

The same command goes on from the last checkpoint, however the run ended.

  python -m experiments.evaluate --checkpoint={workdir}   measures it
  python -m experiments.inspect --checkpoint={workdir}    says what is in it
  python -m experiments.play --checkpoint={workdir}       plays
  tensorboard --logdir={workdir}/tensorboard              draws the metrics

config.json     settings; another run wants another folder
run.json        every start: command, code, versions, machine
metrics.jsonl   one line a report
checkpoints/    the newest two, and the best on held-out episodes
demos/ episodes/ codebook.npz   what was played, and the tiles seen in it
"""


def claim(config: config_lib.Config, workdir: str, is_new: bool = True) -> None:
  """Writes `config.json`, or checks that the one there agrees.

  Args:
    config: of the run.
    workdir: its folder.
    is_new: the file may be written; else it must be there.

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
      for name in sorted(flat(now).keys() | flat(then).keys())
      if not name.startswith(_FREE)
      and flat(now).get(name) != flat(then).get(name)
    ]
    if changed:
      raise UserError(
        f"{workdir} holds a run with other settings ("
        + ", ".join(f"{n}={flat(then).get(n)}" for n in changed)
        + "): go on with those, or choose another --workdir"
      )
  elif not is_new:
    raise UserError(
      f"{path} is not here, though the first process wrote it: give every "
      "process the same --workdir, in a folder that all machines share"
    )
  if is_new:
    write_atomic(path, json.dumps(now, indent=2).encode())


def explain(workdir: str, name: str, command: list[str], devices: dict) -> None:
  """Writes how the run was started: `run.json`, and `README.txt` for people.

  Args:
    workdir: the run's folder.
    name: of its preset.
    command: as given now; those of earlier starts stay in `run.json`.
    devices: what it runs on.
  """
  path = os.path.join(workdir, "run.json")
  starts = []
  if os.path.exists(path):
    try:
      with open(path, encoding="utf-8") as file:
        starts = json.load(file)["starts"]
    except (json.JSONDecodeError, KeyError):  # cut short; it only explains
      starts = []
  start = {
    "time": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    "command": command,
    "commit": _commit(),
    "machine": f"{platform.platform()}, {os.cpu_count()} cores",
    "devices": devices,
    "versions": versions(),
  }
  text = json.dumps({"starts": [*starts, start]}, indent=2)
  write_atomic(path, text.encode())
  told = _README.format(
    name=name, workdir=shlex.quote(workdir), command=shlex.join(command)
  )
  write_atomic(os.path.join(workdir, "README.txt"), told.encode())


def versions() -> dict[str, str]:
  """Of Python and of the packages that a result depends on."""
  names = ("dreamer_jax", "jax", "jaxlib", "flax", "orbax-checkpoint", "pyboy")
  found = {"python": platform.python_version()}
  for name in names:
    try:
      found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
      found[name] = "not installed"
  return found


def _commit() -> str | None:
  """Git's, of the code that runs; None outside a clone."""
  folder = os.path.dirname(os.path.abspath(__file__))
  try:
    done = subprocess.run(
      ["git", "-C", folder, "describe", "--always", "--dirty", "--abbrev=40"],
      capture_output=True, text=True, timeout=10, check=True,
    )  # fmt: skip
  except (OSError, subprocess.SubprocessError):
    return None
  return done.stdout.strip()


def flat(tree: dict, prefix: str = "") -> dict:
  """Nested dictionaries as one: `{"world.deter": 512}`."""
  found = {}
  for key, value in tree.items():
    name = f"{prefix}{key}"
    nested = isinstance(value, dict)
    found.update(flat(value, name + ".") if nested else {name: value})
  return found
