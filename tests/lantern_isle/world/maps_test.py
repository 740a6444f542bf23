"""Maps, the common plane, and ways across it."""

import numpy as np
import pytest

from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.players.itinerary import GREAT_LAMP, LEADERS
from dreamer_jax.lantern_isle.world import map_types, maps


def test_sizes_are_whole_blocks_that_fit_the_field():
  assert 14 <= len(maps.MAPS) <= 20
  assert max(maps.MAPS) < 64
  for m in maps.MAPS.values():
    assert m.width % 2 == m.height % 2 == 0
    assert m.width <= 22 and m.height <= 30
    assert len({len(row) for row in m.rows}) == 1
    assert len(m.people) <= 12 and len(m.signs) <= 12


def test_doors_and_mats_coincide_on_the_plane():
  for m in maps.MAPS.values():
    for index, warp in enumerate(m.warps):
      end = maps.MAPS[warp.to_map].warps[warp.to_warp]
      assert (end.to_map, end.to_warp) == (m.id, index)
      here = maps.global_xy(m.id, warp.x, warp.y)
      assert here == maps.global_xy(warp.to_map, end.x, end.y)


def test_neighbours_touch_on_the_plane_and_know_each_other():
  for m in maps.MAPS.values():
    x, y = maps.ORIGINS[m.id]
    for other, dx, dy in maps.neighbours(m):
      assert maps.ORIGINS[other] == (x + dx, y + dy)
      assert m.id in [back for back, _, _ in maps.neighbours(maps.MAPS[other])]


def test_connected_maps_do_not_overlap_on_the_plane():
  taken = set()
  for m in maps.MAPS.values():
    if maps.neighbours(m):
      x0, y0 = maps.ORIGINS[m.id]
      cells = {(x0 + x, y0 + y)
               for x in range(m.width) for y in range(m.height)}  # fmt: skip
      assert not cells & taken
      taken |= cells


def test_nobody_stands_where_the_next_map_could_see_them():
  """The game draws the people of the current map only."""
  for m in maps.MAPS.values():
    for person in m.people:
      assert m.north is None or person.y >= 4
      assert m.south is None or person.y < m.height - 4
      assert m.west is None or person.x >= 5
      assert m.east is None or person.x < m.width - 5


def test_global_xy_takes_arrays_and_unknown_maps():
  ids = np.array([[0, 1], [12, 200]], np.uint8)
  gx, gy = maps.global_xy(ids, np.ones((2, 2)), np.zeros((2, 2)))
  assert gx.shape == gy.shape == (2, 2)
  assert gx.dtype == np.int32
  assert gy.tolist() == [[46, 0], [18, 46]]


@pytest.mark.parametrize("map_id", [maps.ROUTE, maps.WOOD])
def test_no_way_through_without_grass(map_id):
  """A road's ends are joined only through tall grass."""
  road = maps.MAPS[map_id]
  free = road.walkable & ~road.grass
  start = (road.height - 1, 9)
  seen, stack = {start}, [start]
  while stack:
    y, x = stack.pop()
    for step in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
      inside = 0 <= step[0] < road.height and 0 <= step[1] < road.width
      if inside and step not in seen and free[step]:
        seen.add(step)
        stack.append(step)
  end = (0, 9) if map_id == maps.ROUTE else (3, 0)
  assert end not in seen


@pytest.mark.parametrize("target", [*LEADERS, GREAT_LAMP])
def test_every_free_cell_reaches_every_goal(target):
  reached = routes.distances(target[0])
  missing = [
    place
    for place in routes.graph()
    if place not in reached
    and maps.MAPS[place[0]].rows[place[2]][place[1]] not in map_types.DOORS
  ]
  assert not missing


def test_order_matters():
  """Each gate alone keeps the player from what lies behind it."""
  start = maps.START
  behind = {
    "guard_stop": LEADERS[0][0],
    "badge_stop": (maps.REED_WALK, 5, 12),
    "dark_stop": (maps.WOOD, 9, 28),
    "stairs_stop": GREAT_LAMP[0],
    routes.LOCK: LEADERS[1][0],
  }
  assert set(behind) == routes.ALL_OPEN
  for name, place in behind.items():
    open_ = routes.ALL_OPEN - {name}
    assert not np.isfinite(routes.distance(start, place, open_))
    assert np.isfinite(routes.distance(start, place))


def test_best_action_shortens_the_way():
  target = LEADERS[1][0]
  place, steps = maps.START, 0
  while place != target:
    place = routes.graph()[place][routes.best_actions(place, target)[0]]
    steps += 1
    assert steps < 400
