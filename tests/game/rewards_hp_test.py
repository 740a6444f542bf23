"""Damage, told from swaps, deposits, heals and half-written party data."""

import pytest

from dreamer_jax.contract import TERMS
from dreamer_jax.game.rewards import RewardTracker

FIGHT = dict(
  wIsInBattle=1,
  wBattleMonSpecies=9,
  wBattleMonHP=20,
  wBattleMonMaxHP=20,
  wEnemyMonHP=10,
)


def hp_lost(*samples):
  """The term at each sample after the first."""
  tracker = RewardTracker()
  tracker.reset(samples[0])
  steps = [tracker.update(sample) for sample in samples[1:]]
  return [step[TERMS.index("hp_lost")] for step in steps]


def fight(hp, **values):
  return {**FIGHT, "wBattleMonHP": hp, **values}


def test_damage_in_battle_is_read_live_and_counted_once(make_ram, make_member):
  at = lambda hp: [make_member(hp=hp)]
  got = hp_lost(
    make_ram(at(20)),
    make_ram(at(20), **fight(20)),
    make_ram(at(20), **fight(12)),
    make_ram(at(12), **fight(12)),  # the party's copy follows
    make_ram(at(12), **fight(9)),
    make_ram(at(9)),
  )
  assert got == [0, 8, 0, 3, 0]


def test_poison_on_foot_counts(make_ram, make_member):
  got = hp_lost(make_ram([make_member(hp=9)]), make_ram([make_member(hp=8)]))
  assert got == [1]


def test_swaps_deposits_and_heals_do_not_count(make_ram, make_member):
  a, b = make_member(hp=20), make_member(hp=3, dvs=2)
  got = hp_lost(
    make_ram([a, b]),
    make_ram([b, a]),  # swap
    make_ram([a]),  # deposit
    make_ram([a, b]),  # withdrawal
    make_ram([a, make_member(dvs=2)]),  # nurse
    make_ram([make_member(dvs=5, hp=1), a]),  # trade
  )
  assert got == [0] * 5


def test_level_up_and_blackout_refill_do_not_count(make_ram, make_member):
  got = hp_lost(
    make_ram([make_member(hp=10)]),
    make_ram([make_member(hp=12, max_hp=22, level=6)]),
    make_ram([make_member(hp=0, max_hp=22, level=6)]),
    make_ram([make_member(hp=22, max_hp=22, level=6)], wCurMap=0),
  )
  assert got == [0, 12, 0]


def test_battle_copy_is_stale_until_a_member_is_sent_out(make_ram):
  # Of the battle before, which was left with 4 HP; then came a nurse.
  got = hp_lost(
    make_ram(wBattleMonSpecies=9, wBattleMonHP=4, wBattleMonMaxHP=20),
    make_ram(**fight(4, wIsInBattle=2)),
    make_ram(**fight(20, wIsInBattle=2)),
    make_ram(**fight(15, wIsInBattle=2)),
  )
  assert got == [0, 0, 5]


def test_switch_to_a_twin_while_the_battle_copy_is_the_old_ones(
  make_ram, make_member
):
  party = lambda hp: [make_member(hp=hp), make_member(dvs=2)]
  got = hp_lost(
    make_ram(party(20), **fight(20)),
    make_ram(party(20), **fight(0)),  # it faints
    make_ram(party(0), **fight(0, wPlayerMonNumber=1)),  # not yet copied
    make_ram(party(0), **fight(20, wPlayerMonNumber=1)),
    make_ram(party(0), **fight(18, wPlayerMonNumber=1)),
  )
  assert got == [20, 0, 0, 2]


@pytest.mark.parametrize(
  "half", [dict(hp=300, max_hp=20), dict(hp=5, max_hp=20, level=0)]
)
def test_half_written_members_are_ignored(make_ram, make_member, half):
  whole = make_ram([make_member(hp=10, max_hp=20)])
  got = hp_lost(whole, make_ram([make_member(**half)]), whole)
  assert got == [0, 0]


def test_structs_on_the_move_after_a_deposit_do_not_count(
  make_ram, make_member
):
  a, b = make_member(hp=3), make_member(hp=20, dvs=2)
  moving = make_member(hp=3, dvs=2)  # the identity of one, the HP of another
  got = hp_lost(make_ram([a, b]), make_ram([moving]), make_ram([b]))
  assert got == [0, 0]
