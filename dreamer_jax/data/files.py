"""Files that exist whole or not at all."""

import contextlib
import os
import pathlib
import tempfile
import time

from dreamer_jax import paths
from dreamer_jax.errors import UserError

TEMPORARY = ".partial"  # suffix of a file that is being written
_IN_USE_SECS = 60.0


def write_atomic(path: str | pathlib.Path, data: bytes) -> None:
  """Writes a file so that a reader, or a crash, sees all of it or nothing.

  The bytes go to a temporary file beside it, are forced to the disk, and the
  file then takes the name.

  Args:
    path: replaced if it exists; missing folders are made.
    data: all of its content.

  Raises:
    UserError: the disk is full, or the folder cannot be written; nothing is
      left behind.
  """
  path = pathlib.Path(path)
  temporary = None
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(
      dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY
    )
    os.chmod(temporary, 0o644)  # a temporary file is its owner's alone
    with os.fdopen(handle, "wb") as file:
      file.write(data)
      file.flush()
      os.fsync(file.fileno())
    os.replace(temporary, path)
  except BaseException as error:
    if temporary is not None:
      pathlib.Path(temporary).unlink(missing_ok=True)
    if isinstance(error, OSError):
      reason = error.strerror or type(error).__name__
      raise UserError(
        f"cannot write {path} ({len(data) / 1e6:.1f} MB): {reason}; make room "
        "or choose another --workdir, and start again: what is there is kept."
      ) from None
    raise


def check_writable(folder: str | pathlib.Path, flag: str = "out") -> None:
  """Makes sure, before long work, that its results can be written.

  Args:
    folder: of the results; made later where it is absent.
    flag: that chooses another.

  Raises:
    UserError: it is read-only, another person's, or in a file's place.
  """
  place = paths.obstacle(str(folder))
  if place:
    raise UserError(
      f"cannot write results into {folder}: {place} is read-only or another "
      f"person's; choose a folder with --{flag}=FOLDER"
    )


def remove_leftovers(folder: str | pathlib.Path) -> int:
  """Deletes temporary files of writers that were killed; returns how many.

  Those of the last minute stay: another process may be writing them.
  """
  removed = 0
  for path in pathlib.Path(folder).glob(f".*{TEMPORARY}"):
    with contextlib.suppress(FileNotFoundError):
      if time.time() - path.stat().st_mtime > _IN_USE_SECS:
        path.unlink()
        removed += 1
  return removed
