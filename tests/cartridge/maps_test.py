"""Maps, the common plane, and ways across it."""

import numpy as np

from dreamer_jax.cartridge import map_types, maps, routes


def test_sizes_are_whole_blocks():
  for m in maps.MAPS.values():
    assert m.width % 2 == m.height % 2 == 0
    assert len({len(row) for row in m.rows}) == 1


def test_doors_and_mats_coincide_on_the_plane():
  for m in maps.MAPS.values():
    for warp in m.warps:
      here = maps.global_xy(m.id, warp.x, warp.y)
      there = maps.global_xy(warp.to_map, warp.to_x, warp.to_y)
      assert here == there


def test_neighbours_touch_on_the_plane():
  _, low = maps.global_xy(maps.HOME_TOWN, 9, 0)
  _, high = maps.global_xy(maps.ROUTE, 9, 27)
  assert low - high == 1


def test_global_xy_takes_arrays_and_unknown_maps():
  ids = np.array([[0, 1], [12, 200]], np.uint8)
  gx, gy = maps.global_xy(ids, np.ones((2, 2)), np.zeros((2, 2)))
  assert gx.shape == gy.shape == (2, 2)
  assert gx.dtype == np.int32
  assert gy.tolist() == [[46, 0], [18, 46]]


def test_no_way_north_without_grass():
  """The route's ends are joined only through tall grass."""
  route = maps.MAPS[maps.ROUTE]
  free = route.walkable & ~route.grass
  seen = {(27, 9)}
  stack = [(27, 9)]
  while stack:
    y, x = stack.pop()
    for step in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
      if step in seen or not (0 <= step[0] < 28 and 0 <= step[1] < 20):
        continue
      if free[step]:
        seen.add(step)
        stack.append(step)
  assert (0, 9) not in seen


def test_every_free_cell_reaches_every_goal():
  for target in ((maps.GYM, 4, 3), (maps.KEEPER_HOUSE, 6, 4)):
    reached = routes.distances(target)
    missing = [
      place
      for place in routes.graph()
      if place not in reached
      and maps.MAPS[place[0]].rows[place[2]][place[1]] not in (map_types.DOOR,)
    ]
    assert not missing


def test_best_action_shortens_the_way():
  target = (maps.GYM, 4, 3)
  place, steps = maps.START[:1] + maps.START[1:], 0
  while place != target:
    place = routes.graph()[place][routes.best_actions(place, target)[0]]
    steps += 1
    assert steps < 200
