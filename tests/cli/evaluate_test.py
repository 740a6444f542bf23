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


def test_play_and_its_film(checkpoint, tmp_path):
  result = evaluate(
    f"--checkpoint={checkpoint}", f"--out={tmp_path}", "--seed=1299100",
    "--episodes=1", "--max_steps=40", "--goal_trials=1", "--video",
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  assert "From power-on, 1 episodes, at most 40 actions" in result.stdout
  report = json.loads((tmp_path / "report.json").read_text())
  assert report["budget"] == 40
  assert (tmp_path / "figures" / "visited.png").stat().st_size > 1000
  film = tmp_path / "videos" / "foresight.mp4"
  assert film.stat().st_size > 1000
  assert "videos/foresight.mp4" in (tmp_path / "report.html").read_text()


def test_a_film_wants_play(tmp_path):
  result = evaluate(f"--checkpoint={tmp_path}", "--world_only", "--video")
  assert result.returncode == 1
  assert "plays nothing" in result.stderr


def test_no_checkpoint_is_one_sentence(tmp_path):
  result = evaluate(f"--checkpoint={tmp_path}", "--world_only")
  assert result.returncode == 1
  assert result.stderr.startswith("error: no checkpoint in")
