"""Checkpoints that are missing, damaged, or of another vocabulary."""

import os
import shutil

import numpy as np
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


@pytest.mark.parametrize("item", ["world", "meta", "codebook", "metrics"])
def test_truncated(copied, item):
  run, step = copied
  files = [p for p in (step / item).rglob("*") if p.is_file()]
  for path in files:
    with open(path, "r+b") as file:
      file.truncate(path.stat().st_size // 2)
  with pytest.raises(UserError, match="cannot be read"):
    agent_lib.load(str(run))


def test_another_format(copied, monkeypatch):
  monkeypatch.setattr(checkpoint, "FORMAT", checkpoint.FORMAT + 1)
  with pytest.raises(UserError, match="train again"):
    agent_lib.load(str(copied[0]))


@pytest.fixture(name="kept")
def fixture_kept(tmp_path):
  """Five saves, some of them validated; opened anew."""
  save = checkpoint.Checkpointer(str(tmp_path), keep=2)
  state, codebook = {"x": np.zeros(2)}, np.zeros((1, 16), np.uint8)
  for step, loss in enumerate([3.0, 2.0, 2.0, None, 2.5, None]):
    save.save(step, state, state, codebook, {}, loss)
    save.wait()
  save.close()
  return checkpoint.Checkpointer(str(tmp_path), keep=2)


def test_the_best_is_kept_beside_the_newest(kept):
  """Of equals the newest: its policy has learned for longer."""
  assert [kept.find(s) for s in ("best", "latest", "4")] == [2, 5, 4]
  assert kept.latest() == 5
  with pytest.raises(UserError, match="best, latest and 2, 4, 5"):
    kept.find("3")


def test_no_best_where_nothing_was_validated(tmp_path):
  saver = checkpoint.Checkpointer(str(tmp_path))
  state, codebook = {"x": np.zeros(2)}, np.zeros((1, 16), np.uint8)
  saver.save(1, state, state, codebook, {})
  saver.wait()
  with pytest.raises(UserError, match="--step=latest"):
    saver.find("best")


def test_a_run_folder_and_its_checkpoints_folder_both_do(copied):
  run, _ = copied
  assert checkpoint.find(str(run)) == checkpoint.find(str(run / "checkpoints"))
