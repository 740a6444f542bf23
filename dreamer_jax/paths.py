"""Paths that people type, and the commands that people are told to type."""

import os
import shlex

from dreamer_jax.errors import UserError


def expand(path: str) -> str:
  """A path as the shell would have given it.

  `~` and `~user` become home folders, which a shell leaves alone in
  `--flag=~/x`, and slashes at the end go. All else stays as it is.

  Raises:
    UserError: there is no such user.
  """
  full = os.path.expanduser(path)
  if full.startswith("~"):
    raise UserError(
      f"{path}: there is no home folder {full.split('/')[0]}; a folder of that "
      f"very name is ./{path}"
    )
  return full.rstrip("/") or full[:1]


def split(text: str) -> list[str]:
  """Paths of a list with commas between them.

  A name may have commas itself: the longest run of parts that is a file is
  one path.
  """
  parts = text.split(",")
  found, start = [], 0
  while start < len(parts):
    for stop in range(len(parts), start, -1):
      path = ",".join(parts[start:stop]).strip()
      if stop == start + 1 or os.path.isfile(os.path.expanduser(path)):
        break
    if path:
      found.append(path)
    start = stop
  return found


def obstacle(folder: str) -> str:
  """What keeps a folder from being made or written; "" where nothing does.

  Args:
    folder: its missing parents would be made too.

  Returns:
    the nearest path that is there, if it is no folder, or a read-only one.
  """
  place = os.path.abspath(folder)
  while not os.path.lexists(place):
    place = os.path.dirname(place)
  is_open = os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK)
  return "" if is_open else place


def command(name: str, **values: object) -> str:
  """A command to copy: `dreamer-jax name --flag=value ...`, quoted.

  Args:
    name: of the command, "train" say.
    **values: its flags.
  """
  words = [f"--{flag}={value}" for flag, value in values.items()]
  return shlex.join(["dreamer-jax", *name.split(), *words])
