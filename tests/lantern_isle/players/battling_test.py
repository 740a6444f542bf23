"""The scripted fighter's choices, on built RAM."""

import numpy as np
import pytest

from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.lantern_isle.players import battling
from dreamer_jax.lantern_isle.players.battling import A, B, Fighter
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP
from dreamer_jax.lantern_isle.world import tables


def _member(species: str, level: int, hp=None) -> bytes:
  number = tables.species_id(species)
  moves = [m for at, m in tables.SPECIES[number - 1].learns if at <= level]
  data = bytearray(44)
  data[0] = number
  data[1:3] = (level * 3 if hp is None else hp).to_bytes(2, "big")
  data[8 : 8 + len(moves)] = bytes(moves)
  data[29 : 29 + len(moves)] = bytes([9] * len(moves))
  data[33] = level
  data[34:36] = (level * 3).to_bytes(2, "big")
  return bytes(data)


def _ram(party, foe="PIPWING", battle=1, foe_hp=(30, 30), bag=(), **values):
  """In battle: (species, level, HP) of the party, the first one fights."""
  party = [_member(*member) for member in party]
  active = party[0]
  pairs = [v for pair in bag for v in pair]
  base = dict(
    wStatusFlags6=1, wIsInBattle=battle, wPartyCount=len(party),
    wPartyMons=b"".join(party), wBattleMonSpecies=active[0],
    wBattleMonHP=active[1:3], wBattleMonMaxHP=active[34:36],
    wBattleMonLevel=active[33], wBattleMonPP=active[29:33],
    wEnemyMonSpecies=tables.species_id(foe), wEnemyMonLevel=5,
    wEnemyMonHP=foe_hp[0], wEnemyMonMaxHP=foe_hp[1],
    wNumBagItems=len(bag), wBagItems=pairs,
    wTextBoxID=battling.BATTLE_MENU, wTopMenuItemX=9,
  )  # fmt: skip
  return decode(memory.build(**{**base, **values}))


@pytest.fixture
def fighter():
  return Fighter(np.random.default_rng(0))


def test_point_walks_the_list():
  ram = lambda at: _ram([("WICKIT", 5)], wCurrentMenuItem=at)
  assert [battling.point(ram(at), 2) for at in (0, 2, 3)] == [DOWN, A, UP]


def test_power_counts_types_and_chance():
  kindle = battling.power(tables.KINDLE, 1, tables.species_id("FERNUB"))
  assert kindle == pytest.approx(45 * 1.5 * 2 * 255 / 256)
  blaze = battling.power(tables.BLAZE, 2, tables.species_id("BURROLL"))
  assert blaze == pytest.approx(85 * 1.0 * 210 / 256)  # MOSS and STONE


def test_strongest_move_is_chosen_from_any_cursor(fighter):
  ram = _ram([("WICKIT", 11)], foe="FERNUB")
  assert fighter.act(ram) == A  # Fight
  at = lambda item: _ram([("WICKIT", 11)], foe="FERNUB", wCurrentMenuItem=item,
                         wTextBoxID=battling.MOVES)  # fmt: skip
  assert fighter.act(at(0)) == DOWN
  assert fighter.act(at(3)) == A  # FLARE


def test_new_species_is_weakened_then_caught(fighter):
  fighter.wants = lambda species: True
  bag = [(tables.BALL_ITEM, 3)]
  strong = _ram([("WICKIT", 5)], bag=bag)
  assert fighter.act(strong) == A  # Fight
  weak = _ram([("WICKIT", 5)], bag=bag, foe_hp=(8, 30))
  assert fighter.act(weak) == DOWN  # to Item
  listed = _ram([("WICKIT", 5)], bag=bag, foe_hp=(8, 30),
                wTextBoxID=battling.BAG)  # fmt: skip
  assert fighter.act(listed) == A


def test_ball_is_thrown_where_every_move_would_kill(fighter):
  fighter.wants = lambda species: True
  ram = _ram([("WICKHOWL", 25)], bag=[(tables.BALL_ITEM, 3)], foe_hp=(18, 18))
  assert fighter.act(ram) == DOWN


def test_trainers_creatures_get_no_balls(fighter):
  fighter.wants = lambda species: True
  ram = _ram([("WICKIT", 9)], battle=2, bag=[(tables.BALL_ITEM, 3)],
             foe_hp=(2, 30))  # fmt: skip
  assert fighter.act(ram) == A


def test_unwanted_fights_are_left(fighter):
  fighter.wins = False
  assert fighter.act(_ram([("WICKIT", 9)])) == RIGHT


def test_balm_when_low_against_a_trainer(fighter):
  bag = [(tables.BALL_ITEM, 3), (tables.BALM, 1)]
  low = dict(party=[("WICKIT", 9, 3)], battle=2, bag=bag)
  assert fighter.act(_ram(**low)) == DOWN
  listed = _ram(**low, wTextBoxID=battling.BAG)
  assert fighter.act(listed) == DOWN  # the second entry
  member = _ram(**low, wTextBoxID=battling.PARTY)
  assert fighter.act(member) == A


def test_the_fainted_are_not_sent_out(fighter):
  party = [("WICKIT", 9, 0), ("LUMOLL", 12, 0), ("PIPWING", 3, 4)]
  ram = _ram(party, wTextBoxID=battling.PARTY, wCurrentMenuItem=1)
  assert fighter.act(ram) == DOWN


def test_stray_lists_are_left(fighter):
  assert fighter.act(_ram([("WICKIT", 9)])) == A
  ram = _ram([("WICKIT", 9)], wTextBoxID=battling.BAG)
  assert fighter.act(ram) == B


def test_texts_go_on(fighter):
  ram = _ram([("WICKIT", 9)], wTextBoxID=battling.MESSAGE)
  assert fighter.act(ram) == A
  column = _ram([("WICKIT", 9)], wTopMenuItemX=15)
  assert fighter.act(column) == LEFT
