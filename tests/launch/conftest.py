"""Launchers as a person starts them."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def launch():
  """Runs `python -m launch.NAME` with flags; more variables by keyword."""

  def run(name, *flags, **variables):
    return subprocess.run(
      [sys.executable, "-m", f"launch.{name}", *flags],
      capture_output=True, text=True, timeout=240, cwd=ROOT,
      env={**os.environ, **variables},
    )  # fmt: skip

  return run


@pytest.fixture
def said(launch):
  """The lines of a dry run, this Python's path as `python`."""

  def lines(name, *flags, **variables):
    done = launch(name, "--dry_run", *flags, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(sys.executable, "python").splitlines()

  return lines
