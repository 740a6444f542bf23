import numpy as np

from dreamer_jax.data import games
from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.world import maps


def test_world_by_the_roms_name():
  assert games.world("Lantern Isle") is games.lantern_isle()
  assert games.world("Pokémon Red (US)").name(0) == "Pallet Town"
  assert games.world("unknown") is games.red()


def test_every_map_of_the_island_has_its_place():
  world = games.lantern_isle()
  assert set(world.origins) == set(maps.MAPS)
  assert world.name(maps.HOME) == maps.MAPS[maps.HOME].name
  assert world.sizes[maps.HOME] == (8, 8)


def test_a_step_outdoors_moves_one_tile():
  world = games.lantern_isle()
  place = lambda p: np.array(world.place(*p))
  crossed = 0
  for start, moves in routes.graph().items():
    for target in moves.values():
      if world.layers[start[0]] or world.layers[target[0]]:
        continue
      assert np.abs(place(target) - place(start)).sum() == 1, (start, target)
      crossed += start[0] != target[0]
  assert crossed > 0


def test_a_door_moves_by_little():
  world = games.lantern_isle()
  for warp in world.warps:
    a = np.array(world.place(*warp[:3]))
    b = np.array(world.place(*warp[3:]))
    assert np.abs(a - b).sum() <= 1 + world.misfit().get((warp[0], warp[3]), 0)
