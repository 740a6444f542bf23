import dataclasses

import numpy as np
import pytest

from dreamer_jax.data.collect import collect
from dreamer_jax.data.demos import make_start_states
from dreamer_jax.data.demos import recording as recordings
from dreamer_jax.data.start_states import Archive, ArchiveError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import intro
from dreamer_jax.game.env import BUTTONS, GameBoyEnv, StateError
from dreamer_jax.game.human import pad
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorEnv


@pytest.fixture(scope="module")
def env(rom):
  env = GameBoyEnv(rom)
  yield env
  env.close()


def test_describes_where_the_emulator_is(env, tmp_path):
  env.reset(seed=1)
  intro.play(env)
  start = make_start_states.describe(env, "home / first!", "the test", {})
  assert start.name == "home-first" and start.milestones == ["play begins"]
  assert start.meta["by"] == "the test" and start.meta["pyboy"]
  archive = Archive(tmp_path)
  archive.add(start)
  ram = env.read_ram()
  env.reset(seed=5, options={"state": archive.load(start.name).state})
  np.testing.assert_array_equal(env.read_ram(), ram)


@pytest.fixture(scope="module")
def at_home(env):
  env.reset(seed=1)
  intro.play(env)
  return emulators.dump(env._emulator)


def changed(dumped, env, name, data):
  """A dump in which a variable has other bytes."""
  env._load(dumped)
  env.poke(name, data + env.peek(name)[len(data) :])
  return emulators.dump(env._emulator)


def take(env, dumped):
  return make_start_states.from_pyboy(env, dumped, "a", "PyBoy's a.state", {})


def test_a_state_of_pyboy_becomes_a_start_state(env, at_home):
  start = take(env, at_home)
  assert start.milestones == ["play begins"]
  assert start.meta["by"] == "PyBoy's a.state"


def test_a_state_with_tiles_of_another_game_is_refused(env, at_home):
  tiles = env.video_memory()
  noise = np.random.default_rng(0).integers(0, 256, len(tiles), np.uint8)
  other = at_home.replace(tiles, noise.tobytes())
  with pytest.raises(StateError, match=r"another game: of the 384 tiles.*, 0"):
    take(env, other)


def test_a_state_before_anything_is_drawn_is_refused(env):
  with pytest.raises(StateError, match="drawn nothing"):
    take(env, env._boot_state)


@pytest.mark.parametrize(
  ("name", "data", "reason"),
  [
    ("wCurMap", b"\xf7", "map 247 is not one"),
    ("wPlayerMoney", b"\xaa", "no decimal"),
    ("wPartyCount", b"\x09", "9 members"),
  ],
)
def test_a_state_that_breaks_the_rules_of_the_ram_is_refused(
  env, at_home, name, data, reason
):
  with pytest.raises(StateError, match=reason):
    take(env, changed(at_home, env, name, data))


def test_a_game_let_in_by_request_has_no_rules(env, at_home, monkeypatch):
  monkeypatch.setattr(env, "rom", env.rom._replace(warning="unknown"))
  other = changed(at_home, env, "wPlayerMoney", b"\xaa")
  assert take(env, other).meta["by"]


class Pressing:
  """A, A, A, then a walk down."""

  def __init__(self):
    self.count = 0

  def reset(self, indices, seeds):
    self.count = 0

  def __call__(self, step):
    self.count += 1
    return np.array([0 if self.count < 12 else 5])


@pytest.fixture(scope="module")
def episode(rom):
  with VectorEnv(1, num_workers=0, rom=rom, max_steps=16) as env:
    return next(collect(env, Pressing(), seeds=[3], source="random"))


def test_harvest_keeps_each_new_milestone(env, episode):
  found = list(make_start_states.from_episode(env, episode, {}))
  assert [s.milestones for s in found] == [["play begins"]]
  assert found[0].name == "play-begins-random-3"
  assert found[0].meta["by"] == "random, seed 3"


def test_harvest_refuses_what_does_not_replay(env, episode):
  ram = episode.ram.copy()
  ram[9, 0] ^= 1
  other = dataclasses.replace(episode, ram=ram)
  with pytest.raises(ArchiveError, match="at step 9 the RAM differs"):
    list(make_start_states.from_episode(env, other, {}))


@pytest.mark.parametrize("meta", [{"start": "x"}, {"timing": "as played"}])
def test_harvest_refuses_what_began_elsewhere(env, episode, meta):
  other = dataclasses.replace(episode, meta={**episode.meta, **meta})
  with pytest.raises(ArchiveError, match="cannot be replayed from power-on"):
    next(make_start_states.from_episode(env, other, {}))


def test_recordings_are_harvested_with_no_button_held(rom, env, walk):
  session = recordings.Session(rom, "a person")
  for held in [*walk.tolist(), *[pad.bits(["left"])] * 60]:
    session.play(held)
  play = session.recording()
  session.close()
  found = list(make_start_states.from_recording(rom, play, {}, "play-1"))
  assert [s.name for s in found] == ["play-begins-play-1"]
  assert found[0].meta["by"] == "a person"
  env.reset(options={"state": found[0].state})
  ram = decode(env.read_ram())
  assert ram.can_act
  for _ in range(3):
    env.press(BUTTONS.index("select"))
  after = decode(env.read_ram())
  assert (ram.x, ram.y) == (after.x, after.y)
