import os
import subprocess
import sys

import pytest


@pytest.fixture
def collect(tmp_path):
  def run(*flags, **variables):
    environment = {**os.environ, "COLUMNS": "200", **variables}
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.collect", "--policy=sticky",
        "--episodes=2", "--max_steps=3", "--num_envs=2", "--num_workers=0",
        f"--workdir={tmp_path}", *flags,
      ],
      capture_output=True, text=True, timeout=60, env=environment,
    )  # fmt: skip

  return run


def test_collects_and_resumes(collect, tmp_path):
  result = collect()
  assert result.returncode == 0, result.stderr
  files = sorted((tmp_path / "episodes").iterdir())
  assert len(files) == 2 and str(tmp_path / "episodes") in result.stdout
  lost = files[1].read_bytes()
  files[1].unlink()
  result = collect()
  assert "1 episodes" in result.stdout and "1 are there" in result.stdout
  assert files[1].read_bytes() == lost
  result = collect()
  assert result.returncode == 0 and "0 episodes" in result.stdout


@pytest.mark.parametrize(
  ("flags", "reason"),
  [
    (["--rom=/no/such.gb"], "error: cannot read the ROM /no/such.gb"),
    (["--workdir=/proc/none"], "error: cannot make the folder"),
  ],
)
def test_known_errors_are_one_sentence(collect, flags, reason):
  result = collect(*flags)
  assert result.returncode == 1
  assert result.stderr.startswith(reason) and result.stderr.count("\n") == 1
