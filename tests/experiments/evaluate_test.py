import json
import os
import subprocess
import sys


def evaluate(*flags):
  return subprocess.run(
    [sys.executable, "-m", "experiments.evaluate", *flags],
    capture_output=True, text=True, timeout=300,
    env={**os.environ, "COLUMNS": "80"},
  )  # fmt: skip


def test_the_dream_alone(checkpoint, tmp_path):
  flags = [
    f"--checkpoint={checkpoint}", f"--out={tmp_path}", "--world_only",
    "--seed=1299000",
  ]  # fmt: skip
  result = evaluate(*flags)
  assert result.returncode == 0, result.stderr
  assert "targets met" in result.stdout
  assert "Badges an episode" not in result.stdout
  report = json.loads((tmp_path / "report.json").read_text())
  assert report["seed"] == 1_299_000
  for flag in flags:
    assert flag in report["command"]
  assert report["dream"]["branches"]["moments"] == 2
  figures = sorted(p.name for p in (tmp_path / "figures").iterdir())
  assert "drift.svg" in figures and "pixels.svg" in figures


def test_no_checkpoint_is_one_sentence(tmp_path):
  result = evaluate(f"--checkpoint={tmp_path}", "--world_only")
  assert result.returncode == 1
  assert result.stderr.startswith("error: no checkpoint in")
