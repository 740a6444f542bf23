import dataclasses

import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.data import episodes
from dreamer_jax.data.collect import collect
from dreamer_jax.data.demos import recording as recordings
from dreamer_jax.data.demos import resample
from dreamer_jax.data.demos.resample import Window
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.game import memory
from dreamer_jax.game.human import pad
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.lantern_isle.players.expert import Expert

A, B, DOWN, RIGHT = (BUTTONS.index(n) for n in ("a", "b", "down", "right"))


def cut(script, steps=()):
  """Windows of a script; the player walks a tile in the frames `steps`."""
  inputs = pad.parse_script(script)
  x = np.zeros(len(inputs) + 1, int)
  for f in steps:
    x[f + 1 :] += 1
  return resample.windows(inputs, np.stack([x * 0, x, x * 0], -1))


def test_idle_time_belongs_to_the_press_before():
  assert cut(".30 A8 .100 B3 .7") == [Window(30, 138, A), Window(138, 148, B)]


def test_a_press_long_ago_goes_on_until_the_next():
  assert cut("A80 .5 A1 .1") == [Window(0, 85, A), Window(85, 87, A)]


def test_a_held_direction_is_cut_at_each_tile():
  walked = cut("R50 .10", steps=(15, 31, 47))
  assert walked == [
    Window(0, 16, RIGHT), Window(16, 32, RIGHT), Window(32, 48, RIGHT),
    Window(48, 60, RIGHT),
  ]  # fmt: skip


def test_a_held_direction_without_a_step_is_cut_by_time():
  assert cut("D60") == [Window(0, 24, DOWN), Window(24, 48, DOWN),
                        Window(48, 60, DOWN)]  # fmt: skip


def test_a_tap_that_walks_is_one_action():
  assert cut("R6 .60", steps=(17,)) == [Window(0, 66, RIGHT)]


def test_rolling_over_two_directions():
  # Down is pressed while Right is still held: what is newer counts.
  assert cut("R10 RD6 D20") == [Window(0, 10, RIGHT), Window(10, 34, DOWN),
                                Window(34, 36, DOWN)]  # fmt: skip


def test_presses_closer_than_the_pad_is_polled_are_one():
  assert cut("A1 .1 A1 .30") == [Window(0, 33, A)]


def test_nothing_pressed_is_nothing():
  assert cut(".100") == [] and cut("") == []


@pytest.fixture(scope="module")
def played(rom):
  """An episode of the environment, and a recording of the same play."""
  options = dict(num_workers=0, rom=rom, max_steps=160, start_frames=0)
  with VectorEnv(1, **options) as env:
    policy = ExpertPolicy(1, lambda rng: Expert(rng, epsilon=0.2))
    episode = next(collect(env, policy, seeds=[1], source="expert"))
  inputs = np.append(0, pad.of_actions(episode.action[1:]))
  session = recordings.Session(rom, "test")
  for held in inputs.tolist():
    session.play(held)
  play = session.recording()
  session.close()
  return episode, play


def test_the_environments_own_play_comes_back_exactly(rom, played):
  episode, play = played
  places = resample.places_of(rom, play)
  assert places.shape == (len(play) + 1, 3)
  cuts = resample.windows(play.inputs, places)
  back = resample.to_episode(rom, play, cuts, "human", 5)
  back.check()
  for name in set(episodes.FIELDS) - {"intent"}:
    a, b = getattr(back, name), getattr(episode, name)
    np.testing.assert_array_equal(a, b, name)
  assert back.meta["timing"] == "as played" and back.meta["seed"] == 5
  np.testing.assert_array_equal(back.intent, back.action)


def test_long_windows_sum_their_terms(rom, played):
  episode, play = played
  places = resample.places_of(rom, play)
  cuts = resample.windows(play.inputs, places)
  whole = [Window(cuts[0].start, cuts[-1].stop, A)]
  one = resample.to_episode(rom, play, whole, "human", 5)
  assert len(one) == 2
  want = episode.terms.sum(0)
  want[6] = 0  # progress was made
  np.testing.assert_allclose(one.terms[1], want)


def test_dead_end_is_where_presses_stop_to_matter(make_episode):
  episode = make_episode(steps=100)
  assert resample.dead_end(episode, limit=40) is None
  packed = episode.packed.copy()
  packed[50:] = packed[50]
  stuck = dataclasses.replace(episode, packed=packed)
  assert resample.dead_end(stuck, limit=40) == 51
  assert resample.dead_end(stuck, limit=50) is None
  moving = episode.packed.copy()  # flowers sway, but the player stands still
  ram = np.tile(
    memory.build(wStatusFlags6=1, hWY=0x90, wCurMap=1), (len(episode), 1)
  )
  ram[:, memory.OFFSETS["wPlayTimeFrames"]] = np.arange(100)[:, None]
  still = dataclasses.replace(episode, packed=moving, ram=ram)
  assert resample.dead_end(still, limit=99) == 1
  ram[70, memory.OFFSETS["wFontLoaded"]] = 1  # text opened and closed
  assert resample.dead_end(still, limit=60) == 1
  assert resample.dead_end(still, limit=70) is None
  short = resample.truncated(stuck, 50)
  short.check()
  assert len(short) == 51
