import json
import os
import subprocess
import sys

import pytest

from dreamer_jax.training.model_free import player


@pytest.fixture
def model_free(checkpoint, tmp_path):
  def run(*flags):
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.model_free",
        f"--like={checkpoint}", f"--workdir={tmp_path}", *flags,
      ],
      capture_output=True, text=True, timeout=300,
      env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip

  return run


def test_learns_resumes_and_says_how_to_measure_it(model_free, tmp_path):
  result = model_free("--steps=40")
  assert result.returncode == 0, result.stderr
  assert f"--model_free={tmp_path}" in result.stdout
  first = json.loads((tmp_path / "metrics.jsonl").read_text().splitlines()[-1])
  assert first["phase"] == "model_free" and first["env_steps"] >= 40
  result = model_free("--steps=60")
  assert result.returncode == 0, result.stderr
  records = (tmp_path / "metrics.jsonl").read_text().splitlines()
  assert json.loads(records[-1])["env_steps"] >= 60
  assert len(records) > first["tick"]
  _, meta = player.policy_maker(str(tmp_path))
  assert meta["position"]["env_steps"] >= 60


def test_needs_to_know_how_many_steps(model_free):
  result = model_free()
  assert result.returncode == 1
  assert "say with --steps how many" in result.stderr
