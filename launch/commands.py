"""What all launchers share: commands shown as typed, clear errors."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence

from absl import flags

from dreamer_jax import program
from dreamer_jax.errors import UserError

DRY_RUN = flags.DEFINE_bool(
  "dry_run", False, "print the commands, exactly, and start nothing"
)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def train(arguments: Sequence[str], module: str = "experiments.train") -> list:
  """The command that trains, by $LAUNCH_PYTHON, else by this Python."""
  python = os.environ.get("LAUNCH_PYTHON", sys.executable)
  return [python, "-m", module, *arguments]


def line(command: Sequence[str], env: dict[str, str] | None = None) -> str:
  """A command as one would type it, after the variables it is given."""
  given = [f"{k}={shlex.quote(v)}" for k, v in (env or {}).items()]
  return " ".join([*given, shlex.join(command)])


def call(command: Sequence[str], install: str = "", **options) -> str:
  """Shows a command, runs it in the repository, and waits for its end.

  Args:
    command: program and arguments.
    install: how to, where there is no such program.
    **options: of `subprocess.run`; with `stdout=PIPE` its output is returned.

  Raises:
    UserError: there is no such program, or it fails.
  """
  print(line(command), flush=True)
  if DRY_RUN.value:
    return ""
  try:
    done = subprocess.run(command, check=True, text=True, cwd=ROOT, **options)
  except FileNotFoundError:
    hint = f": {install}" if install else ": install it first"
    raise UserError(f"{command[0]} is not installed{hint}") from None
  except subprocess.CalledProcessError as error:
    raise UserError(
      f"{shlex.join(command[:6])} ... ended with code {error.returncode}; its "
      "own words are above"
    ) from None
  return done.stdout or ""


def run(main: Callable[[list[str]], int | None]) -> None:
  """Runs `main(what follows --)`; known errors are one sentence."""
  program.run(main, rest=True, stopped="stopped; the same command goes on")


def check_rest(arguments: Sequence[str], name: str) -> None:
  """What follows `--` must be flags, and must leave `--name` to us.

  Raises:
    UserError: it is not so.
  """
  for argument in arguments:
    if not argument.startswith("-"):
      raise UserError(
        f"unknown argument {argument!r}: flags of the run follow --, as in "
        "-- --config=experiments/configs/base.py"
      )
    if argument.lstrip("-").split("=")[0] == name:
      raise UserError(f"--{name} is chosen by the launcher: leave it out")
