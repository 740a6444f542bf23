import numpy as np
import pytest

from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.evaluation.report import sidebyside


@pytest.fixture(scope="module")
def episode(agent):
  return sidebyside.play(agent, RandomPolicy(1, 0.8), 12, seed=3)


def test_play_is_a_function_of_the_seed(agent, episode):
  again = sidebyside.play(agent, RandomPolicy(1, 0.8), 12, seed=3)
  assert len(episode) == 13
  assert (again.packed == episode.packed).all()
  assert (again.action == episode.action).all()


@pytest.fixture(scope="module")
def pair(agent, episode):
  return sidebyside.dream(agent, episode, 4, sampled=False, seed=0)


def changed(episode, **fields):
  return type(episode)(**{**vars(episode), **fields})


def test_the_dream_sees_no_frame_past_the_context(agent, episode, pair):
  packed = episode.packed.copy()
  packed[5:] = packed[0][::-1]
  other = changed(episode, packed=packed)
  other = sidebyside.dream(agent, other, 4, sampled=False, seed=0)
  assert (pair.dreamed == other.dreamed).all()
  assert (pair.read == other.read).all()
  assert (pair.real[5:] != other.real[5:]).any()


def test_the_dream_follows_the_actions(agent, episode, pair):
  action = episode.action.copy()
  action[5:] = (action[5:] + 1) % 8
  other = changed(episode, action=action)
  other = sidebyside.dream(agent, other, 4, sampled=False, seed=0)
  assert (pair.dreamed[:5] == other.dreamed[:5]).all()
  assert (pair.dreamed[5:] != other.dreamed[5:]).any()


def test_pictures_and_strip(pair):
  assert pair.steps == 8 and pair.real.shape == (13, 144, 160)
  assert 0 <= pair.exact(0) <= 1
  pictures = sidebyside.pictures(pair, scale=1, lead=2)
  assert len(pictures) == 2 + 1 + 8
  assert len({p.shape for p in pictures}) == 1
  strip = sidebyside.strip(pair)
  wide = sidebyside.strip(pair, (0, 1, 2, 3, 4, 5))
  assert not np.any(np.array(strip.shape[:2]) % 2)
  assert strip.shape[1] < wide.shape[1]  # 0, 1 and 5 of its steps are there


def test_a_dream_may_be_cut_short(agent, episode, pair):
  short = sidebyside.dream(agent, episode, 4, steps=3)
  assert short.steps == 3
  assert (short.dreamed == pair.dreamed[:8]).all()


@pytest.mark.parametrize("context", [-1, 12])
def test_a_dream_needs_a_step(agent, episode, context):
  with pytest.raises(ValueError, match="context"):
    sidebyside.dream(agent, episode, context, sampled=False, seed=0)


class Played:
  """An episode's battles and maps, as `find_context` asks for them."""

  def __init__(self, battles, maps):
    self.battles, self.maps = np.array(battles), np.array(maps)

  def __len__(self):
    return len(self.battles)

  def decode_ram(self):
    return self


def test_a_place_to_dream_on_from(monkeypatch):
  labels = lambda ram: {
    "in_battle": ram.battles, "map": ram.maps, "valid": np.ones(len(ram)),
  }  # fmt: skip
  monkeypatch.setattr(sidebyside, "probes", labels)
  battles, maps = np.zeros(40, int), np.zeros(40, int)
  battles[30:33], maps[10:] = 1, 1
  calm = Played(np.zeros(40, int), np.zeros(40, int))
  fought = Played(battles, maps)
  find = lambda *args: sidebyside.find_context([calm, fought], *args)
  # The last start whose 8 steps cross into the other map, nearest the middle.
  assert find(8, False) == (fought, 9)
  # A battle within 4 steps: from 26 on, before it begins.
  assert find(8, True) == (fought, 26)
  assert sidebyside.find_context([calm], 8, True) is None
  assert find(40, False) is None
