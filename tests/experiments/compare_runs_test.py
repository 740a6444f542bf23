"""Several runs of a preset, compared with their runs as units."""

import json
import subprocess
import sys


def run(*flags):
  return subprocess.run(
    [sys.executable, "-m", "experiments.compare_runs", *flags],
    capture_output=True, text=True,
  )  # fmt: skip


def test_runs_are_the_units(checkpoint, tmp_path):
  """The same run twice: no spread between them."""
  path = tmp_path / "runs.json"
  done = run(
    f"--checkpoints={checkpoint},{checkpoint}", "--episodes=2",
    "--max_steps=300", f"--json={path}",
  )  # fmt: skip
  assert done.returncode == 0, done.stderr
  tree = json.loads(path.read_text())
  found = tree["policies"]
  assert list(found) == ["clone", "colder clone", "agent", "script"]
  assert found["agent"]["seeds"] == 2 and "less the" in done.stdout
  first = found["script"]["figures"]["badge 1"]
  assert first["by_seed"][0] == first["by_seed"][1] <= 300
  against = found["agent"]["against"]["return"]["by_seed"]
  assert against[0] == against[1]
  assert tree["budget"] == 300 and list(tree["values"]) == [checkpoint]


def test_without_runs_it_says_so(tmp_path):
  done = run(f"--checkpoints={tmp_path}/none")
  assert done.returncode == 1 and "none" in done.stderr
  assert "Traceback" not in done.stderr
