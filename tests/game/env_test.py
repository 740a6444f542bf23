import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game import frames
from dreamer_jax.game.env import GameBoyEnv, StateError


@pytest.fixture
def env(rom):
  env = GameBoyEnv(rom, max_steps=6, render_mode="rgb_array")
  yield env
  env.close()


def play(env, seed, actions):
  """Everything that an episode shows."""
  shown = [env.reset(seed=seed)]
  shown += [env.step(action)[::4] for action in actions]
  return [(frame, info["ram"], info["terms"]) for frame, info in shown]


def assert_same(first, second):
  for one, two in zip(first, second, strict=True):
    for a, b in zip(one, two, strict=True):
      np.testing.assert_array_equal(a, b)


def test_gymnasium_contract(env):
  with warnings.catch_warnings():
    warnings.simplefilter("error")
    # Only `gymnasium.make` gives a spec, from which modes are tested.
    warnings.filterwarnings("ignore", message=".*alternative render modes.*")
    check_env(env)


def test_buttons_are_the_contracts_actions():
  assert BUTTONS == BUTTONS


def test_info_agrees_with_the_observation(env):
  frame, info = env.reset(seed=0)
  np.testing.assert_array_equal(frames.unpack(info["packed"]), frame)
  assert not info["terms"].any() and info["outcome"] == ""
  frame, reward, _, _, info = env.step(2)
  np.testing.assert_array_equal(frames.unpack(info["packed"]), frame)
  weights = [10, 2, 0.5, 1, 0.01, -0.05, -0.001]
  assert reward == pytest.approx(float(np.dot(weights, info["terms"])))
  assert env.render().shape == (144, 160, 3)


def test_episode_is_a_function_of_seed_and_actions(rom, env):
  actions = np.random.default_rng(0).integers(0, 8, 6)
  first = play(env, 3, actions)
  play(env, 4, actions[::-1])
  assert_same(play(env, 3, actions), first)
  other = GameBoyEnv(rom, max_steps=6)
  assert_same(play(other, 3, actions), first)
  other.close()


def test_patience_ends_an_episode_that_comes_to_nothing(rom):
  env = GameBoyEnv(rom, patience=5)
  env.reset(seed=0)
  stuck, over = [], False
  for i in range(300):  # through the intro, whose steps do not count
    *_, over, info = env.step(i % 2 * 2)  # A and Start in turn
    stuck.append(bool(info["terms"][6]))
    if over:
      break
  assert over and stuck[-5:] == [True] * 5 and not stuck[0]
  assert not any(all(stuck[i : i + 5]) for i in range(len(stuck) - 5))
  env.reset(seed=1)
  assert not env.step(0)[3]
  env.close()


@pytest.mark.parametrize(("start_frames", "differ"), [(0, False), (60, True)])
def test_seeds_differ_by_the_wait_at_power_on(rom, start_frames, differ):
  env = GameBoyEnv(rom, start_frames=start_frames)
  starts = set()
  for seed in range(6):
    env.reset(seed=seed)
    starts.add(env.save_state())
  assert (len(starts) > 3) == differ
  env.close()


def test_runs_out_of_steps(env):
  env.reset(seed=0)
  ends = [env.step(0)[2:4] for _ in range(6)]
  assert ends == [(False, False)] * 5 + [(False, True)]


def test_saved_state_resumes_exactly(rom, env):
  actions = np.random.default_rng(1).integers(0, 8, 12)
  env.reset(seed=0)
  for action in actions[:6]:
    env.step(action)
  state = env.save_state()
  want = [env.step(action)[0] for action in actions[6:]]
  env.reset(seed=9)
  env.load_state(state)
  got = [env.step(action)[0] for action in actions[6:]]
  np.testing.assert_array_equal(got, want)
  other = GameBoyEnv(rom)
  other.reset(seed=5, options={"state": state})
  got = [other.step(action)[0] for action in actions[6:]]
  np.testing.assert_array_equal(got, want)
  other.close()


@pytest.mark.parametrize(
  ("change", "reason"),
  [
    (lambda s: b"", "no state"),
    (lambda s: s[:4] + bytes(20) + s[24:], "belongs to the ROM"),
    (lambda s: s[:-9], "damaged"),
  ],
)
def test_bad_state_is_refused(env, change, reason):
  with pytest.raises(StateError, match=reason):
    env.load_state(change(env.save_state()))


def test_wrong_arguments_are_refused(rom, env):
  with pytest.raises(ValueError, match="released"):
    GameBoyEnv(rom, press_frames=24, action_frames=24)
  env.reset(seed=0)
  with pytest.raises(ValueError, match="action 8"):
    env.step(8)
