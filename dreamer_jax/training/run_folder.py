"""A run's folder: it belongs to one configuration, and explains itself."""

import contextlib
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import subprocess
import time

from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax.config import leaves
from dreamer_jax.config_versions import current
from dreamer_jax.data import episodes
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.training import changes
from dreamer_jax.training.changes import Settled, State
from dreamer_jax.training.progress import Counters
from dreamer_jax.training.stored import DamagedError, Reader

_README = """\
A run of DreamerJAX, preset {name}. Last started with

  {command}

The same command goes on from the last checkpoint, however the run ended.

  dreamer-jax evaluate --checkpoint={workdir}   measures it
  dreamer-jax inspect --checkpoint={workdir}    says what is in it
  dreamer-jax play --checkpoint={workdir}       plays
  tensorboard --logdir={workdir}/tensorboard              draws the metrics

config.json     settings; what they may change to: training/changes.py
run.json        every start: command, code, versions, machine; every change
                of a setting
owner.json      who writes here now, if anybody
metrics.jsonl   one line a report
checkpoints/    the newest two, the best on held-out episodes, and the one whose
                policy the next round must not fall behind
demos/ episodes/ codebook.npz   what was played, and the tiles seen in it
"""


def look(workdir: str, reader: Reader) -> State:
  """What the run in a folder has behind it.

  Its newest checkpoint knows with what it was played and learned; of the rest,
  `config.json` knows the latest. Either does where the other is lost.

  Args:
    workdir: the run's folder.
    reader: of its checkpoints.

  Raises:
    UserError: its checkpoints are another version's.
  """
  sources = {
    path.stem.split("-")[1]
    for folder in ("demos", "episodes")
    for path in pathlib.Path(workdir, folder).glob(f"*-*-*{episodes.SUFFIX}")
  }
  has_learned = bool(reader.steps) or not sources.isdisjoint(episodes.OWN)
  settings, note = _settings(os.path.join(workdir, "config.json"))
  counters = None
  for step in reversed(reader.steps):
    with contextlib.suppress(DamagedError):
      meta = reader.meta(step)
      settings = _merged(settings, meta["config"])
      counters = Counters(**meta["counters"])
      break
  return State(
    settings, bool(sources - {"human", "import"}), has_learned, counters, note
  )


def _settings(path: str) -> tuple[dict | None, str]:
  """What `config.json` says, None where it is lost; and what is wrong."""
  reason: Exception | str = "it is no JSON object"
  try:
    with open(path, encoding="utf-8") as file:
      found = json.load(file)
    if isinstance(found, dict):
      return found, ""
  except (FileNotFoundError, NotADirectoryError):
    return None, ""
  except (OSError, ValueError) as error:
    reason = error
  return None, f"{path} is damaged ({reason}): it is written anew"


def _merged(latest: dict | None, learned: dict) -> dict:
  """The latest settings, with those of a checkpoint where they are fixed."""
  if latest is None:
    return learned
  found, then = (current(leaves(tree)) for tree in (latest, learned))
  free = (changes.FREE, changes.ERA)
  fixed = {n: v for n, v in then.items() if changes.KINDS.get(n) not in free}
  return {**found, **fixed}


def claim(workdir: str, settled: Settled) -> None:
  """Writes `config.json`, and in `run.json` what has changed in it.

  Args:
    workdir: of a run that this process owns.
    settled: its settings.

  Raises:
    UserError: the folder cannot be written.
  """
  if settled.changed:
    run = _read_run(workdir)
    change = {"time": _now(), "settings": settled.changed}
    run["changes"].append(change)
    _write_run(workdir, run)
  now = config_lib.to_dict(settled.config)
  data = json.dumps(now, indent=2).encode()
  write_atomic(os.path.join(workdir, "config.json"), data)


def check_claim(workdir: str, config: config_lib.Config) -> None:
  """Makes sure that a run's other process has written the same settings.

  Raises:
    UserError: it has not.
  """
  path = os.path.join(workdir, "config.json")
  there, _ = _settings(path)
  if there is None:
    raise UserError(
      f"{path} is not here, though the first process wrote it: give every "
      "process the same --workdir, in a folder that all machines share"
    )
  now, there = changes.settings(config), current(leaves(there))
  for name, value in now.items():
    if there.get(name) != value:
      raise UserError(
        f"the first process has {name}={there.get(name)}, this one {value}: "
        "give every process the same settings"
      )


def explain(workdir: str, name: str, command: list[str], devices: dict) -> None:
  """Writes how the run was started: `run.json`, and `README.txt` for people.

  Args:
    workdir: the run's folder.
    name: of its preset.
    command: as given now; those of earlier starts stay in `run.json`.
    devices: what it runs on.
  """
  run = _read_run(workdir)
  start = {
    "time": _now(),
    "command": command,
    "commit": _commit(),
    "machine": f"{platform.platform()}, {os.cpu_count()} cores",
    "devices": devices,
    "versions": versions(),
  }
  run["starts"].append(start)
  _write_run(workdir, run)
  told = _README.format(
    name=name, workdir=shlex.quote(workdir), command=shlex.join(command)
  )
  write_atomic(os.path.join(workdir, "README.txt"), told.encode())


def _read_run(workdir: str) -> dict[str, list]:
  """`run.json`; a damaged one is kept beside the new one, which begins."""
  path = os.path.join(workdir, "run.json")
  run: dict[str, list] = {"starts": [], "changes": []}
  try:
    with open(path, encoding="utf-8") as file:
      run |= json.load(file).items()
    if all(isinstance(rows, list) for rows in run.values()):
      return run
  except FileNotFoundError:
    return run
  except (OSError, ValueError, AttributeError):
    pass
  os.replace(path, path + ".damaged")
  logging.warning("%s is damaged: it is kept as run.json.damaged.", path)
  return {"starts": [], "changes": []}


def _write_run(workdir: str, run: dict[str, list]) -> None:
  data = json.dumps(run, indent=2).encode()
  write_atomic(os.path.join(workdir, "run.json"), data)


def _now() -> str:
  return time.strftime("%Y-%m-%d %H:%M:%S %z")


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
