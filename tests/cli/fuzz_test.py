import json
import os
import subprocess
import sys


def test_plays_and_reports(tmp_path):
  result = subprocess.run(
    [
      sys.executable, "-m", "experiments.fuzz", "--num_envs=4",
      "--num_workers=1", "--episode_steps=20", "--states=3", "--every=5",
      "--steps=200", f"--json={tmp_path / 'fuzz.json'}", "--max_growth=1",
    ],
    capture_output=True, text=True, timeout=120,
    env={**os.environ, "COLUMNS": "100"},
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  assert "Nothing broke." in result.stdout
  report = json.loads((tmp_path / "fuzz.json").read_text())
  assert report["env_steps"] >= 200 and report["restarts"] == 0
  assert report["faults"] == [] and report["coverage"]["transitions"] >= 200
  if sys.platform == "linux":
    names = {process["name"] for process in report["memory"]}
    assert names == {"this process", "worker 0"}
