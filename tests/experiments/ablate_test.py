"""Variants of the world model are trained, judged, and not done twice."""

import json
import pathlib
import subprocess
import sys


def ablate(*flags):
  return subprocess.run(
    [sys.executable, "-m", "experiments.ablate",
     "--config=experiments/configs/debug.py", "--config.env.max_steps=150",
     "--config.data.explore_steps=150", "--cpu_secs=1", "--seeds=1",
     "--episodes=3", "--windows=4", *flags],
    capture_output=True, text=True, timeout=400,
  )  # fmt: skip


def test_variants_are_compared_and_kept(checkpoint, tmp_path):
  path = tmp_path / "ablation.json"
  flags = [f"--workdir={checkpoint}", f"--json={path}"]
  result = ablate(*flags, "--variants=as it is,pixel decoder")
  assert result.returncode == 0, result.stderr
  assert "pixel decoder" in result.stdout
  results = json.loads(path.read_text())
  assert list(results) == ["as it is", "pixel decoder"]
  for seeds in results.values():
    assert seeds["0"]["updates"] >= 2 and seeds["0"]["drift_50"] > 0
  before = path.stat().st_mtime_ns
  again = ablate(*flags, "--variants=as it is")
  assert again.returncode == 0 and path.stat().st_mtime_ns == before


def test_an_unknown_variant_is_named(checkpoint):
  result = ablate(f"--workdir={checkpoint}", "--variants=bigger")
  assert result.returncode == 1
  assert "'bigger'" in result.stderr and "rep 1.0" in result.stderr


def test_a_folder_without_episodes_is_refused(tmp_path):
  result = ablate(f"--workdir={tmp_path}")
  assert result.returncode == 1 and "experiments.train" in result.stderr
  assert pathlib.Path(tmp_path).is_dir()
