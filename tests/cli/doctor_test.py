import os
import subprocess
import sys

import pytest


@pytest.fixture
def doctor(tmp_path):
  def run(*flags):
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.doctor", "--secs=0.1",
        f"--out={tmp_path}", *flags,
      ],
      capture_output=True, text=True, timeout=60,
      env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip

  return run


def test_writes_its_page(doctor, tmp_path):
  result = doctor()
  assert result.returncode == 0, result.stderr
  assert result.stderr == ""
  assert sorted(p.name for p in tmp_path.iterdir()) == [
    "doctor.html", "doctor.png",
  ]  # fmt: skip
  assert "fit for use" in result.stdout and "determinism" in result.stdout


def test_exit_code_says_that_a_check_failed(doctor):
  result = doctor("--max_actions=2")
  assert result.returncode == 1 and "not fit for use" in result.stdout
