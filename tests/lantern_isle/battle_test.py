"""Battles: menus, damage, running, catching, levels, losing, the leader."""

import numpy as np

from dreamer_jax.lantern_isle.players.battling import PARTY
from dreamer_jax.lantern_isle.world import tables

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
  assert ram.menu_item == 2  # the cursor stays where it was, as in Red
  game.press("up a")
  ram = game.until_menu()
  assert ram.active_slot == 1
  assert ram.in_battle


def test_the_partys_cursor_is_kept_for_one_battle(game, states):
  game.load(states["battle"])
  game.put_mon(1, "PIPWING", 9)
  game.press("right a down b")
  game.until_menu()
  game.press("right a")
  assert game.ram().text_box_id == PARTY
  assert game.ram().menu_item == 1
  game.press("b")
  _run(game)
  game.act("a")
  game.meet_wild()
  game.press("right a")
  assert game.ram().text_box_id == PARTY
  assert game.ram().menu_item == 0


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
