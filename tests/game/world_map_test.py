import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.game import rom as roms
from dreamer_jax.game import world_map
from dreamer_jax.game.world_map import Edge, Warp

SIZES = {1: (10, 8), 2: (6, 4), 3: (4, 4), 4: (4, 4), 9: (2, 2)}


def build(edges=(), warps=(), sizes=SIZES):
  return world_map.build(sizes, edges, warps, {1: "town"}, start=1)


def offset(world, target):
  """Of a map's corner from map 1's."""
  (ax, ay), (bx, by) = world.origins[1], world.origins[target]
  return bx - ax, by - ay


@pytest.mark.parametrize(
  ("side", "x", "y", "start", "arrival"),
  [
    ("north", -2, 3, (5, 0), (3, 3)),
    ("south", -2, 0, (5, 7), (3, 0)),
    ("west", 5, -4, (0, 6), (5, 2)),
    ("east", 0, -4, (9, 6), (0, 2)),
  ],
)
def test_walking_off_an_edge_moves_one_tile(side, x, y, start, arrival):
  world = build([Edge(1, side, 2, x, y)])
  (ax, bx), (ay, by) = world.place(
    np.array([1, 2]), *np.array([start, arrival]).T
  )
  assert abs(int(bx) - int(ax)) + abs(int(by) - int(ay)) == 1
  step = {"north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0)}
  assert (bx - ax, by - ay) == step[side]


def test_doors_and_mats_coincide():
  world = build(warps=[Warp(1, 4, 5, 3, 2, 3), Warp(3, 0, 0, 4, 3, 1)])
  assert offset(world, 3) == (2, 2)
  assert offset(world, 4) == (2 - 3, 2 - 1)  # up the stairs of the house
  assert (world.layers[1], world.layers[3], world.layers[4]) == (0, 1, 2)
  assert not world.misfit()


def test_a_way_back_places_a_map_too():
  assert offset(build(warps=[Warp(3, 2, 3, 1, 4, 5)]), 3) == (2, 2)


def test_two_entrances_fit_at_the_first_and_the_misfit_is_known():
  warps = [Warp(1, 4, 5, 3, 0, 0), Warp(3, 3, 0, 2, 0, 0)]
  world = build([Edge(1, "east", 2, 0, 0)], warps)
  assert offset(world, 3) == (4, 5)
  assert world.misfit() == {(3, 2): 3 + 5}


def test_edges_go_before_warps():
  warps = [Warp(1, 0, 0, 2, 0, 0)]
  world = build([Edge(1, "east", 2, 0, 0)], warps)
  assert offset(world, 2) == (10, 0) and world.layers[2] == 0


def test_plane_begins_at_zero_and_unknown_maps_count_as_the_start():
  world = build([Edge(1, "west", 2, 5, 0)])
  assert world.origins[2] == (0, 0) and world.origins[1] == (6, 0)
  gx, gy = world.place(np.array([9, 200, 1]), np.full(3, 2), np.full(3, 3))
  assert gx.tolist() == [8] * 3 and gy.tolist() == [3] * 3
  assert world.knows(np.array([1, 9])).tolist() == [True, False]
  assert world.name(1) == "town" and world.name(77) == "map 77"


def test_kanto_fits_together():
  red = games.get(roms.LIKE).world()
  outdoor = [m for m, layer in red.layers.items() if layer == 0]
  assert len(outdoor) == 36  # 10 cities, Indigo Plateau, 25 routes
  off = red.misfit()
  assert not [k for k in off if k[0] in outdoor and k[1] in outdoor]
  # Only copies and the link rooms have no place.
  assert len(red.sizes) - len(red.origins) == 5


def test_kanto_has_its_shape():
  x = {m: o[0] for m, o in games.get(roms.LIKE).world().origins.items()}
  y = {m: o[1] for m, o in games.get(roms.LIKE).world().origins.items()}
  pallet, viridian, pewter, cerulean, lavender, cinnabar = 0, 1, 2, 3, 4, 8
  assert y[pewter] < y[viridian] < y[pallet] < y[cinnabar]
  assert x[pewter] < x[cerulean] < x[lavender]
  assert abs(x[37] - x[pallet]) < 20 and abs(y[37] - y[pallet]) < 18
