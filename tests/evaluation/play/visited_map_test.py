import numpy as np
import pytest

from dreamer_jax.evaluation.play import visited_map
from tests.evaluation.play.map_picture_test import WORLD, episode


@pytest.fixture
def trails():
  trails = visited_map.Trails(WORLD)
  trails.add("agent", [episode([(1, 5, 6)] * 9 + [(2, 1, 1)])])
  trails.add("random", [episode([(1, 5, 6), (1, 6, 6)])] * 2)
  return trails


def test_counts_each_players_tiles(trails):
  assert trails.figures() == {
    "agent": {"tiles": 2, "maps": 2}, "random": {"tiles": 2, "maps": 1},
  }  # fmt: skip
  trails.see([episode([(7, 1, 1)])])
  assert trails.figures()["agent"]["tiles"] == 2


def test_same_world_same_size_own_trail(trails):
  labels = {"agent": "this run", "bc": "clone", "random": "random"}
  whole = trails.draw(labels, tile=4)
  alone = trails.draw({"agent": "this run"}, tile=4)
  other = trails.draw({"random": "random"}, tile=4)
  assert whole.shape[0] % 2 == 0 and whole.shape[1] % 2 == 0
  grown = [whole.shape[i] > alone.shape[i] for i in (0, 1)]
  assert sum(grown) == 1  # side by side, or one above the other
  assert alone.shape == other.shape and (alone != other).any()


def test_more_visits_are_darker():
  scene = np.full((8, 8, 3), 200, np.uint8)
  count = np.array([[0, 1], [50, 1000]])
  drawn = visited_map._paint(scene, count, 1000).astype(int)
  brightness = drawn[::4, ::4].sum(-1)
  assert brightness[0, 1] > brightness[1, 0] > brightness[1, 1]
  red = drawn[..., 0] - drawn[..., 2]
  assert (red[:4, :4] < 40).all() and (red[4:] > 60).all()
