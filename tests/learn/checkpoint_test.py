"""Checkpoints that are missing, damaged, or of another vocabulary."""

import os
import shutil

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.learn import agent as agent_lib
from dreamer_jax.learn import checkpoint


@pytest.fixture(name="copied")
def fixture_copied(tiny_run, tmp_path):
  """A copy of the tiny run's newest checkpoint, to be damaged."""
  folder = os.path.join(tiny_run[1], "checkpoints")
  newest = max((n for n in os.listdir(folder) if n.isdigit()), key=int)
  shutil.copytree(
    os.path.join(folder, newest), tmp_path / "checkpoints" / newest
  )
  return tmp_path, tmp_path / "checkpoints" / newest


def test_no_checkpoint(tmp_path):
  with pytest.raises(UserError, match=r"experiments\.train"):
    agent_lib.load(str(tmp_path))


@pytest.mark.parametrize("item", ["world", "meta", "codebook"])
def test_truncated(copied, item):
  run, step = copied
  files = [p for p in (step / item).rglob("*") if p.is_file()]
  for path in files:
    with open(path, "r+b") as file:
      file.truncate(path.stat().st_size // 2)
  with pytest.raises(UserError, match="cannot be read"):
    agent_lib.load(str(run))


def test_other_goals(copied, monkeypatch):
  monkeypatch.setattr(checkpoint.vocabulary, "vocabulary_hash", lambda: "other")
  with pytest.raises(UserError, match="this version has other"):
    agent_lib.load(str(copied[0]))


def test_a_run_folder_and_its_checkpoints_folder_both_do(copied):
  run, _ = copied
  assert checkpoint.find(str(run)) == checkpoint.find(str(run / "checkpoints"))
