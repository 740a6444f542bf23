import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from dreamer_jax.game.battle import OUTCOMES
from dreamer_jax.game.env import GameBoyEnv, StateError
from dreamer_jax.game.vector import VectorEnv, VectorStep, WorkerError

ACTIONS = np.random.default_rng(0).integers(0, 8, (8, 3))


@pytest.fixture(params=[0, 2])
def vector(request, rom):
  with VectorEnv(3, num_workers=request.param, rom=rom, max_steps=8) as env:
    yield env


def test_shows_what_single_environments_show(vector, rom):
  step = vector.reset(seeds=[5, 6, 7])
  assert step.is_first.all() and not step.episode_step.any()
  steps = [vector.step(actions) for actions in ACTIONS]
  single = GameBoyEnv(rom, max_steps=8)
  for i in range(3):
    _, info = single.reset(seed=5 + i)
    np.testing.assert_array_equal(step.packed[i], info["packed"])
    for t, action in enumerate(ACTIONS[:, i]):
      _, _, terminated, truncated, info = single.step(action)
      got = steps[t]
      np.testing.assert_array_equal(got.packed[i], info["packed"])
      np.testing.assert_array_equal(got.ram[i], info["ram"])
      np.testing.assert_array_equal(got.terms[i], info["terms"])
      assert got.is_terminal[i] == terminated
      assert got.is_last[i] == (terminated or truncated)
      assert OUTCOMES[got.outcome[i]] == info["outcome"]
      assert not got.is_first[i] and got.episode_step[i] == t + 1
  single.close()


def test_nothing_resets_itself(vector):
  vector.reset(seeds=[0, 1, 2])
  for actions in ACTIONS:
    step = vector.step(actions)
  assert step.is_last.all()
  with pytest.raises(ValueError, match="reset them first"):
    vector.step(ACTIONS[0])
  step = vector.reset([1], [9])
  assert step.is_first.tolist() == [False, True, False]
  assert step.is_last.tolist() == [True, False, True]
  after = vector.step(np.array([-1, 3, -1]))
  assert after.episode_step.tolist() == [8, 1, 8]
  np.testing.assert_array_equal(after.packed[0], step.packed[0])


def test_steps_are_copies(vector):
  first = vector.reset(seeds=[0, 1, 2])
  kept = first.ram.copy()
  vector.step(ACTIONS[0])
  np.testing.assert_array_equal(first.ram, kept)


def test_starts_from_saved_states(vector):
  vector.reset(seeds=[0, 1, 2])
  want = vector.step(ACTIONS[0])
  state = vector.save_state(2)
  got = vector.reset([0], states=[state])
  np.testing.assert_array_equal(got.ram[0], want.ram[2])
  np.testing.assert_array_equal(got.packed[0], want.packed[2])


def test_bad_state_keeps_its_sentence(vector):
  with pytest.raises(StateError, match="no state"):
    vector.reset([0], states=[b"x"])


def test_unstarted_environments_are_refused(vector):
  with pytest.raises(ValueError, match=r"\[0, 1, 2\]"):
    vector.step(ACTIONS[0])


def test_parts_use_every_worker(rom):
  with VectorEnv(7, num_workers=2, rom=rom) as env:
    parts = env.split()
    assert [part.tolist() for part in parts] == [[0, 1, 4, 5], [2, 3, 6]]
    assert [len(part) for part in env.split(3)] == [3, 2, 2]
  with VectorEnv(1, num_workers=0, rom=rom) as env:
    assert [part.tolist() for part in env.split()] == [[0]]


def test_parts_play_as_the_whole_does(vector):
  vector.reset(seeds=[5, 6, 7])
  want = [vector.step(actions) for actions in ACTIONS]
  first, second = np.array([0, 2]), np.array([1])
  vector.send_reset(first, [5, 7])
  vector.send_reset(second, [6])
  for actions, whole in zip(ACTIONS, want, strict=True):
    for part in (first, second):  # the other one's message is under way
      assert vector.receive(part).is_first.shape == part.shape
      vector.send_step(actions[part], part)
    got = vector.receive()
    for name in VectorStep._fields:
      a, b = getattr(got, name), getattr(whole, name)
      np.testing.assert_array_equal(a, b, name)


def test_what_plays_is_not_disturbed(vector):
  vector.reset(seeds=[0, 1, 2])
  part = np.array([1])
  vector.send_step(np.array([3]), part)
  for disturb in (
    lambda: vector.step(ACTIONS[0]),
    lambda: vector.reset([1]),
    lambda: vector.save_state(1),
  ):
    with pytest.raises(ValueError, match=r"\[1\] are playing: receive"):
      disturb()
  assert vector.receive(part).episode_step.tolist() == [1]
  assert vector.step(ACTIONS[0]).episode_step.tolist() == [1, 2, 1]


def test_pressing_blindly_plays_the_same(vector):
  vector.reset(seeds=[0, 1, 2])
  for actions in ACTIONS[:5]:
    want = vector.step(actions)
  vector.reset(seeds=[0, 1, 2])
  vector.press(ACTIONS[:4])
  with pytest.raises(ValueError, match="reset them first"):
    vector.step(ACTIONS[4])
  got = vector.save_state(2)
  vector.reset([2], states=[got])
  step = vector.step(np.array([-1, -1, ACTIONS[4, 2]]))
  np.testing.assert_array_equal(step.packed[2], want.packed[2])


def test_dead_worker_is_replaced(rom, caplog):
  with VectorEnv(3, num_workers=2, rom=rom, max_restarts=1) as env:
    want = env.reset(seeds=[0, 1, 2])
    os.kill(env.pids[0], signal.SIGKILL)
    env.send_step(np.array([4]), [0])
    env.send_step(np.array([4]), [1])
    step = env.receive([0])
    assert step.is_lost.all() and env.restarts == 1
    assert env.receive([1]).is_lost.all(), "its other message is gone too"
    assert "worker 0 (environments 0 to 1) died" in caplog.text
    with pytest.raises(ValueError, match=r"\[0, 1\] have no running episode"):
      env.step(ACTIONS[0])
    assert not env.step(np.array([-1, -1, 2])).is_lost[2]
    step = env.reset(seeds=[0, 1, 2])
    assert not step.is_lost.any()
    np.testing.assert_array_equal(step.packed, want.packed)
    env.step(ACTIONS[0])
    os.kill(env.pids[1], signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"worker 1 .* exit code -9"):
      env.step(ACTIONS[0])


def test_silent_worker_counts_as_dead(rom):
  with VectorEnv(1, num_workers=1, rom=rom, timeout_secs=20) as env:
    env.reset(seeds=[0])
    env._pool._timeout_secs = 0.2
    os.kill(env.pids[0], signal.SIGSTOP)
    with pytest.raises(WorkerError, match="did not answer"):
      env.step(ACTIONS[0, :1])
    assert not any(p.is_alive() for p in env._pool.processes)


def test_dead_worker_is_named(rom):
  with VectorEnv(3, num_workers=2, rom=rom) as env:
    env.reset(seeds=[0, 1, 2])
    os.kill(env.pids[1], signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"worker 1 .* exit code -9"):
      for _ in range(3):
        env.step(ACTIONS[0])
    assert not any(p.is_alive() for p in env._pool.processes)
    with pytest.raises(ValueError, match="closed"):
      env.reset()
  env.close()


def test_failing_worker_shows_its_traceback(rom):
  with pytest.raises(WorkerError, match="no_such_option"):
    VectorEnv(1, num_workers=1, rom=rom, no_such_option=1)


def run_script(text, *arguments, **options):
  script = textwrap.dedent(text)
  return subprocess.run(
    [sys.executable, "-c", script, *arguments],
    capture_output=True,
    text=True,
    timeout=60,
    **options,
  )


def test_game_and_workers_import_no_jax(rom):
  result = run_script(
    """
    import sys
    from dreamer_jax.game import env, vector, worker
    assert "jax" not in sys.modules
    import jax
    from dreamer_jax.game import rom
    found = rom.find(allow_unknown=True)
    with vector.VectorEnv(1, num_workers=1, rom=found) as env:
      env.reset(seeds=[0])
      maps = open(f"/proc/{env.pids[0]}/maps").read()
      assert "jaxlib" not in maps and "pyboy" in maps
    """
  )
  assert result.returncode == 0, result.stderr


def test_nothing_is_left_when_nobody_closes(rom):
  before = set(os.listdir("/dev/shm"))
  result = run_script(
    """
    from dreamer_jax.game import rom, vector
    found = rom.find(allow_unknown=True)
    env = vector.VectorEnv(2, num_workers=2, rom=found)
    env.reset(seeds=[0, 1])
    print(*[pid for pid in env.pids])
    """
  )
  assert result.returncode == 0 and not result.stderr, result.stderr
  for pid in map(int, result.stdout.split()):
    with pytest.raises(ProcessLookupError):
      os.kill(pid, 0)
  assert set(os.listdir("/dev/shm")) <= before


def test_workers_end_with_a_killed_parent(rom):
  result = run_script(
    """
    import os, signal
    from dreamer_jax.game import rom, vector
    found = rom.find(allow_unknown=True)
    env = vector.VectorEnv(2, num_workers=2, rom=found)
    print(*[pid for pid in env.pids], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    """
  )
  assert result.returncode == -9
  deadline = time.time() + 20
  alive = set(map(int, result.stdout.split()))
  while alive and time.time() < deadline:
    alive = {pid for pid in alive if is_running(pid)}
    time.sleep(0.05)
  assert not alive


def is_running(pid):
  """Whether a process runs; a zombie that nobody waits for does not."""
  try:
    with open(f"/proc/{pid}/stat") as file:
      return file.read().rsplit(")", 1)[1].split()[0] != "Z"
  except FileNotFoundError:
    return False
