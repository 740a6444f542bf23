"""Who may write to a run's folder."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from dreamer_jax.data import owner as owner_lib
from dreamer_jax.data.owner import FILE, Owner
from dreamer_jax.errors import UserError

HOLD = """
import sys, time
from dreamer_jax.data.owner import Owner
Owner(sys.argv[1], "experiments.train")
print("held", flush=True)
time.sleep(60)
"""


def holder(folder):
  """Another process that has taken the folder."""
  process = subprocess.Popen(
    [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
  )
  assert process.stdout.readline() == "held\n"
  return process


def rewrite(folder, **values):
  """Another owner stands in the file than had it."""
  path = folder / FILE
  there = json.loads(path.read_text())
  path.write_text(json.dumps(there | {"token": "other"} | values))


@pytest.fixture(autouse=True)
def fixture_quick(monkeypatch):
  """No test waits for long."""
  monkeypatch.setattr(owner_lib, "SILENT_SECS", 0.2)
  monkeypatch.setattr(owner_lib, "_LOOK_SECS", 0.02)


def test_a_second_is_told_who_has_the_folder(tmp_path):
  process = holder(tmp_path)
  try:
    with pytest.raises(UserError) as error:
      Owner(tmp_path, "experiments.collect")
  finally:
    process.kill()
    process.wait()
  text = str(error.value)
  assert "experiments.train" in text and f"process {process.pid}" in text
  assert "--workdir" in text
  with Owner(tmp_path, "experiments.collect"):  # the first was killed
    pass
  assert not os.listdir(tmp_path)


def test_a_number_that_is_used_again_is_another_process(tmp_path):
  first = Owner(tmp_path, "experiments.train")
  rewrite(tmp_path, pid=1, began=12.0)  # number 1 always lives
  Owner(tmp_path, "experiments.train").release()
  assert not (tmp_path / FILE).exists()
  first.release()


def test_another_host_is_heard_by_its_heart(tmp_path, monkeypatch):
  """Silent, it is taken over; else refused, though no process is seen."""
  Owner(tmp_path, "experiments.train")
  rewrite(tmp_path, host="elsewhere", pid=7)
  told = []
  Owner(tmp_path, "experiments.train", told.append).release()
  assert "process 7 on elsewhere" in told[0] and "sign of life" in told[0]

  Owner(tmp_path, "experiments.train")
  rewrite(tmp_path, host="elsewhere", pid=7)
  beats = itertools.count(time.time())
  monkeypatch.setattr(owner_lib, "_beat_of", lambda path: next(beats))
  with pytest.raises(UserError, match="process 7 on elsewhere"):
    Owner(tmp_path, "experiments.train", told.append)


def test_a_copy_of_a_live_folder_is_nobodys(tmp_path):
  """Nobody is told to kill the process that holds what was copied."""
  run, copy, moved = (tmp_path / name for name in ("run", "copy", "moved"))
  process = holder(run)
  try:
    shutil.copytree(run, copy)
    Owner(copy, "experiments.train").release()
    run.rename(moved)
    with pytest.raises(UserError, match=f"kill {process.pid}"):
      Owner(moved, "experiments.train")
  finally:
    process.kill()
    process.wait()


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_folder_that_was_moved_is_told(tmp_path, is_made_anew):
  run = tmp_path / "run"
  owner = Owner(run, "experiments.train")
  run.rename(tmp_path / "moved")
  if is_made_anew:
    run.mkdir()
  with pytest.raises(UserError, match="was moved or deleted"):
    owner.check()
  assert run.exists() == is_made_anew and not (run / FILE).exists()


@pytest.mark.parametrize("part", ["checkpoints", "demos"])
def test_a_part_of_a_run_is_no_run(tmp_path, part, monkeypatch):
  (tmp_path / "config.json").touch()
  monkeypatch.chdir(tmp_path)
  with pytest.raises(UserError, match="give the run's folder"):
    Owner(part, "experiments.train")
  assert not (tmp_path / part).exists()


def test_who_was_away_too_long_writes_no_more(tmp_path):
  first = Owner(tmp_path, "experiments.train")
  first.check()
  rewrite(tmp_path, host="elsewhere", pid=7)
  with pytest.raises(UserError, match=r"taken over by .*elsewhere"):
    first.check()
  first.release()  # the other's
  assert (tmp_path / FILE).exists()


def test_a_deleted_file_is_written_again(tmp_path):
  owner = Owner(tmp_path, "experiments.train")
  (tmp_path / FILE).unlink()
  owner.check()
  assert (tmp_path / FILE).exists()


def test_a_damaged_file_is_nobodys_in_the_end(tmp_path):
  (tmp_path / FILE).write_text('{"program": "exp')
  Owner(tmp_path, "experiments.train", lambda text: None).release()


RACE = """
import sys
from dreamer_jax.data.owner import Owner
from dreamer_jax.errors import UserError
sys.stdin.readline()
try:
  Owner(sys.argv[1], "experiments.train")
  print("got it", flush=True)
except UserError:
  print("refused", flush=True)
sys.stdin.read()
"""


def test_of_many_at_once_one_gets_it(tmp_path):
  processes = [
    subprocess.Popen(
      [sys.executable, "-c", RACE, str(tmp_path / "run")], text=True,
      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    for _ in range(4)
  ]  # fmt: skip
  for process in processes:
    process.stdin.write("go\n")
    process.stdin.flush()
  outcomes = sorted(p.stdout.readline().strip() for p in processes)
  for process in processes:
    process.communicate()
  assert outcomes == ["got it", "refused", "refused", "refused"]


def test_a_place_that_cannot_be_written(tmp_path):
  (tmp_path / "file").write_text("in the way")
  with pytest.raises(UserError, match="choose another --workdir"):
    Owner(tmp_path / "file" / "run", "experiments.train")
