"""The programs as a person runs them: to the end, killed, and misused."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time

import jax
import numpy as np
import pytest

from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.data.episodes import load
from dreamer_jax.training import metrics as metrics_lib
from dreamer_jax.training.progress import PHASES

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
  return metrics_lib.read(os.path.join(workdir, "metrics.jsonl"))


def check_finished(workdir):
  """All phases of both rounds, once each, and no half-written episode."""
  phases = [r["phase"] for r in records(workdir)]
  starts = [b for a, b in zip(["", *phases], phases, strict=False) if a != b]
  assert starts == list(PHASES) * 2
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
  assert set(report["baselines"]) == {
    "bc",
    "bc_cold",
    "expert",
    "greedy",
    "planned",
    "random",
  }
  assert os.path.getsize(os.path.join(workdir, "report.html")) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("round_", [0, 1])
@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_any_phase(tmp_path, phase, round_):
  kill_in(phase, round_, str(tmp_path))
  done = run("train", DEBUG, f"--workdir={tmp_path}")
  assert done.returncode == 0, done.stderr
  check_finished(str(tmp_path))


def learned(workdir):
  """Records of the learning phases, without rates; a resume plays less."""
  return [
    {k: v for k, v in record.items() if not k.endswith("_hz")}
    for record in records(workdir)
    if record["phase"] not in ("collect", "play")
  ]


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path):
  """SIGKILL after SIGKILL: each time it goes on, and ends the same."""
  kills, rng = int(os.environ.get("DREAMER_KILLS", "50")), random.Random(0)
  whole = str(tmp_path / "whole")
  began = time.monotonic()
  assert run("train", DEBUG, f"--workdir={whole}").returncode == 0
  longest = time.monotonic() - began
  number, workdir = 0, str(tmp_path / "0")
  while kills:
    process = subprocess.Popen(
      command("train", DEBUG, f"--workdir={workdir}"),
      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
      _, stderr = process.communicate(timeout=rng.uniform(1.0, longest))
    except subprocess.TimeoutExpired:
      process.kill()
      process.communicate()
      kills -= 1
      continue
    assert process.returncode == 0, stderr
    assert learned(workdir) == learned(whole)
    number += 1  # it came to its end: the next kills are for another run
    workdir = str(tmp_path / str(number))
  done = run("train", DEBUG, f"--workdir={workdir}")
  assert done.returncode == 0, done.stderr
  check_finished(workdir)
  assert learned(workdir) == learned(whole)


TWO = (
  DEBUG, "--config.rounds=1", "--config.world_model.schedule.updates=20",
  "--config.policy.cloning.updates=0", "--config.policy.schedule.updates=0",
  "--config.policy.cloning.batch=4",
  "--config.data.scripted.demo_episodes=6",
  "--config.data.scripted.explore_episodes=6",
  "--config.data.validation=0.2", "--num_processes=2",
)  # fmt: skip


def start_two(workdir):
  """Two processes of one run, on loopback."""
  with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
  flags = [*TWO, f"--workdir={workdir}", f"--coordinator=127.0.0.1:{port}"]
  return [
    subprocess.Popen(
      command("train", *flags, f"--process_id={i}"),
      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    for i in range(2)
  ]  # fmt: skip


def finish(processes):
  for process in processes:
    _, stderr = process.communicate(timeout=900)
    assert process.returncode == 0, stderr[-3000:]


@pytest.mark.slow
def test_two_processes_are_killed_and_go_on(tmp_path):
  """They end with the parameters of two that nobody killed."""
  whole, broken = str(tmp_path / "whole"), str(tmp_path / "broken")
  finish(start_two(whole))
  processes = start_two(broken)
  metrics = os.path.join(broken, "metrics.jsonl")
  updates = 0
  while updates < 4:
    time.sleep(0.05)
    assert all(p.poll() is None for p in processes)
    if os.path.exists(metrics):
      with open(metrics, encoding="utf-8") as file:
        updates = file.read().count('"phase": "world"')
  for process in processes:
    process.kill()
    process.communicate()
  finish(start_two(broken))
  assert learned(broken) == learned(whole)
  params = [agent_lib.load(w).world_params for w in (whole, broken)]
  for a, b in zip(*map(jax.tree.leaves, params), strict=True):
    np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_a_process_that_is_lost_ends_the_run(tmp_path):
  """One sentence, and a checkpoint to go on from."""
  processes = start_two(str(tmp_path))
  while not os.path.exists(tmp_path / "metrics.jsonl") or not learned(tmp_path):
    time.sleep(0.05)
    assert all(p.poll() is None for p in processes)
  processes[1].kill()
  _, stderr = processes[0].communicate(timeout=300)
  processes[1].communicate()
  assert processes[0].returncode != 0
  assert "another process of this run was lost" in stderr
  finish(start_two(str(tmp_path)))


@pytest.mark.parametrize(
  ("flags", "sentence"),
  [
    (
      [DEBUG, "--config.world.detre=3"],
      "did you mean 'world_model.network.deter'?",
    ),
    (["--config=nowhere.py"], "there is no such file"),
    ([DEBUG, "--config.env.rom=/nowhere/red.gb"], "/nowhere/red.gb"),
    ([DEBUG, "--workdir=/proc/run"], "/proc/run"),
    ([DEBUG, "extra"], "unknown argument 'extra'"),
    ([DEBUG, "--devices=99"], "--devices=99"),
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
