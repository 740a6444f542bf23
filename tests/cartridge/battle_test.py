"""Battles: menus, damage, running, catching, levels, losing, the leader."""

import numpy as np

from dreamer_jax.cartridge import tables
from dreamer_jax.cartridge.fighting import MOVES, PARTY, YES_NO
from dreamer_jax.cartridge.text import CODES

LEVEL, HP, EXP = 33, 1, 14  # offsets in a party struct


def _fight_on(game, limit=60, **watch):
  """Presses A with Fight and the first move until the battle is over."""
  rows = []
  for _ in range(limit):
    rows.append(tuple(game[name] for name in watch.get("names", ())))
    if not game.ram().in_battle:
      return rows
    game.act("a")
  raise AssertionError("the battle does not end")


def _run(game):
  """Chooses Run at the battle menu, where the cursor starts on Fight."""
  return game.press("right down a")


def test_wild_battle_opens_with_the_fighter_sent_out(game, states):
  game.load(states["battle"])
  ram = game.ram()
  assert ram.battle == 1
  assert ram.in_battle
  assert not ram.dialog_open
  assert not ram.can_act
  assert game["hWY"] == 0
  assert game["wCurOpponent"] == 0
  assert ram.active_species == ram.party_species[0]
  assert ram.active_hp == ram.party_hp[0]
  assert 2 <= ram.enemy_level <= 4
  assert ram.enemy_hp == ram.enemy_max_hp > 0
  assert ram.seen[int(ram.enemy_species) - 1]


def test_fighter_is_unknown_until_sent_out(game, states):
  game.load(states["grass"])
  for i in range(400):
    if game.ram().in_battle:
      break
    game.act(("left", "right")[i % 2])
  ram = game.ram()
  assert ram.in_battle
  assert ram.active_species == 0
  assert np.array_equal(ram.live_party_hp, ram.party_hp)


def test_menu_cursor_is_red_s(game, states):
  game.load(states["battle"])
  tile = lambda address: game.pyboy.memory[address]
  assert tile(0xC4C1) == 0xED  # Fight
  game.act("down")
  assert tile(0xC4E9) == 0xED  # Ball
  assert game.ram().menu_item == 1
  game.act("right")
  assert tile(0xC4EF) == 0xED  # Run
  ram = game.act("up")
  assert tile(0xC4C7) == 0xED  # Kin
  assert (ram.menu_x, ram.menu_item) == (15, 0)


def test_move_list_opens_moves_and_cancels(game, states):
  game.load(states["battle"])
  ram = game.act("a")
  assert (ram.menu_x, ram.menu_max) == (5, 1)
  ram = game.act("down")
  assert ram.menu_item == 1
  ram = game.act("b")
  assert ram.menu_x == 9


def test_live_hp_leads_and_the_party_copy_follows(game, states):
  game.load(states["battle"])
  game["wEnemyMonHP"] = 200
  game["wEnemyMonMaxHP"] = 200
  start = int(game.ram().party_hp[0])
  game.press("a a")
  lagging = False
  for _ in range(12):
    ram = game.act()
    lagging |= bool(ram.active_hp < ram.party_hp[0] == start)
  assert lagging
  assert game.ram().live_party_hp[0] == game["wBattleMonHP"]
  game.press("a a")  # the next turn's start writes the copy
  assert game.ram().party_hp[0] < start


def test_power_points_are_spent(game, states):
  game.load(states["battle"])
  before = game["wBattleMonPP"] >> 24
  game.press("a a")
  game.act()
  assert game["wBattleMonPP"] >> 24 == before - 1


def test_win_gives_experience_before_the_battle_ends(game, states):
  game.load(states["battle"])
  game["wEnemyMonHP"] = 1
  start = int(game.ram().party_exp[0])
  level = int(game.ram().enemy_level)
  species = tables.SPECIES[int(game.ram().enemy_species) - 1]
  gains = []
  for _ in range(30):
    ram = game.ram()
    if not ram.in_battle:
      break
    gains.append(int(ram.party_exp[0]) - start)
    game.act("a")
  assert gains[-1] == species.xp * level
  ram = game.ram()
  assert ram.battle == 0
  assert ram.battle_result == 0
  assert ram.enemy_hp == 0  # stays readable
  assert game["wNumberOfNoRandomBattleStepsLeft"] == 3


def test_level_up_raises_stats_and_speaks(game, states):
  game.load(states["battle"])
  game["wEnemyMonHP"] = 1
  game.set_mon(0, EXP, 0, 0, 215)  # one short of level 6
  before = game.ram()
  _fight_on(game)
  ram = game.ram()
  assert ram.party_level[0] == 6
  assert ram.party_max_hp[0] > before.party_max_hp[0]
  assert ram.party_hp[0] <= ram.party_max_hp[0]


def test_running_gives_result_two(game, states):
  game.load(states["battle"])
  game["wBattleMonSpeed"] = 200
  _run(game)
  rows = _fight_on(game)
  assert rows
  ram = game.ram()
  assert ram.battle_result == 2
  assert ram.party_count == 1
  assert ram.captured_species == 0


def test_run_can_fail(game, states):
  game.load(states["battle"])
  failed = False
  for wait in range(1, 40):
    game.load(states["battle"])
    game["wBattleMonSpeed"] = 1
    game.act(frames=wait)
    _run(game)
    game.act()
    game.act("a")
    ram = game.act()
    failed |= bool(ram.in_battle)
    if failed:
      return
  raise AssertionError("running never failed")


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


def test_next_creature_is_chosen_when_one_faints(game, states):
  game.load(states["grass"])
  game.put_mon(1, "PIPWING", 9)
  game.put_mon(2, "LUMOLL", 9, hp=0)
  game.meet_wild()
  game["wEnemyMonHP"] = 200
  game["wEnemyMonAttack"] = 60
  game["wEnemyMonSpeed"] = 200
  game["wBattleMonHP"] = 1
  for _ in range(12):
    ram = game.act("a")
    if ram.text_box_id == PARTY:
      break
  assert ram.battle_result == 1  # means nothing in mid-battle
  assert ram.party_hp[0] == 0
  game.act("b")  # nobody stays out of a fight
  game.act()
  game.press("down down a")  # nor can a fainted one go
  ram = game.act()
  assert (ram.text_box_id, ram.active_slot) == (PARTY, 0)
  game.press("down a")
  ram = game.until_menu()
  assert ram.active_slot == 1
  assert ram.in_battle


def test_kin_changes_the_fighter(game, states):
  game.load(states["grass"])
  game.put_mon(1, "PIPWING", 9)
  game.meet_wild()
  game.press("right a down")
  assert game.ram().menu_x == 2
  game.act("a")
  ram = game.until_menu()
  assert ram.active_slot == 1
  assert ram.active_species == ram.party_species[1]


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
