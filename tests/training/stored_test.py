"""Reading checkpoints: damaged, of another version, and of a live run."""

import os
import shutil
import threading

import numpy as np
import pytest

from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.agent import inspection
from dreamer_jax.errors import UserError
from dreamer_jax.training import stored
from dreamer_jax.training.checkpoint import Checkpointer

CODEBOOK = np.zeros((1, 16), np.uint8)


@pytest.fixture(name="copied")
def fixture_copied(checkpoint, tmp_path):
  """A copy of an agent's checkpoint, to be damaged: the run, its step."""
  shutil.copytree(checkpoint, tmp_path / "run")
  return tmp_path / "run", tmp_path / "run" / "checkpoints" / "1"


def cut(folder):
  """Cuts all files there in half."""
  for path in folder.rglob("*"):
    if path.is_file():
      with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)


def test_no_checkpoint(tmp_path):
  with pytest.raises(UserError, match="dreamer-jax train"):
    agent_lib.load(str(tmp_path))


@pytest.mark.parametrize("item", ["world", "meta", "codebook"])
def test_truncated(copied, item):
  cut(copied[1] / item)
  with pytest.raises(UserError, match="cannot be read"):
    agent_lib.load(str(copied[0]))


def test_metrics_are_not_needed_to_read_the_rest(copied):
  cut(copied[1] / "metrics")
  assert agent_lib.load(str(copied[0]))
  with pytest.raises(UserError, match="none of its checkpoints was validated"):
    agent_lib.load(str(copied[0]), "best")


@pytest.mark.parametrize("item", ["world", "meta"])
def test_the_step_before_a_damaged_one(copied, item, caplog):
  run, step = copied
  shutil.copytree(step, step.with_name("2"))
  cut(step.with_name("2") / item)
  assert agent_lib.load(str(run))
  assert "Step 1 is taken in its place" in caplog.text
  with pytest.raises(UserError, match="2 cannot be read"):
    agent_lib.load(str(run), "2")


def test_another_format(copied, monkeypatch):
  monkeypatch.setattr(stored, "FORMAT", stored.FORMAT + 1)
  with pytest.raises(UserError, match="train again"):
    agent_lib.load(str(copied[0]))


def test_a_run_folder_and_its_checkpoints_folder_both_do(copied):
  run, _ = copied
  folder = str(run / "checkpoints")
  assert stored.find(str(run)) == stored.find(folder) == folder


def test_one_checkpoint_is_named_by_its_run_and_step(copied, monkeypatch):
  run, step = copied
  with pytest.raises(UserError, match=f"={run}/checkpoints and --step=1$"):
    stored.find(f"{step}/")
  monkeypatch.chdir(step.parent)
  with pytest.raises(UserError, match=r"--checkpoint=\. and --step=1$"):
    stored.find("1")


@pytest.mark.parametrize("path", ["file:///run", "nowhere://x/run"])
def test_addresses_that_cannot_be_read_are_one_sentence(path):
  with pytest.raises(UserError, match=f"^{path}.* cannot be read .*mount"):
    stored.find(path)


def tree_of(folder):
  """All files with their times."""
  return {p: p.stat().st_mtime_ns for p in folder.rglob("*")}


def test_a_reader_touches_nothing(copied):
  """Least of all a save in progress, which has a folder of its own."""
  run, step = copied
  saving = step.with_name("2.orbax-checkpoint-tmp-7")
  shutil.copytree(step, saving)
  before = tree_of(run)
  assert inspection.describe(str(run))["steps"] == [1]
  agent_lib.load(str(run))
  assert tree_of(run) == before


def test_a_step_that_is_dropped_while_it_is_read(copied):
  run, step = copied
  reader, tried = stored.Reader(run / "checkpoints"), []

  def read(number):
    tried.append(number)
    if number == 1:
      os.rename(step, step.with_name("2"))
      raise stored.DamagedError("half of it is gone")
    return number

  assert reader.use("latest", read) == 2 and tried == [1, 2]
  with pytest.raises(UserError, match="has no step '1'"):
    reader.use("1", read)


def hammer(run, saves, reads):
  """Reads while a thread saves; returns the saver, and how often was read."""
  agent = agent_lib.load(run)
  reader = stored.Reader(stored.find(run))
  saver = Checkpointer(reader.directory)
  trees = [
    {name: {"x": np.ones(4)} for name in ("params", "ema")} for _ in range(2)
  ]
  faults, count = [], 0
  save_one = lambda step: saver.save(
    step, *trees, CODEBOOK, agent.meta, float(step % 5)
  )
  save_one(2)
  saver.wait()

  def save():
    try:
      for step in range(3, 2 + saves):
        save_one(step)
      saver.close()
    except BaseException as error:
      faults.append(error)

  writer = threading.Thread(target=save)
  writer.start()
  while writer.is_alive():
    for read in reads:
      read()
      count += 1
  assert not faults, faults
  return saver, count


def test_readers_beside_many_saves(copied):
  """Of `inspect` and of what `evaluate` begins with: none hurts a save."""
  run = str(copied[0])
  reader = stored.Reader(stored.find(run))
  target = {"params": {"x": np.ones(4)}}
  part = lambda step: reader.part(step, "world", target)
  saver, count = hammer(run, 12, [
    lambda: inspection.describe(run), lambda: reader.use("latest", part),
    lambda: reader.use("best", part),
  ])  # fmt: skip
  assert saver.steps[-2:] == [12, 13] and count


@pytest.mark.slow
def test_readers_beside_two_hundred_saves(copied):
  run = str(copied[0])
  reader = stored.Reader(stored.find(run))
  saver, _ = hammer(run, 200, [
    lambda: inspection.describe(run), lambda: reader.use("latest", reader.meta),
  ])  # fmt: skip
  assert saver.steps[-2:] == [200, 201]
