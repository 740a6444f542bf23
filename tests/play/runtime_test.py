"""The two-speed loop on the real emulator, with an expert as System 1."""

import sys
import time

import numpy as np
import pytest

from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.lantern_isle.players.expert import Expert
from dreamer_jax.planner.backends import base, fake_server
from dreamer_jax.planner.backends.abilities import Ladder
from dreamer_jax.planner.backends.base import Answer
from dreamer_jax.planner.service import Planner
from dreamer_jax.planner.settings import Settings
from dreamer_jax.play.pacing import FRAME_HZ, Pacer, jitter_ms
from dreamer_jax.play.runtime import Ask, Runtime
from dreamer_jax.play.system1 import DREAM_STEPS, System1
from tests.play.conftest import Scripted


class Viewer:
  """Keeps what it was shown; closes itself after so many actions."""

  def __init__(self, close_after=10**9):
    self.frames, self.scenes, self.close_after = 0, [], close_after

  @property
  def is_open(self):
    return len(self.scenes) < self.close_after

  def frame(self, frame):
    assert frame.shape == (144, 160)
    self.frames += 1

  def scene(self, scene):
    self.scenes.append(scene)


class Slow:
  """A backend that takes its time."""

  name, address, is_local, ladder = "slow", "nowhere", True, Ladder(())

  def __init__(self, secs):
    self.secs, self.asked = secs, 0

  def ask(self, question):
    self.asked += 1
    time.sleep(self.secs)
    return Answer('{"goal_id": "new_map", "goal": "", "rationale": "go"}', 1, 1)


@pytest.fixture
def env():
  env = GameBoyEnv()
  yield env
  env.close()


def expert(env, **changes):
  return Scripted(env, lambda rng: Expert(rng, epsilon=0.0), **changes)


def rules_only(game, moment):
  return Planner(game, moment)


def test_pressing_by_frame_is_pressing(env):
  """The same frames of emulation, so the same game."""
  env.reset(seed=1)
  rng = np.random.default_rng(0)
  actions = rng.integers(0, 8, 40)
  whole = [env.step(int(a))[4]["ram"] for a in actions]
  env.reset(seed=1)
  for action, ram in zip(actions, whole, strict=True):
    assert len(list(env.press_by_frame(int(action)))) == 24
    assert np.array_equal(env.look()[4]["ram"], ram)


def test_an_episode_from_power_on(env):
  """Goals are reached one after the other and swapped in at once."""
  viewer, player = Viewer(), expert(env)
  runtime = Runtime(env, player, rules_only, viewers=(viewer,), dream_every=10)
  summary = runtime.run(120, seed=3)
  assert summary.steps == 120 == len(viewer.scenes)
  assert viewer.frames == 120 * 24 == len(summary.times)
  assert player.dreams == 12
  names = [name for _, name, _ in summary.reached]
  assert names[:2] == ["begin", "get_starter"]
  assert all(source == "rules" for _, _, source in summary.reached)
  step, name, _ = summary.reached[0]
  assert name == "begin"
  # The goal changes with the very next action after it was reached.
  assert GOALS[player.goals[step - 1]].name == "begin"
  assert GOALS[player.goals[step]].name != "begin"
  assert viewer.scenes[-1].species == summary.species >= 1


def test_a_call_in_flight_never_holds_the_loop_up(env):
  """A model that thinks for a second: the loop goes on all the while."""
  backend = Slow(1.0)
  player = expert(env)
  make = lambda game, moment: Planner(
    game, moment, backend, ("m",), config=Settings(min_gap_secs=0.0)
  )
  viewer = Viewer()
  runtime = Runtime(env, player, make, viewers=(viewer,))
  summary = runtime.run(60, seed=3)
  asking = [scene.is_asking for scene in viewer.scenes]
  assert backend.asked >= 1 and sum(asking) >= 10
  took = np.diff(summary.times)
  assert took.max() < 0.9  # never as long as the call


def test_low_value_asks_for_another_goal(env):
  player = expert(env, value=0.0)
  ask = Ask(value=0.1, steps=15)
  runtime = Runtime(env, player, rules_only, ask=ask)
  runtime.run(100, seed=3)
  lines = runtime.planner.log.lines
  asked = [line["step"] for line in lines
           if line["trigger"] == ["request: low value"]]  # fmt: skip
  assert len(asked) >= 2 and min(np.diff(asked)) >= 15
  content = expert(env, value=0.2)
  runtime = Runtime(env, content, rules_only, ask=ask)
  runtime.run(40, seed=3)
  assert not any("low value" in str(line["trigger"])
                 for line in runtime.planner.log.lines)  # fmt: skip


def test_closing_the_window_ends_the_play(env):
  viewer = Viewer(close_after=5)
  runtime = Runtime(env, expert(env), rules_only, viewers=(viewer,))
  assert runtime.run(1000, seed=3).steps == 5


def test_the_interpreter_is_left_as_it_was(env):
  before = sys.getswitchinterval()
  Runtime(env, expert(env), rules_only).run(2, seed=3)
  assert sys.getswitchinterval() == before


def test_the_pacer_keeps_the_consoles_pace():
  """On a clock of the test's: 60 Hz, and no hurry after a long pause."""
  now = [0.0]

  def sleep(secs):
    now[0] += secs

  pacer = Pacer(clock=lambda: now[0], sleep=sleep)
  for _ in range(120):
    now[0] += 0.004  # work
    pacer.wait()
  np.testing.assert_allclose(now[0], 120 / FRAME_HZ, rtol=1e-6)
  assert jitter_ms(pacer.times).max() < 1e-6
  now[0] += 0.1  # a hitch: it catches up
  pacer.wait()
  for _ in range(10):
    pacer.wait()
  np.testing.assert_allclose(pacer.times[-1], 131 / FRAME_HZ, rtol=1e-6)
  now[0] += 60  # a suspended laptop: it does not
  pacer.wait()
  pacer.wait()
  np.testing.assert_allclose(np.diff(pacer.times[-2:]), 1 / FRAME_HZ)


def test_without_a_pace_nobody_waits():
  pacer = Pacer(None, sleep=lambda secs: pytest.fail("it slept"))
  pacer.wait()
  assert len(pacer.times) == 1


def test_system1_acts_by_the_goal_it_is_given(agent, env):
  """The trained parts, untrained: shapes, determinism, the goal's effect."""
  _, info = env.reset(seed=0)
  player = System1(agent._replace(critic=critic_of(agent)), greedy=True)
  player.warm_up()
  first = player.act(info["packed"], 0)
  assert 0 <= first.action < 8 and np.isfinite(first.value)
  dream = player.dream(0)
  assert dream.shape == (len(DREAM_STEPS), 144, 160) and dream.max() <= 3
  player.reset(0)
  assert player.act(info["packed"], 0) == first
  values = set()
  for goal in range(12):
    player.reset(0)
    values.add(round(player.act(info["packed"], goal).value, 5))
  assert len(values) > 6
  without = System1(agent)
  assert np.isnan(without.act(info["packed"], 0).value)
  assert IDS["next_badge"] == 0


def critic_of(agent):
  from dreamer_jax.policy import learner as policy_learner
  from dreamer_jax.policy.networks import ActorCritic
  from dreamer_jax.world_model import learner as world_learner
  from tests.conftest import made

  dim = world_learner.feat_dim(agent.config.world_model)
  make = lambda: policy_learner.init(
    ActorCritic(agent.config.policy), agent.config.policy, dim, 0
  )
  return made(make).critic


@pytest.fixture(scope="module")
def shared():
  env = GameBoyEnv()
  yield env
  env.close()


@pytest.mark.parametrize(
  "behavior", (*fake_server.FAULTS, "words_only_no_schema")
)
def test_the_agent_plays_on_whatever_the_server_does(
  shared, behavior, monkeypatch
):
  """The whole loop on the emulator, an SDK on a socket, every behaviour."""
  pytest.importorskip("openai")
  monkeypatch.setenv("NO_PROXY", "127.0.0.1")
  config = Settings(timeout_secs=0.2, min_gap_secs=0.0)
  with fake_server.Loopback(behavior) as server:
    backend = base.make("openai", server.base_url("openai"))
    make = lambda game, moment: Planner(
      game, moment, backend, ("m",), config=config
    )
    runtime = Runtime(shared, expert(shared), make)
    summary = runtime.run(45, seed=3)
    assert summary.steps == 45
    begun = [name for _, name, _ in summary.reached][:1] == ["begin"]
    assert begun or runtime.planner.decision.source == "openai"
    assert GOALS[runtime.planner.goal_id].name != "begin"
    runtime.planner.wait(2.0)
    assert len(server.calls) >= 1
