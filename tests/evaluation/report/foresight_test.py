import numpy as np
import pytest

from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.evaluation.report import foresight, sidebyside
from dreamer_jax.game import frames

FIRST, LAST = 16, 20


@pytest.fixture(scope="module")
def episode(agent):
  return sidebyside.play(agent, RandomPolicy(1, 0.8), 24, seed=3)


@pytest.fixture(scope="module")
def seen(agent, episode):
  return foresight.foresee(agent, episode, FIRST, LAST)


def test_the_game_is_the_episode(episode, seen):
  count = LAST - FIRST + 1
  real = frames.unpack(episode.packed[FIRST : LAST + 1])
  np.testing.assert_array_equal(seen.real, real)
  for ahead in foresight.AHEAD:
    assert seen.dreamed[ahead].shape == (count, 144, 160)
    assert seen.right(ahead).shape == (count,)


def test_a_dream_of_a_step_is_that_from_so_many_before(agent, episode, seen):
  for ahead in foresight.AHEAD:
    pair = sidebyside.dream(agent, episode, LAST - ahead, steps=ahead)
    np.testing.assert_array_equal(seen.dreamed[ahead][-1], pair.dreamed[-1])


def test_pictures(seen):
  made = foresight.pictures(seen, scale=1)
  assert len(made) == LAST - FIRST + 1
  assert len({p.shape for p in made}) == 1
  assert made[0].shape[1] > 3 * 160


def test_needs_steps_to_look_back(agent, episode):
  with pytest.raises(ValueError, match="steps"):
    foresight.foresee(agent, episode, 3, 10)


class Played:
  def __init__(self, badges, maps, length=100):
    self.terms = np.zeros((length, 7))
    self.terms[badges, 0] = 1
    self.terms[maps, 2] = 1

  def __len__(self):
    return len(self.terms)


def test_the_highlight_leads_to_the_last_badge():
  episodes = [Played([], [1, 2, 3]), Played([20, 60], [1]), Played([30], [1])]
  assert foresight.highlight(episodes, 40) == (1, 29, 68)
  assert foresight.highlight(episodes[:1], 200) == (0, 15, 99)
