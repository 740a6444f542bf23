"""Passes and errands: what is open, and where to stand."""

import numpy as np
import pytest

from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.lantern_isle.world.events import EVENTS


def _events(*names: str) -> bytes:
  field = bytearray(320)
  for name in names:
    field[EVENTS[name] // 8] |= 1 << EVENTS[name] % 8
  return bytes(field)


@pytest.mark.parametrize(
  ("values", "open_"),
  [
    ({}, set()),
    ({"wStatusFlags4": 8}, {"guard_stop"}),
    ({"wObtainedBadges": 1}, {"badge_stop"}),
    ({"wObtainedBadges": 2}, set()),
    ({"wObtainedBadges": 3}, {"badge_stop", "stairs_stop"}),
    ({"wNumBagItems": 1, "wBagItems": [tables.LANTERN, 1, 255]},
     {"dark_stop"}),
    ({"wBagItems": [tables.LANTERN, 1, 255]}, set()),  # beyond the count
    ({"wEventFlags": _events("gym_lock_open")}, {routes.LOCK}),
  ],
)  # fmt: skip
def test_passes_follow_the_ram(values, open_):
  assert routes.passes(decode(memory.build(**values))) == open_


def test_one_stands_before_faces_and_counters():
  place, face = routes.beside(maps.GYM, "leader_1")
  assert (place, face) == ((maps.GYM, 4, 3), UP)
  (_, x, y), face = routes.beside(maps.SHOP, "shop_1")
  assert (x, y, face) == (2, 3, UP)  # over the counter
  with pytest.raises(StopIteration):
    routes.beside(maps.GYM, "nobody")


def test_graph_is_the_same_forwards_and_back():
  """One can go back by the opposite step, but for doors and mats."""
  opposite = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}
  graph = routes.graph()
  one_way = [
    place
    for place, moves in graph.items()
    for action, to in moves.items()
    if to[0] == place[0] and graph.get(to, {}).get(opposite[action]) != place
  ]
  doors = {(m.id, w.x, w.y) for m in maps.MAPS.values() for w in m.warps}
  assert not [p for p in one_way if not doors & {p, *graph[p].values()}]


def test_hunting_goes_where_new_ones_live():
  owned = np.zeros(152, bool)
  owned[[tables.species_id(n) - 1 for n in (
    "PIPWING", "PEBBIT", "BURROLL", "LUMOLL", "SOOTMOTH")]] = True  # fmt: skip
  ram = decode(memory.build(
    wPokedexOwned=np.packbits(owned, bitorder="little").tolist(),
    wNumBagItems=1, wBagItems=[tables.BALL_ITEM, 9, 255],
    wPartyCount=1, wPartyMons=bytes(33) + bytes([8]),
  ))  # fmt: skip
  assert itinerary.wanted_species(ram, maps.ROUTE) == 0
  place = (maps.SECOND_TOWN, 12, 12)
  first = itinerary.hunting_map(ram, place, frozenset(), frozenset())
  assert first == maps.ROUTE  # nothing else is open
  second = itinerary.hunting_map(ram, place, routes.ALL_OPEN, frozenset())
  assert second != maps.ROUTE


def test_chances_are_shares():
  for map_id in itinerary.HUNTING_LEVELS:
    assert sum(itinerary.CHANCES[map_id].values()) == pytest.approx(1.0)
    assert itinerary.WILD[map_id]
