"""Catching: balls, the box, nicknames."""

from dreamer_jax.lantern_isle.players.battling import BATTLE_MENU, YES_NO
from dreamer_jax.lantern_isle.world import tables
from dreamer_jax.lantern_isle.world.text import CODES


def _catch(game, states):
  """Throws a sure ball; the state when the party has grown, still asking."""
  game.load(states["battle"])
  game["wEnemyMonHP"] = 1
  game["wEnemyMonCatchRate"] = 255
  game.press("down a a")
  for _ in range(12):
    ram = game.ram()
    if ram.party_count == 2:
      return ram
    game.act("a")
  raise AssertionError("not caught")


def _play(game):
  """Presses A until the player walks again."""
  for _ in range(20):
    if game.act("a").can_act:
      return game.ram()
  raise AssertionError("still busy")


def test_ball_can_fail_and_the_foe_moves(game, states):
  game.load(states["battle"])
  game["wEnemyMonCatchRate"] = 0
  game.press("down a a")
  ram = game.until_menu()
  assert ram.in_battle
  assert ram.bag[0, 1] == 9
  assert ram.party_count == 1
  assert ram.captured_species == 0


def _caught(game, states, hp: int) -> int:
  """How many of 24 balls catch a foe with this health."""
  caught = 0
  for wait in range(24):
    game.load(states["battle"])
    game.act(frames=1 + wait)
    game["wEnemyMonHP"], game["wEnemyMonCatchRate"] = hp, 40
    game.press("down a a")
    for _ in range(8):
      ram = game.act("a")
      if ram.captured_species or ram.text_box_id == BATTLE_MENU:
        break
    caught += bool(ram.captured_species)
  return caught


def test_the_weak_are_caught_more_often(game, states):
  game.load(states["battle"])
  full = _caught(game, states, game["wEnemyMonMaxHP"])
  assert 1 <= full <= 8  # 40 of 256, 4 on average
  assert 14 <= _caught(game, states, 1) <= 23  # 200 of 256, 19 on average


def test_empty_bag_throws_nothing(game, states):
  game.load(states["battle"])
  game.set_bag()
  game.press("down a")
  game.act(frames=48)
  ram = game.until_menu()
  assert ram.in_battle
  assert ram.enemy_hp == ram.enemy_max_hp


def test_full_party_sends_the_caught_to_the_box(game, states):
  game.load(states["battle"])
  for slot in range(1, 6):
    game.put_mon(slot, "PEBBIT", 3)
  species, level = game["wEnemyMonSpecies"], game["wEnemyMonLevel"]
  game["wEnemyMonHP"] = 1
  game["wEnemyMonCatchRate"] = 255
  game.press("down a a")
  ram = _play(game)
  assert ram.party_count == 6
  assert ram.owned_count == 2
  assert game["wBoxCount"] == 1
  assert game.peek("wBoxSpecies", 0) == species
  assert game.peek("wBoxSpecies", 1) == 0xFF
  assert game.peek("wBoxMons", 0) == species
  assert game.peek("wBoxMons", 3) == level


def test_no_ball_is_thrown_where_no_creature_fits(game, states):
  game.load(states["battle"])
  for slot in range(1, 6):
    game.put_mon(slot, "PEBBIT", 3)
  game["wBoxCount"] = 20
  game["wEnemyMonCatchRate"] = 255
  game.press("down a a")
  ram = game.until_menu()
  assert (ram.in_battle, ram.bag[0, 1]) == (1, 10)
  assert (ram.party_count, ram.owned_count, game["wBoxCount"]) == (6, 1, 20)


def test_nickname_is_asked_and_no_is_the_default(game, states):
  _catch(game, states)
  for _ in range(4):
    if game.ram().text_box_id == YES_NO:
      break
    game.act("a")
  ram = game.ram()
  assert (ram.text_box_id, ram.menu_item) == (YES_NO, 1)
  species = tables.SPECIES[int(ram.enemy_species) - 1].name
  _play(game)
  assert _name(game, 1) == species


def test_nickname_can_be_given(game, states):
  _catch(game, states)
  while game.ram().text_box_id != YES_NO:
    game.act("a")
  game.press("up a down a")
  _play(game)
  assert _name(game, 1) == tables.NICKNAMES[1]


def _name(game, slot: int) -> str:
  codes = [game.peek("wPartyMonNicks", 11 * slot + i) for i in range(9)]
  letters = {code: letter for letter, code in CODES.items()}
  return "".join(letters[c] for c in codes[: codes.index(0x50)])
