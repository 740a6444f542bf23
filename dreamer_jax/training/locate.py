"""Finds a run's checkpoints from the path that a person gives."""

import os

from dreamer_jax.errors import UserError
from dreamer_jax.training import stored


def checkpoints(path: str) -> str:
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


def _reachable(path: str) -> stored.Reader:
  """A bucket may want a package, a login, or another spelling."""
  if "://" not in path:
    return stored.Reader(path)
  try:
    reader = stored.Reader(path)
    reader.directory.exists()
  except Exception as error:  # of whichever client of a bucket there is
    raise UserError(
      f"{path} cannot be read ({type(error).__name__}: {error}): copy the run "
      "to this machine, or mount its bucket, and give that folder"
    ) from error
  return reader
