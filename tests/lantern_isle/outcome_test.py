"""How battles end: lost, or won against the leader."""

import pytest

from dreamer_jax.lantern_isle.world import maps, tables, trainers
from dreamer_jax.lantern_isle.world.events import EVENTS

MARLA = trainers.TRAINERS[2]


def test_loss_is_late_and_looks_like_a_win(game, states):
  game.load(states["battle"])
  game["wEnemyMonHP"] = 200
  game["wEnemyMonAttack"] = 60
  game["wBattleMonHP"] = 1
  names = ("wIsInBattle", "wBattleResult", "wCurMap", "wYCoord")
  rows = []
  for _ in range(25):
    rows += game.frames("a", 24, *names)
    if game.ram().can_act:
      break
  phases = [rows[0][0]]
  for row in rows:
    if row[0] != phases[-1]:
      phases.append(row[0])
  assert phases == [1, 0, 0xFF, 0]
  lost = [row for row in rows if row[0] == 0xFF]
  assert 30 <= len(lost) <= 90
  assert all(row[1] == 1 for row in lost)
  ram = game.ram()
  assert ram.battle_result == 0
  assert ram.party_hp[0] == ram.party_max_hp[0]
  assert ram.money == 1500
  assert game.place() == (maps.HOME_TOWN, *maps.RESTORES[maps.HOME_TOWN])


@pytest.mark.parametrize(
  ("money", "half"), [(0x030000, 15000), (0x999999, 499999), (0x000101, 50)]
)
def test_money_is_halved_in_decimal(game, states, money, half):
  game.load(states["battle"])
  game["wPlayerMoney"] = money
  game["wEnemyMonHP"] = 200
  game["wEnemyMonAttack"] = 60
  game["wBattleMonHP"] = 1
  for _ in range(25):
    if game.act("a").can_act:
      break
  assert game.ram().money == half


def test_leader_gives_the_badge_after_the_words(game, states):
  game.load(states["leader"])
  game.put_mon(0, "FERNGARD", 25)
  badge_seen_in_battle = False
  opponents, foes, badge_at = set(), set(), None
  for i in range(120):
    ram = game.act("a")
    if ram.in_battle:
      opponents.add((int(ram.battle), game["wCurOpponent"]))
      foes.add(int(ram.enemy_species))
      badge_seen_in_battle |= bool(ram.badges)
    if ram.badges and badge_at is None:
      badge_at = i
      assert ram.dialog_open
      assert ram.battle == 0
      assert ram.event(EVENTS["beat_leader_1"])
    if ram.badges and ram.can_act:
      break
  assert badge_at is not None
  assert not badge_seen_in_battle
  assert opponents == {(2, MARLA.trainer_class + 200)}
  assert {tables.species_id(name) for name, _ in MARLA.team} <= foes
  ram = game.ram()
  assert ram.badges == 1
  assert ram.money == 3000 + MARLA.prize
  assert game["wCurOpponent"] == 0
  assert (game["wGymLeaderNo"], game["wBeatGymFlags"]) == (1, 1)
  assert ram.bag[1].tolist() == [tables.LANTERN, 1]


def test_enemy_party_lies_where_red_keeps_it(game, states):
  game.load(states["leader"])
  while not game.ram().in_battle:
    game.act("a")
  team = [tables.species_id(name) for name, _ in MARLA.team]
  assert game["wEnemyPartyCount"] == len(team)
  listed = [game.peek("wEnemyPartySpecies", i) for i in range(3)]
  assert listed == [*team, 0xFF]
  assert [game.peek("wEnemyMons", 44 * i) for i in range(2)] == team
  assert game.peek("wEnemyMons", 33) == MARLA.team[0][1]
  assert game["wTrainerClass"] == MARLA.trainer_class


def test_leader_cannot_be_left_or_robbed(game, states):
  game.load(states["leader"])
  game.put_mon(0, "FERNGARD", 25)
  while not game.ram().in_battle:
    game.act("a")
  game.until_menu()
  game.press("right down a")
  assert game.until_menu().battle == 2
  game.press("down a a")
  ram = game.until_menu()
  assert ram.battle == 2
  assert ram.bag[0, 1] == tables.STARTER_BALLS


def test_leader_beats_the_weak(game, states):
  game.load(states["leader"])
  game.put_mon(0, "PIPWING", 2)
  while not game.ram().in_battle:
    game.act("a")
  for _ in range(160):
    if game.act("a").can_act:
      break
  ram = game.ram()
  assert ram.badges == 0
  assert ram.map_id == maps.HOME_TOWN
  assert ram.money == 1500


def test_trainer_in_sight_calls_and_is_beaten_once(game, states):
  game.load(states["grass"])
  game.put_mon(0, "FERNGARD", 25)
  game.walk_to(maps.ROUTE, 9, 11)
  ram = game.act("left")  # onto RILL's line
  for _ in range(4):
    ram = game.act()
  assert ram.dialog_open
  for _ in range(80):
    ram = game.act("a")
    if ram.can_act:
      break
  assert ram.event(EVENTS["beat_camper_rill"])
  assert ram.money == 3150
  game.press("right left")
  assert game.act().can_act  # not twice
  game.walk_to(maps.ROUTE, 6, 11)
  game.press("left a")
  assert game.words(14) == "RILL: I will camp"
