"""The story: gates, gifts, things lying about, the second gym, the ending."""

import pytest

from dreamer_jax.lantern_isle.players.itinerary import (
  GREAT_LAMP,
  LAMP_EAST,
  LAMP_WEST,
  LEADERS,
  NEIGHBOUR,
)  # fmt: skip
from dreamer_jax.lantern_isle.players.routes import beside
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.lantern_isle.world.events import EVENTS


@pytest.fixture(scope="session")
def mothlight(_emulator, states) -> bytes:
  """Before Mothlight's gym: a badge, a LANTERN, all trainers beaten."""
  game = _emulator
  game.load(states["town"])
  game["wObtainedBadges"] = 1
  game.set_bag((tables.BALL_ITEM, 9), (tables.LANTERN, 1))
  game.put_mon(0, "BRINWAVE", 30)
  game.walk_to(maps.THIRD_TOWN, 13, 5)
  return game.save()


def _talk(game, errand):
  place, face = errand
  game.walk_to(*place)
  game.act({4: "up", 5: "down", 6: "left", 7: "right"}[face])
  return game.act("a")


def _until_play(game, limit=60):
  for _ in range(limit):
    if game.act("a").can_act:
      return game.ram()
  raise AssertionError("still busy")


def test_badge_guard_sends_back_without_the_badge(game, states):
  game.load(states["town"])
  game.walk_to(maps.SECOND_TOWN, 17, 12)
  game.act("right")
  assert game.act().dialog_open
  game.press("a a")
  game.act()
  assert game.place() == (maps.SECOND_TOWN, 17, 12)
  game["wObtainedBadges"] = 1
  game.walk_to(maps.REED_WALK, 1, 12)


def test_dark_wood_needs_the_lantern(game, states):
  game.load(states["town"])
  game["wObtainedBadges"] = 1
  game.walk_to(maps.REED_WALK, 9, 3)
  game.act("up")
  assert game.act().dialog_open
  game.press("a a")
  game.act()
  assert game.place() == (maps.REED_WALK, 9, 3)
  game.set_bag((tables.LANTERN, 1))
  game.walk_to(maps.WOOD, 9, 28)


@pytest.mark.parametrize("wild", [
    (maps.REED_WALK, 8, 12), (maps.WOOD, 10, 24), (maps.EMBER_PASS, 16, 9),
    (maps.CAVE_MAP, 9, 13),
])  # fmt: skip
def test_each_map_has_its_own_creatures(game, states, wild):
  game.load(states["town"])
  game["wObtainedBadges"] = 1
  game.set_bag((tables.LANTERN, 1))
  game.walk_to(*wild)
  slots = maps.MAPS[wild[0]].wild.slots
  ram = game.meet_wild()
  name = tables.SPECIES[int(ram.enemy_species) - 1].name
  assert (int(ram.enemy_level), name) in slots
  assert game["wGrassRate"] == maps.MAPS[wild[0]].wild.rate


def test_neighbour_gives_once(game, states):
  game.load(states["starter"])
  _talk(game, NEIGHBOUR)
  ram = _until_play(game)
  assert ram.bag[1].tolist() == [tables.BALM, 2]
  _talk(game, NEIGHBOUR)
  assert game.words(14) == "Use a BALM when a"
  assert _until_play(game).bag[1, 1] == 2


def test_thing_on_the_ground_is_gone_for_good(game, states):
  game.load(states["grass"])
  game.beat_trainers()
  _talk(game, beside(maps.ROUTE, "item:BALM"))
  ram = _until_play(game)
  assert ram.bag[1].tolist() == [tables.BALM, 1]
  assert ram.event(EVENTS["item_fern_road"])
  game.act("down")
  place, _ = beside(maps.ROUTE, "item:BALM")
  thing = next(t for t in maps.MAPS[maps.ROUTE].people
               if t.script == "item:BALM")  # fmt: skip
  game.walk_to(*place)
  game.act({-1: "up", 1: "down"}.get(thing.y - place[2], "right"))
  game.act()
  assert game.place() == (maps.ROUTE, thing.x, thing.y)  # nothing in the way


def test_lamps_open_the_bars_in_order_only(game, mothlight):
  game.load(mothlight)
  _talk(game, LAMP_EAST)
  assert game.words(14) == "It flickers, and"
  _until_play(game)
  assert not game.ram().event(EVENTS["gym_lock_open"])
  _talk(game, LAMP_WEST)
  _until_play(game)
  _talk(game, LAMP_EAST)
  ram = _until_play(game)
  assert ram.event(EVENTS["gym_lock_open"])
  game.walk_to(*LEADERS[1][0])


def test_second_badge_lamp_and_credits(game, mothlight):
  game.load(mothlight)
  game.set_event("gym_lock_open")
  _talk(game, LEADERS[1])
  ram = _until_play(game, 200)
  assert ram.badges == 3
  assert ram.event(EVENTS["beat_leader_2"])
  _talk(game, GREAT_LAMP)
  pages = []
  for _ in range(40):
    ram = game.act("a")
    pages.append((game.words(14), game.words(16), game.words(4)))
    if ram.can_act:
      break
  assert ram.event(EVENTS["lit_great_lamp"])
  assert game["wNumHoFTeams"] == 1
  assert any(page[0] == "LANTERN ISLE" for page in pages)
  assert any(page[2] == "THE END" for page in pages)
  assert game.place() == maps.CREDITS
  game.walk_to(maps.THIRD_TOWN, 9, 12)  # play goes on


def test_stairs_stay_shut_with_one_badge(game, mothlight):
  game.load(mothlight)
  game.walk_to(maps.LIGHTHOUSE, 5, 2)
  game.act("right")
  assert game.act().dialog_open
  game.press("a a")
  game.act()
  assert game.place() == (maps.LIGHTHOUSE, 6, 3)


def test_healer_of_the_third_town_moves_the_blackout(game, mothlight):
  game.load(mothlight)
  game.set_mon(0, 1, 0, 3)
  game.set_mon(0, 29, 1)
  _talk(game, beside(maps.HEALING_HOUSE_2, "healer_2"))
  ram = _until_play(game)
  assert ram.last_blackout_map == maps.THIRD_TOWN
  assert ram.party_hp[0] == ram.party_max_hp[0]
  assert ram.party_pp[0, 0] == 35
