"""Start menu, bag, party, dex, options, shop."""

import numpy as np
import pytest

from dreamer_jax.lantern_isle.players.battling import (
  AMOUNT,
  BAG,
  PARTY,
  SHOP,
  START_MENU,
)  # fmt: skip
from dreamer_jax.lantern_isle.players.itinerary import SHOPS
from dreamer_jax.lantern_isle.world import tables

KIN, BAG_ENTRY, OPTIONS = 1, 2, 4


def _open(game, entry: int):
  """The start menu's entry, opened; the cursor begins on the first."""
  game.act("start")
  game.press("down " * entry)
  return game.act("a")


def _leave(game):
  for _ in range(4):
    if game.act("b").can_act:
      return game.act()
  raise AssertionError("still in a menu")


def test_start_menu_opens_beside_the_map_and_closes(game, states):
  game.load(states["starter"])
  before = game.screen()
  ram = game.act("start")
  assert ram.dialog_open
  assert ram.text_box_id == START_MENU
  assert np.array_equal(game.screen()[:64, :80], before[:64, :80])
  game.act("b")
  assert game.act().can_act
  assert np.array_equal(game.screen(), before)


@pytest.mark.parametrize("entry", range(6))
def test_every_entry_comes_back_to_the_map(game, states, entry):
  game.load(states["starter"])
  before = game.screen()
  _open(game, entry)
  _leave(game)
  assert np.array_equal(game.screen(), before)


def test_party_goes_to_the_front_with_its_name(game, states):
  game.load(states["starter"])
  game.put_mon(1, "LUMOLL", 6)
  names = game.ram().party_id[:2].tolist()
  ram = _open(game, KIN)
  assert (ram.text_box_id, ram.menu_max) == (PARTY, 1)
  game.press("down a down a")
  ram = game.act()
  assert ram.can_act
  assert ram.party_id[:2].tolist() == names[::-1]
  assert game.peek("wPartySpecies", 0) == tables.species_id("LUMOLL")
  _open(game, 0)  # the menu remembers its last entry: KIN
  assert game.words(1).startswith("LUMOLL")


def test_figures_are_shown(game, states):
  game.load(states["starter"])
  game.put_mon(0, "KILNOX", 12)
  _open(game, KIN)
  game.press("a a")
  assert "KILNOX" in game.words(1)
  assert "EMBER" in game.words(3) and "STONE" in game.words(3)
  assert "TUMBLE" in game.words(9) and "FLARE" in game.words(15)
  _leave(game)


def test_balm_heals_on_the_map(game, states):
  game.load(states["starter"])
  game.put_mon(0, "FERNUB", 12, hp=5)
  game.set_bag((tables.BALM, 2), (tables.LANTERN, 1))
  ram = _open(game, BAG_ENTRY)
  assert (ram.text_box_id, ram.menu_max) == (BAG, 1)
  game.press("a a")
  ram = _leave(game)
  assert ram.party_hp[0] == 25
  assert ram.bag[0].tolist() == [tables.BALM, 1]


@pytest.mark.parametrize(
  ("item", "hp", "after"),
  [(tables.SPARK, 0, 22), (tables.SPARK, 9, 9), (tables.RICH_BALM, 0, 0),
   (tables.RICH_BALM, 9, 46), (tables.BALM, 46, 46)],
)  # fmt: skip
def test_items_help_whom_they_can(game, states, item, hp, after):
  game.load(states["starter"])
  game.put_mon(0, "FERNUB", 16, hp=hp)
  most = int(game.ram().party_max_hp[0])
  game.set_bag((item, 1))
  _open(game, BAG_ENTRY)
  game.press("a a")
  ram = _leave(game)
  assert most == 45 or ram.party_max_hp[0] == most
  assert ram.party_hp[0] == min(after, most)
  assert (ram.bag[0, 1] == 0) == (ram.party_hp[0] != hp)


def test_tonic_restores_power_points(game, states):
  game.load(states["starter"])
  game.set_mon(0, 29, 1, 2)
  game.set_bag((tables.TONIC, 1))
  _open(game, BAG_ENTRY)
  game.press("a a")
  ram = _leave(game)
  assert ram.party_pp[0, :2].tolist() == [35, 25]


def test_incense_keeps_wild_ones_away(game, states):
  game.load(states["grass"])
  game.set_bag((tables.INCENSE, 1))
  _open(game, BAG_ENTRY)
  game.act("a")
  ram = _leave(game)
  assert game["wRepelRemainingSteps"] == 100
  for i in range(60):
    ram = game.act(("left", "right")[i % 2])
  assert not ram.in_battle
  assert game["wRepelRemainingSteps"] < 60


def test_key_item_is_neither_used_up_nor_sold(game, states):
  game.load(states["starter"])
  game.set_bag((tables.LANTERN, 1))
  _open(game, BAG_ENTRY)
  game.act("a")
  assert game.words(14) == "The LANTERN shines"
  assert _leave(game).bag[0].tolist() == [tables.LANTERN, 1]


def test_balm_in_battle_costs_the_turn(game, states):
  game.load(states["grass"])
  game.put_mon(0, "FERNUB", 20, hp=9)
  game.set_bag((tables.BALM, 1))
  game.meet_wild()
  game["wEnemyMonAttack"] = 1
  game.press("down a a a")
  ram = game.until_menu()
  assert 26 <= ram.active_hp <= 29
  assert ram.bag[0, 1] == 0


def test_dex_lists_what_was_seen(game, states):
  game.load(states["battle"])
  game["wBattleMonSpeed"] = 200
  seen = tables.SPECIES[game["wEnemyMonSpecies"] - 1].name
  game.press("right down a a a")
  for _ in range(4):
    game.act()
  _open(game, 0)
  rows = " ".join(game.words(row) for row in range(1, 17, 2))
  assert "WICKIT" in rows and seen in rows and "--------" in rows
  _leave(game)


def test_text_speed_slows_the_letters(game, states):
  game.load(states["home"])
  _open(game, OPTIONS)
  game.press("a a")
  _leave(game)
  assert game["wOptions"] & 7 == 5
  game.walk_to(37, 2, 5)
  game.act("up")
  game.act("a")
  slow = game.words(14)
  assert "Rest a bit, dear.".startswith(slow) and len(slow) < 17


def test_flashes_can_be_switched_off(game, states):
  game.load(states["starter"])
  _open(game, OPTIONS)
  game.press("down a")
  assert game["wOptions"] & 0x80
  _leave(game)


def _shop(game, states):
  game.load(states["town"])
  (place, _) = SHOPS[0]
  game.walk_to(*place)
  game.press("up a a")
  ram = game.act()
  assert ram.text_box_id == SHOP
  return ram


def test_shop_sells_by_number(game, states):
  _shop(game, states)
  ram = game.act("a")
  assert ram.text_box_id == AMOUNT
  game.press("up up a")
  ram = _leave(game)
  assert ram.bag[0].tolist() == [tables.BALL_ITEM, 13]
  assert ram.money == 2700


def test_shop_refuses_an_empty_purse(game, states):
  game.load(states["town"])
  game["wPlayerMoney"] = 0x000120
  game.walk_to(*SHOPS[0][0])
  game.press("up a a")
  game.act()
  game.press("a up a")  # two BALLS cost 200
  assert "Too dear." in game.words(16)
  assert _leave(game).money == 120


def test_shop_buys_at_half_the_price(game, states):
  _shop(game, states)
  game.press("down down down down a")
  ram = game.act("a")  # the bag's first: ten BALLS
  assert ram.text_box_id == AMOUNT
  game.press("up a")
  ram = _leave(game)
  assert ram.bag[0].tolist() == [tables.BALL_ITEM, 8]
  assert ram.money == 3100
