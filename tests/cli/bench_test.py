import json
import os
import subprocess
import sys

import pytest

LABELS = {
  "world model", "dream step with picture, batch 1", "imagination with PPO",
  "one emulator alone", "emulators alone", "collect, random play",
  "collect, network acting", "act, one core, batch 1",
}  # fmt: skip


def bench(*flags):
  return subprocess.run(
    [
      sys.executable, "-m", "experiments.bench", "--repeats=1",
      "--codebook=24", "--config=experiments/configs/debug.py", *flags,
    ],
    capture_output=True, text=True, timeout=300,
    env={**os.environ, "COLUMNS": "80"},
  )  # fmt: skip


@pytest.mark.slow
def test_measures_everything(tmp_path):
  path = tmp_path / "new" / "bench.json"
  result = bench(f"--json={path}")
  assert result.returncode == 0, result.stderr
  assert "…" not in result.stdout
  tree = json.loads(path.read_text())
  assert set(tree["rates"]) == LABELS
  assert all(rate["median"] > 0 for rate in tree["rates"].values())
  parts = tree["world_update"]
  assert list(parts) == [
    "encoder", "RSSM scan", "decoder, tile loss", "heads", "prior, KL",
    "ensemble",
    "optimizer", "sampling, rest",
  ]  # fmt: skip
  assert parts["decoder, tile loss"]["gflop"] > 0
  assert set(tree["matmul_peak_gflops"]) == {"before", "after"}
  assert 0 < tree["world"]["share_of_peak"] < 2
  text = path.with_suffix(".md").read_text()
  assert "| optimizer |" in text and "| world model |" in text


def test_an_unknown_kind_is_refused():
  result = bench("--what=nonsense")
  assert result.returncode == 1 and "give it one or more of" in result.stderr
