"""The programs as a person runs them: to the end, killed, and misused."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from dreamer_jax.data.episodes import load

DEBUG = "--config=experiments/configs/debug.py"


def command(program, *flags):
  return [sys.executable, "-m", f"experiments.{program}", *flags]


def run(program, *flags):
  return subprocess.run(
    command(program, *flags), capture_output=True, text=True, timeout=400
  )


def kill_in(phase, round_, workdir):
  """Starts training and sends SIGKILL once the phase has reported."""
  process = subprocess.Popen(
    command("train", DEBUG, f"--workdir={workdir}"),
    stdout=subprocess.DEVNULL,
  )
  metrics = os.path.join(workdir, "metrics.jsonl")
  deadline = time.monotonic() + 300
  seen = 0
  while seen <= round_ and process.poll() is None:
    assert time.monotonic() < deadline
    time.sleep(0.02)
    if os.path.exists(metrics):
      with open(metrics, encoding="utf-8") as file:
        phases = [line.split('"phase": "')[1].split('"')[0] for line in file
                  if line.endswith("}\n")]  # fmt: skip
      starts = [
        b for a, b in zip(["", *phases], phases, strict=False) if a != b
      ]
      seen = starts.count(phase)
  process.send_signal(signal.SIGKILL)
  process.wait()


def records(workdir):
  with open(os.path.join(workdir, "metrics.jsonl"), encoding="utf-8") as file:
    return [json.loads(line) for line in file]


def check_finished(workdir):
  """All phases of both rounds, once each, and no half-written episode."""
  phases = [r["phase"] for r in records(workdir)]
  starts = [b for a, b in zip(["", *phases], phases, strict=False) if a != b]
  assert starts == ["collect", "world", "clone", "dream"] * 2
  for folder in ("demos", "episodes"):
    for name in os.listdir(os.path.join(workdir, folder)):
      if name.endswith(".ep"):
        load(os.path.join(workdir, folder, name))


def test_killed_resumed_evaluated(tmp_path):
  """The whole line through the programs, with a SIGKILL on the way."""
  workdir = str(tmp_path / "run")
  kill_in("world", 0, workdir)
  done = run("train", DEBUG, f"--workdir={workdir}")
  assert done.returncode == 0, done.stderr
  assert f"--checkpoint={workdir}" in done.stdout.replace("\n", "")
  check_finished(workdir)

  done = run(
    "evaluate", f"--checkpoint={workdir}", "--episodes=2", "--step=best"
  )
  assert done.returncode == 0, done.stderr
  with open(os.path.join(workdir, "report.json"), encoding="utf-8") as file:
    report = json.load(file)
  assert set(report["drift_tiles"]) == {"1", "5", "15", "50"}
  assert len(report["badges"]["per_episode"]) == 2
  assert set(report["baselines"]) == {"bc", "random"}
  assert os.path.getsize(os.path.join(workdir, "report.html")) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("round_", [0, 1])
@pytest.mark.parametrize("phase", ["collect", "world", "clone", "dream"])
def test_killed_in_any_phase(tmp_path, phase, round_):
  kill_in(phase, round_, str(tmp_path))
  done = run("train", DEBUG, f"--workdir={tmp_path}")
  assert done.returncode == 0, done.stderr
  check_finished(str(tmp_path))


@pytest.mark.parametrize(
  ("flags", "sentence"),
  [
    ([DEBUG, "--config.world.detre=3"], "did you mean 'deter'?"),
    (["--config=nowhere.py"], "there is no such file"),
    ([DEBUG, "--config.env.rom=/nowhere/red.gb"], "/nowhere/red.gb"),
    ([DEBUG, "--workdir=/proc/run"], "/proc/run"),
    ([DEBUG, "extra"], "unknown argument 'extra'"),
  ],
)
def test_misuse_is_one_sentence(flags, sentence, tmp_path):
  workdir = [] if any("workdir" in f for f in flags) else [
    f"--workdir={tmp_path / 'run'}"
  ]  # fmt: skip
  done = run("train", *workdir, *flags)
  assert done.returncode != 0
  assert done.stderr.startswith("error: ") and sentence in done.stderr
  assert "Traceback" not in done.stderr


def test_a_file_that_is_no_rom(tmp_path):
  rom = tmp_path / "notes.gb"
  rom.write_bytes(b"not a game")
  done = run(
    "train", DEBUG, f"--config.env.rom={rom}", f"--workdir={tmp_path / 'run'}"
  )
  assert done.returncode == 1 and done.stderr.startswith("error: ")
