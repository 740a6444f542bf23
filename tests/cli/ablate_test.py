"""Variants of the world model are trained, judged, and not done twice."""

import json
import subprocess
import sys

import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.training.dataset import Experience


def ablate(*flags):
  return subprocess.run(
    [sys.executable, "-m", "experiments.ablate",
     "--config=experiments/configs/debug.py", "--config.env.max_steps=150",
     "--config.data.scripted.explore_steps=150", "--cpu_secs=1", "--seeds=1",
     "--episodes=3", "--windows=4", *flags],
    capture_output=True, text=True, timeout=400,
  )  # fmt: skip


@pytest.fixture(name="workdir", scope="module")
def fixture_workdir(tmp_path_factory):
  """A folder with the episodes of a run's first round."""
  config = change(
    presets.debug(), {"env.max_steps": 150, "data.scripted.explore_steps": 150}
  )
  folder = str(tmp_path_factory.mktemp("run"))
  experience = Experience(config, folder)
  for job in experience.missing(0):
    assert list(experience.play(0, job, None, lambda steps: None))
  return folder


@pytest.mark.slow  # three variants are compiled and trained
def test_variants_are_measured_once_and_compared(workdir, tmp_path):
  path = tmp_path / "ablation.json"
  flags = [f"--workdir={workdir}", f"--json={path}"]
  result = ablate(*flags, "--variants=pixel decoder")
  assert result.returncode == 0, result.stderr
  results = json.loads(path.read_text())
  measured = results["pixel decoder"]["0"]
  assert measured["updates"] >= 2 and measured["drift_50"] > 0
  assert "pixel decoder" in (tmp_path / "ablation.svg").read_text()
  path.write_text(json.dumps({"as it is": {"0": measured}, **results}))
  before = path.stat().st_mtime_ns
  again = ablate(*flags, "--variants=as it is,pixel decoder")
  assert again.returncode == 0 and path.stat().st_mtime_ns == before
  assert "as it is" in again.stdout and "pixel decoder" in again.stdout


def test_an_unknown_variant_is_named(workdir):
  result = ablate(f"--workdir={workdir}", "--variants=bigger")
  assert result.returncode == 1
  assert "'bigger'" in result.stderr and "rep 1.0" in result.stderr


def test_a_folder_without_episodes_is_refused(tmp_path):
  result = ablate(f"--workdir={tmp_path}")
  assert result.returncode == 1 and "dreamer-jax train" in result.stderr
