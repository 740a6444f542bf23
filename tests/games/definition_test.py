import numpy as np

from dreamer_jax import games
from dreamer_jax.game import rom as roms
from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.world import maps


def test_a_game_by_the_roms_name():
  isle, red = games.get("Lantern Isle"), games.get("Pokémon Red (US)")
  assert games.every()[:2] == (isle, red)
  assert red.world().name(0) == "Pallet Town"
  assert isle.players and isle.tasks and not red.players
  assert games.get(roms.embedded()) is isle


def test_a_game_that_is_not_known_is_read_as_red():
  other, red = games.get("unknown"), games.get(roms.LIKE)
  assert other.world() is red.world() and other.events == red.events
  assert not (other.goals or other.rules or other.players or other.places)


def test_a_game_is_a_folder(tmp_path, monkeypatch):
  """A third one needs nothing but its own files."""
  (tmp_path / "cave").mkdir()
  (tmp_path / "cave" / "__init__.py").write_text(
    "from dreamer_jax.games.definition import Game\n"
    "from dreamer_jax.games.red import world\n"
    "GAME = Game('Cave', world.make)\n"
  )
  monkeypatch.setattr(games, "__path__", [*games.__path__, str(tmp_path)])
  games.every.cache_clear()
  games.get.cache_clear()
  try:
    assert [g.name for g in games.every()][-1] == "Cave"
    assert games.get("Cave").name == "Cave"
  finally:
    games.every.cache_clear()
    games.get.cache_clear()


def test_every_map_of_the_island_has_its_place():
  world = games.get(roms.EMBEDDED).world()
  assert set(world.origins) == set(maps.MAPS)
  assert world.name(maps.HOME) == maps.MAPS[maps.HOME].name
  assert world.sizes[maps.HOME] == (8, 8)


def test_a_step_outdoors_moves_one_tile():
  world = games.get(roms.EMBEDDED).world()
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
  world = games.get(roms.EMBEDDED).world()
  for warp in world.warps:
    a = np.array(world.place(*warp[:3]))
    b = np.array(world.place(*warp[3:]))
    assert np.abs(a - b).sum() <= 1 + world.misfit().get((warp[0], warp[3]), 0)
