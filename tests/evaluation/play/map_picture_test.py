import numpy as np
import pytest

from dreamer_jax.data.episodes import Episode
from dreamer_jax.evaluation.play import map_picture
from dreamer_jax.evaluation.report import video
from dreamer_jax.game import frames, memory, world_map
from dreamer_jax.game.world_map import Edge, Warp

WORLD = world_map.build(
  {1: (20, 18), 2: (10, 10), 7: (4, 4)},
  [Edge(1, "east", 2, 0, 0)],
  [Warp(1, 3, 3, 7, 0, 3)],
  {1: "town", 2: "road", 7: "house"},
  start=1,
)


def episode(places, busy=()):
  """At rest on each (map, x, y); `busy` steps have a text box open."""
  ram = [
    memory.build(
      wStatusFlags6=1, wCurMap=m, wXCoord=x, wYCoord=y, wCurMapWidth=10,
      wCurMapHeight=9, hWY=0 if t in busy else 0x90,
    )
    for t, (m, x, y) in enumerate(places)
  ]  # fmt: skip
  steps = len(places)
  shades = [np.full((144, 160), 1 + t % 3, np.uint8) for t in range(steps)]
  flags = np.arange(steps)
  return Episode(
    frames.pack(np.stack(shades)), np.stack(ram), *np.zeros((2, steps), "u1"),
    np.zeros((steps, 7), np.float32), flags == 0, flags == steps - 1,
    np.zeros(steps, bool), np.zeros(steps, np.int16), {},
  )  # fmt: skip


@pytest.fixture
def explored():
  return map_picture.Explored(WORLD)


def test_counts_tiles_at_rest(explored):
  explored.add(episode([(1, 5, 6), (1, 5, 6), (1, 6, 6), (9, 0, 0)]))
  assert explored.visits[1][6, 5] == 2 and explored.visits[1][6, 6] == 1
  assert explored.visits[1].shape == (18, 20) and explored.tiles() == 2
  assert list(explored.visits) == [1]


def test_screen_is_pasted_where_it_was_seen(explored):
  explored.add(episode([(1, 10, 8)]))
  scene = explored.scenes[1]
  assert scene.shape == (18 * 16, 20 * 16)
  seen = np.argwhere(scene != 255)
  assert seen.min(0).tolist() == [4 * 16, 6 * 16]
  assert seen.max(0).tolist() == [13 * 16 - 1, 16 * 16 - 1]


def test_screen_is_clipped_at_the_maps_edge(explored):
  explored.add(episode([(1, 0, 0), (1, 19, 17)]))
  scene = explored.scenes[1]
  assert (scene[: 5 * 16, : 6 * 16] == 1).all()
  assert (scene[-5 * 16 :, -5 * 16 :] != 255).all()


def test_the_player_hides_nothing_that_was_seen(explored):
  explored.add(episode([(1, 5, 5), (1, 6, 5)]))
  scene = explored.scenes[1][5 * 16 : 6 * 16]
  assert (scene[:, 5 * 16 : 6 * 16] == 2).all()  # behind it at first
  assert (scene[:, 6 * 16 : 7 * 16] == 1).all()  # behind it now


def test_text_boxes_are_no_scenery(explored):
  explored.add(episode([(1, 5, 5)], busy={0}))
  assert not explored.scenes and explored.tiles() == 1


def test_draws_scene_trail_and_what_is_unknown(explored):
  explored.add(episode([(1, 15, 4)]))
  picture = map_picture.draw(WORLD, explored, tile=4)
  colors = {tuple(c) for c in picture.reshape(-1, 3).tolist()}
  assert tuple(video.PALETTE[1].tolist()) in colors  # the scene
  assert tuple(map_picture._UNKNOWN.tolist()) in colors
  reddish = (picture[..., 0].astype(int) - picture[..., 1]) > 20
  assert reddish.sum() == 16  # one tile of 4 x 4 pixels
  without = map_picture.draw(WORLD, explored, tile=4, everything=False)
  assert without.shape[1] < picture.shape[1]  # the house is left out


def test_of_episodes_adds_them_up(explored):
  both = [episode([(1, 15, 4)]), episode([(1, 3, 4)])]
  for one in both:
    explored.add(one)
  np.testing.assert_array_equal(
    map_picture.of_episodes(WORLD, iter(both), tile=4),
    map_picture.draw(WORLD, explored, tile=4),
  )
  assert explored.tiles() == 2
