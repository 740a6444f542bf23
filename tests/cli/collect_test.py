import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

from dreamer_jax.data import episodes, owner


@pytest.fixture
def collect(tmp_path):
  def run(*flags, **variables):
    environment = {**os.environ, "COLUMNS": "200", **variables}
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.collect", "--policy=sticky",
        "--episodes=2", "--max_steps=3", "--num_envs=2", "--num_workers=0",
        f"--workdir={tmp_path}", *flags,
      ],
      capture_output=True, text=True, timeout=60, env=environment,
    )  # fmt: skip

  return run


def test_collects_and_resumes(collect, tmp_path):
  result = collect()
  assert result.returncode == 0, result.stderr
  files = sorted((tmp_path / "episodes").iterdir())
  assert len(files) == 2 and str(tmp_path / "episodes") in result.stdout
  lost = files[1].read_bytes()
  files[1].unlink()
  result = collect()
  assert "1 episodes" in result.stdout and "1 are there" in result.stdout
  assert files[1].read_bytes() == lost
  result = collect()
  assert result.returncode == 0 and "0 episodes" in result.stdout


@pytest.mark.parametrize(
  ("flags", "phrase"),
  [
    (["--max_steps=4"], "max_steps 3, not 4"),
    (["--policy=random"], "policy sticky, not random"),
    (["--stop_badges=2", "--episodes=9"], "stop_badges 1, not 2"),
    (["--max_steps=4", "--transitions=50"], "max_steps 3, not 4"),
  ],
)
def test_other_settings_are_not_taken_for_those_asked(
  collect, tmp_path, flags, phrase
):
  assert collect().returncode == 0
  before = {p.name: p.read_bytes() for p in (tmp_path / "episodes").iterdir()}
  result = collect(*flags)
  assert result.returncode == 1 and result.stderr.count("\n") == 1
  assert "0 episodes played: 2 of those asked for" in result.stderr
  assert phrase in result.stderr
  after = {p.name: p.read_bytes() for p in (tmp_path / "episodes").iterdir()}
  assert after == before
  assert collect("--max_steps=4", "--seed=10").returncode == 0  # others may be


def test_a_folder_keeps_to_one_game(collect, tmp_path, other_rom):
  assert collect().returncode == 0
  for how in (
    {"flags": [f"--rom={other_rom}"]},
    {"flags": ["--seed=50"], "DREAMER_ROM": other_rom},
  ):
    flags = how.pop("flags")
    result = collect("--allow_unknown_rom", *flags, **how)
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert "Lantern Isle (SHA-1" in result.stderr
    assert "--workdir" in result.stderr
  assert len(list((tmp_path / "episodes").iterdir())) == 2


@pytest.mark.parametrize(
  ("flags", "reason"),
  [
    (["--rom=/no/such.gb"], "error: cannot read the ROM /no/such.gb"),
    (["--workdir=/proc/none"], "error: cannot make the folder"),
  ],
)
def test_known_errors_are_one_sentence(collect, flags, reason):
  result = collect(*flags)
  assert result.returncode == 1
  assert result.stderr.startswith(reason) and result.stderr.count("\n") == 1


def test_says_what_is_covered_and_replays_it(collect, tmp_path):
  result = collect("--verify=2")
  assert result.returncode == 0, result.stderr
  assert "replayed 2 episodes: all 8 frames are the same" in result.stdout
  report = json.loads((tmp_path / "coverage.json").read_text())
  assert report["episodes"] == 2 and report["transitions"] == 6
  for name in ("battles", "menus", "species", "Duskhaven"):
    assert name in result.stdout


def test_collects_so_many_transitions(collect, tmp_path):
  result = collect("--transitions=10")
  assert result.returncode == 0, result.stderr
  assert len(list((tmp_path / "episodes").iterdir())) == 4
  result = collect("--transitions=13")
  assert "4 are there" in result.stdout
  assert len(list((tmp_path / "episodes").iterdir())) == 5


def test_a_replay_that_differs_is_an_error(collect, tmp_path):
  collect()
  path = sorted((tmp_path / "episodes").iterdir())[1]
  episode = episodes.load(path)
  packed = episode.packed.copy()
  packed[2, 0, 0, 0] ^= 1
  episodes.save(path, episodes.dataclasses.replace(episode, packed=packed))
  result = collect("--verify=2")
  assert result.returncode == 1
  assert "the first is seed 1, in packed at step 2" in result.stderr


def test_start_states_and_what_cannot_be_replayed(collect, tmp_path):
  archive = str(tmp_path / "starts")
  made = subprocess.run(
    [sys.executable, "-m", "experiments.make_start_states", "--count=1",
     f"--out={archive}"],
    capture_output=True, text=True, timeout=60,
  )  # fmt: skip
  assert made.returncode == 0, made.stderr
  flag = f"--start_states={archive}"
  result = collect("--verify=2", flag, "--start_mix=intro-0=1,power-on=1",
                   "--episodes=6", "--verify=6")  # fmt: skip
  assert "replayed 6 episodes: all 24 frames are the same" in result.stdout
  result = collect("--verify=7", "--seed=6", "--episodes=1")
  assert re.search(r"replayed \d episodes: .* skipped \d that", result.stdout)
  assert "it began at the start state 'intro-0'" in result.stdout


def test_an_explorer_is_a_source_of_its_own(collect, tmp_path):
  result = collect("--policy=explorer", "--max_steps=4", "--verify=1")
  assert result.returncode == 0, result.stderr
  paths = sorted((tmp_path / "episodes").iterdir())
  assert [p.name for p in paths] == [
    f"000-explorer-000000000{i}.ep" for i in range(2)
  ]
  meta = episodes.load_header(paths[0])["meta"]
  assert meta["env"]["stop_badges"] is None  # it goes on to every map


def workers_of(pid):
  """Process ids of the emulators' workers, once there are two."""
  deadline = time.time() + 60
  while time.time() < deadline:
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    found = []
    for child in children.read_text().split():
      with contextlib.suppress(OSError):  # it may have ended
        command = pathlib.Path(f"/proc/{child}/cmdline").read_bytes()
        if b"spawn_main" in command:
          found.append(int(child))
    if len(found) == 2:
      return found
    time.sleep(0.05)
  raise AssertionError("no workers")


def cpu_secs(pid):
  """Processor time of a process, which tells its progress on any machine."""
  stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
  return sum(map(int, stat.split()[11:13])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("program", ["collect", "fuzz"])
def test_a_killed_worker_is_replaced(program, tmp_path):
  flags = {
    "collect": ["--policy=random", "--episodes=12", "--max_steps=1200"],
    "fuzz": ["--steps=14400", "--episode_steps=200", "--states=0"],
  }[program]
  flags += [f"--workdir={tmp_path}"] if program == "collect" else []
  process = subprocess.Popen(
    [
      sys.executable, "-m", f"experiments.{program}", "--num_envs=4",
      "--num_workers=2", *flags,
    ],
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    env={**os.environ, "COLUMNS": "200"},
  )  # fmt: skip
  victim = workers_of(process.pid)[0]
  while cpu_secs(victim) < 2.5:  # booting takes about 1
    time.sleep(0.05)
  os.kill(victim, signal.SIGKILL)
  out, err = process.communicate(timeout=120)
  assert "worker 0 (environments 0 to 1) died with exit code -9" in err
  assert "started again (1 of" in err
  if program == "collect":
    assert process.returncode == 0, err
    assert len(list((tmp_path / "episodes").iterdir())) == 12
  else:
    assert process.returncode == 1 and "1 workers died or hung" in err
    (played,) = re.findall(r"transitions +([0-9,]+)", out)
    assert int(played.replace(",", "")) >= 14400


def test_a_folder_that_another_process_has_is_refused(collect, tmp_path):
  with owner.Owner(tmp_path, "experiments.train"):
    result = collect()
  assert result.returncode == 1 and not (tmp_path / "episodes").exists()
  assert result.stderr.startswith("error: ")
  for part in ("experiments.train", f"process {os.getpid()}", "--workdir"):
    assert part in result.stderr
  assert collect().returncode == 0
  assert not (tmp_path / owner.FILE).exists()
