"""Pokémon Red's goals make sense when, and only when, the game lets them."""

import numpy as np
import pytest

from dreamer_jax.games.lantern_isle.goals import NAME as LANTERN_ISLE
from dreamer_jax.games.red import facts as red_facts
from dreamer_jax.games.red import names
from dreamer_jax.games.red.goals import NAME as RED
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.vocabulary import GOALS, IDS
from tests.goals.made import events, facts

POKE, GREAT, ULTRA, MASTER, POTION = 4, 3, 2, 1, 20
ALL_FLAGS = bytes([0xFF] * 320)


def bag(*items):
  """Bytes of a bag of (item, count)."""
  return {"wNumBagItems": len(items), "wBagItems": sum(items, ())}


def feasible(name, *flags, **values):
  """In a game that has a starter and those flags."""
  now = facts(wEventFlags=events(*flags), **values)
  return bool(vocabulary.feasible(IDS[name], now, RED))


def money(amount):
  return {"wPlayerMoney": bytes.fromhex(f"{amount:06d}")}


@pytest.mark.parametrize(
  ("name", "without", "more"),
  [  # flags with which it makes no sense, and those that it lacks
    ("beat_rival_route_22", (37, 119), (1319,)),
    ("beat_rival_route_22", (1319,), (37,)),
    ("go_route_24", (37, 1401), (152,)),
    ("go_bills_house", (37, 1401), (152,)),
    ("discover_route_25", (37, 1401), (152,)),
    ("beat_nugget_rocket", (37, 119, 1401), (152,)),
    ("help_bill", (1401,), (152,)),
    ("get_ss_ticket", (1401, 152), (1371,)),
    ("beat_rocket_thief", (1401, 152, 1371), (1372,)),
    ("beat_rival_cerulean", (37, 119), (1401,)),
    ("beat_misty", (37, 119), (1401,)),
    ("get_tm11", (1401,), (191,)),
    ("get_tm34", (37,), (119,)),
    ("get_helix_fossil", (37, 119), (1401,)),
    ("deliver_parcel", (35,), (57,)),
    ("get_parcel", (34,), (35,)),
    ("beat_brock", (57, 56), (37,)),
  ],
)  # fmt: skip
def test_the_story_has_an_order(name, without, more):
  assert not feasible(f"red_{name}", *without)
  assert feasible(f"red_{name}", *without, *more)


def test_the_first_rival_of_route_22_is_not_the_second():
  rival = "red_beat_rival_route_22"
  assert feasible(rival, 37, 1312, 1319)
  assert not feasible(rival, 37, 1317, 1319)  # beaten
  assert not feasible(rival, 37, 1313, 1319)  # before the last gym


@pytest.mark.parametrize(
  ("name", "price"),
  [
    ("escape_rope_pewter_mart", 550), ("potion_pewter_mart", 300),
    ("potion_cerulean_mart", 300), ("repel_cerulean_mart", 350),
    ("antidote_viridian_mart", 100), ("poke_ball_viridian_mart", 200),
    ("poke_ball_pewter_mart", 200),
  ],
)  # fmt: skip
def test_wares_have_their_prices(name, price):
  name, way = f"red_buy_{name}", (37, 1401)
  assert feasible(name, *way, **money(price))
  assert not feasible(name, *way, **money(price - 1))
  full = bag(*[(POTION + i, 99) for i in range(20)])
  assert not feasible(name, *way, **money(999_999), **full)


def test_money_is_read_as_decimals():
  short = {"wPlayerMoney": bytes([0, 3, 0x65])}
  assert not feasible("red_buy_escape_rope_pewter_mart", 37, **short)
  assert feasible("red_buy_potion_pewter_mart", 37, **short)


@pytest.mark.parametrize("ball", [MASTER, ULTRA, GREAT, POKE])
def test_any_ball_catches(ball):
  held = bag((POTION, 3), (ball, 1))
  for name in ("new_species", "grow_team", "red_catch_pidgey"):
    assert feasible(name, **held)
    assert not feasible(name, **bag((POTION, 3)))
    assert not feasible(name, **bag((POTION, 3), (ball, 0)))
  now = facts(**held)
  assert vocabulary.feasible(IDS["new_species"], now, LANTERN_ISLE)
  assert vocabulary.feasible(IDS["isle_own_3_species"], now, LANTERN_ISLE)


def test_nothing_new_is_left_when_all_are_owned():
  owned = [0xFF] * 18 + [0b1111111]
  assert not feasible("new_species", **bag((POKE, 9)), wPokedexOwned=owned)


def test_what_is_not_wild_is_never_to_be_caught():
  everything = facts(
    wEventFlags=ALL_FLAGS, wObtainedBadges=0xFF, **bag((POKE, 99))
  )
  wild = set().union(*red_facts.HABITATS.values())
  for name, _ in red_facts.CATCH:
    goal = IDS[f"red_catch_{name.lower().replace(' ', '_')}"]
    assert vocabulary.feasible(goal, everything, RED) == (name in wild), name
  assert "Bellsprout" not in wild  # Blue's alone


@pytest.mark.parametrize(
  ("name", "without", "more"),
  [
    ("pikachu", (), (37,)), ("oddish", (37, 1401), (152,)),
    ("abra", (37, 1401), (152,)), ("weedle", (), (37,)),
  ],
)  # fmt: skip
def test_species_are_caught_where_one_can_get(name, without, more):
  held = bag((POKE, 5))
  assert not feasible(f"red_catch_{name}", *without, **held)
  assert feasible(f"red_catch_{name}", *without, *more, **held)


def test_towns_are_discovered_once():
  """Their flag is the game's, not the episode's."""
  for number, name in ((1, "viridian_city"), (2, "pewter_city"),
                       (3, "cerulean_city")):  # fmt: skip
    name, way = f"red_discover_{name}", (37, 1401)
    been = 1 << number
    others = 0xFF & ~been
    flags = lambda low: {"wTownVisitedFlag": bytes([low, 0b111])}
    assert feasible(name, *way, **flags(others))
    assert not feasible(name, *way, **flags(been))


def test_lantern_isle_s_towns_too():
  for town, name in ((0, "duskhaven"), (1, "brightwater"), (2, "mothlight")):
    been = facts(wTownVisitedFlag=[1 << town, 0], **bag((72, 1)))
    not_yet = facts(wTownVisitedFlag=[7 - (1 << town), 0], **bag((72, 1)))
    goal = IDS[f"isle_discover_{name}"]
    assert vocabulary.feasible(goal, not_yet, LANTERN_ISLE)
    assert not vocabulary.feasible(goal, been, LANTERN_ISLE)


@pytest.mark.parametrize(
  ("place", "flags", "town"),
  [
    ("route_1", (), 1), ("route_2", (37,), 2), ("viridian_forest", (37,), 2),
    ("route_3", (37,), 3), ("route_4", (37,), 3), ("mt_moon_1f", (37,), 3),
    ("mt_moon_b1f", (37,), 3), ("mt_moon_b2f", (37,), 3),
  ],
)  # fmt: skip
def test_the_way_to_a_town_is_known_with_it(place, flags, town):
  name, badge = f"red_discover_{place}", {"wObtainedBadges": 1}
  before = bytes([(1 << town) - 1, 0])
  after = bytes([(2 << town) - 1, 0])
  assert feasible(name, *flags, **badge, wTownVisitedFlag=before)
  assert not feasible(name, *flags, **badge, wTownVisitedFlag=after)


@pytest.mark.parametrize(
  ("place", "way", "proof"),
  [
    ("route_22", (), 1317), ("viridian_forest", (37,), 1379),
    ("mt_moon_b2f", (), 1401), ("route_24", (1401, 152), 1344),
    ("route_25", (1401, 152), 1371),
  ],
)  # fmt: skip
def test_deeds_prove_that_a_place_was_seen(place, way, proof):
  name, badge = f"red_discover_{place}", {"wObtainedBadges": 1}
  assert feasible(name, *way, **badge)
  assert not feasible(name, *way, proof, **badge)


def test_what_is_done_is_not_offered_again():
  """With everything done, only what can be repeated is left."""
  owned = [0xFF] * 18 + [0b1111111]
  now = facts(
    wEventFlags=ALL_FLAGS, wObtainedBadges=0xFF, wPokedexOwned=owned,
    wPokedexSeen=owned, wTownVisitedFlag=[0xFF, 0b111], **bag((POKE, 9)),
  )  # fmt: skip
  left = {GOALS[i].name for i in vocabulary.feasible_ids(now, RED)}
  left = {name for name in left if name.startswith("red_")}
  again = ("red_go_", "red_buy_", "red_heal_")
  assert not {name for name in left if not name.startswith(again)}


def test_facts_agree_with_the_names_of_the_game():
  dex = {names.SPECIES[i]: d for i, d in names.DEX.items()}
  for name, number in red_facts.CATCH + red_facts.STARTERS:
    assert dex[name] == number
  assert set().union(*red_facts.HABITATS.values()) <= set(dex)
  assert set(red_facts.HABITATS) | set(red_facts.DISCOVER) <= set(
    red_facts.PLACES
  )
  for what, (item, _), _, m, _ in red_facts.WARES:
    assert names.ITEMS[item] == what and m in red_facts.PLACES
  known = set(names.EVENTS.values()) | {1313, 1319}  # of the rival's
  for goal in GOALS:
    if goal.game == RED:
      for clause in predicates.parse(f"{goal.done}, {goal.feasible}"):
        if clause.term == "event":
          assert clause.numbers[0] in known, goal.name
        if clause.term == "room":
          assert clause.numbers[0] in names.ITEMS, goal.name
        if clause.term == "map":
          assert clause.numbers[0] in names.MAPS, goal.name
  assert np.all([m in names.MAPS for m in red_facts.PLACES])
