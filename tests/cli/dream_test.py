import os
import subprocess
import sys

import pytest


@pytest.fixture
def dream(checkpoint, tmp_path):
  def run(*flags):
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.dream", "--seed=7", "--steps=6",
        "--context=3", f"--out={tmp_path}", f"--checkpoint={checkpoint}",
        *flags,
      ],
      capture_output=True, text=True, timeout=120,
      env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip

  return run


@pytest.mark.parametrize(
  "actions",
  ["policy", pytest.param("expert", marks=pytest.mark.slow)],
)
def test_writes_video_gif_and_strip(dream, tmp_path, actions):
  result = dream(f"--actions={actions}")
  assert result.returncode == 0, result.stderr
  names = sorted(p.name for p in tmp_path.iterdir())
  assert names == ["dream-7.gif", "dream-7.mp4", "dream-7.png"]
  assert "pixels right" in result.stdout
  assert f"{tmp_path}/dream-7.mp4" in result.stdout.replace("\n", "")


def test_no_checkpoint_is_one_sentence(dream, tmp_path):
  result = dream(f"--checkpoint={tmp_path}")
  assert result.returncode == 1
  assert result.stderr.startswith("error: no checkpoint in")
