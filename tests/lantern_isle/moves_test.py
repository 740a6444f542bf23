"""Moves in battle: power points, types, misses, effects."""

from dreamer_jax.lantern_isle.players.battling import MOVES
from dreamer_jax.lantern_isle.world import tables


def test_menu_offers_as_many_moves_as_are_known(game, states):
  game.load(states["grass"])
  game.put_mon(0, "WICKIT", 11)
  game.meet_wild()
  ram = game.act("a")
  assert (ram.text_box_id, ram.menu_max) == (MOVES, 3)
  for row, name in enumerate(("NUDGE", "KINDLE", "HUSH", "FLARE")):
    assert name in game.words(13 + row)


def test_move_without_power_points_is_refused(game, states):
  game.load(states["battle"])
  game.poke("wBattleMonPP", 0, 0)
  game.press("a a")
  assert game.words(14) == "No power is left"
  ram = game.until_menu()
  assert ram.enemy_hp == ram.enemy_max_hp


def test_weary_creature_still_fights(game, states):
  game.load(states["battle"])
  game["wBattleMonPP"] = 0
  game["wEnemyMonHP"] = game["wEnemyMonMaxHP"] = 300
  game.act("a")
  assert game.words(14).endswith("is")
  game.until_menu()
  assert game["wEnemyMonHP"] < 300
  assert game["wBattleMonPP"] == 0


def _damage(game, states, move: str, foe: tuple[int, int]) -> list[int]:
  """Damage of one move on a foe of these types, over several chances."""
  found = []
  for wait in range(12):
    game.load(states["battle"])
    names = [m.name for m in tables.MOVES]
    game.poke("wBattleMonMoves", 0, names.index(move) + 1)
    game["wEnemyMonType1"], game["wEnemyMonType2"] = foe
    game["wEnemyMonHP"] = game["wEnemyMonMaxHP"] = 900
    game["wBattleMonSpeed"] = 200
    game.act(frames=1 + wait)
    game.press("a a")
    game.act()
    found.append(900 - game["wEnemyMonHP"])
  return found


def test_types_multiply_the_damage(game, states):
  base = max(_damage(game, states, "SPRITZ", (tables.PLAIN,) * 2))
  strong = max(_damage(game, states, "SPRITZ", (tables.EMBER,) * 2))
  double = max(_damage(game, states, "SPRITZ", (tables.EMBER, tables.STONE)))
  weak = max(_damage(game, states, "SPRITZ", (tables.MOSS,) * 2))
  own = max(_damage(game, states, "KINDLE", (tables.PLAIN,) * 2))
  assert abs(strong - 2 * base) <= 2
  assert abs(double - 4 * base) <= 4
  assert abs(weak - base / 2) <= 1
  assert own > 1.3 * base  # WICKIT's own type


def test_moves_miss_sometimes(game, states):
  found = _damage(game, states, "BLAZE", (tables.PLAIN,) * 2)
  missed = [d for d in found if d == 0]
  assert 0 < len(missed) < len(found)
  assert all(_damage(game, states, "KINDLE", (tables.PLAIN,) * 2))


def test_moves_without_power_lower_the_foe(game, states):
  game.load(states["battle"])
  game.poke("wBattleMonMoves", 0, tables.HUSH)
  game["wEnemyMonAttack"] = 40
  game["wBattleMonSpeed"] = 200
  game.press("a a")
  game.act()
  assert game["wEnemyMonAttack"] == 30
  assert game["wEnemyMonHP"] == game["wEnemyMonMaxHP"]


def test_draining_moves_feed_the_fighter(game, states):
  game.load(states["battle"])
  game.poke("wBattleMonMoves", 0, tables.LEECH)
  game["wEnemyMonHP"] = game["wEnemyMonMaxHP"] = 300
  game["wBattleMonHP"] = 2
  game["wBattleMonSpeed"] = 200
  game["wEnemyMonAttack"] = 1
  game.press("a a")
  taken = 0
  for _ in range(3):
    game.act(frames=8)
    taken = max(taken, game["wBattleMonHP"])
  assert taken > 2
