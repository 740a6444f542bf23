import numpy as np
import pytest

from dreamer_jax.evaluation.world_model import aliasing
from dreamer_jax.evaluation.world_model.aliasing import oracle, picture_hashes


class Walk:
  """An episode of small pictures, drawn from letters."""

  def __init__(self, pictures, action=None):
    codes = np.frombuffer(pictures.encode(), np.uint8)
    self.packed = np.tile(codes[:, None, None, None], (1, 18, 20, 16))
    self.action = np.zeros(len(codes), np.uint8) if action is None else action


def at(*places):
  return np.array(places, float)


def test_the_guess_is_the_median_of_other_episodes():
  keys = [["a", "a"], ["a"], ["a"], ["b"]]
  positions = [at((0, 0), (0, 0)), at((2, 0)), at((9, 3)), at((5, 5))]
  error, ambiguous, episode = oracle(keys, positions)
  # The first sees {(2, 0), (9, 3)}: median (5.5, 1.5), 7 tiles off.
  np.testing.assert_allclose(error[:2], [7.0, 7.0])
  # The second sees (0, 0) twice and (9, 3): median (0, 0), 2 tiles off.
  np.testing.assert_allclose(error[2:4], [2.0, 12.0])
  assert np.isnan(error[4])  # nobody else was there
  assert ambiguous.tolist() == [True] * 4 + [False]
  assert episode.tolist() == [0, 0, 1, 2, 3]


def test_untrusted_positions_take_no_part():
  nowhere = (np.nan, np.nan)
  error, ambiguous, _ = oracle(
    [["a"], ["a", "a"]], [at((1, 1)), at((1, 1), nowhere)]
  )
  assert error.tolist() == [0.0, 0.0] and not ambiguous.any()


def test_a_longer_memory_tells_rooms_apart():
  """Two rooms that look alike, R, behind doors that do not, A and B."""
  episodes = [Walk("ARRR"), Walk("BRRR"), Walk("ARRR"), Walk("BRRR")]
  left = at((0, 0), (1, 0), (1, 0), (1, 0))
  right = at((8, 0), (9, 0), (9, 0), (9, 0))
  report = aliasing.measure(episodes, [left, right, left, right])
  one, five = report["1"], report["5"]
  # Of 12 steps in a room, each sees 3 of its own side and 6 of the other's.
  assert one["error"]["mean"] == pytest.approx(8 * 12 / 16)
  assert one["known"] == 1.0 and one["ambiguous"] == 12 / 16
  assert five["error"]["mean"] == 0.0 and five["ambiguous"] == 0.0


def test_actions_are_part_of_the_memory():
  turn = np.array([0, 4, 4, 4, 4], np.uint8)
  episodes = [Walk("RRRRR"), Walk("RRRRR", turn)]
  here, there = np.zeros((5, 2)), np.ones((5, 2))
  report = aliasing.measure(episodes, [here, there])
  assert report["1"]["error"]["mean"] == 2.0  # a picture alone has none
  assert report["5"]["known"] == 1 / 5  # but the first step


def test_witnesses_are_not_judged():
  episodes = [Walk("AB"), Walk("AC")]
  positions = [np.zeros((2, 2)), np.ones((2, 2))]
  report = aliasing.measure(episodes, positions, judged=1)["1"]
  assert report["known"] == 0.5 and report["error"]["mean"] == 2.0
  alone = aliasing.measure(episodes[:1], positions[:1])["1"]
  assert alone["known"] == 0.0 and alone["error"]["mean"] is None


def test_equal_pictures_have_equal_hashes():
  hashes = picture_hashes(Walk("ABA").packed)
  assert hashes[0] == hashes[2] != hashes[1]
