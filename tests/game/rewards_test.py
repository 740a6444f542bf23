import dataclasses

import numpy as np
import pytest

from dreamer_jax.config import RewardsConfig
from dreamer_jax.contract import TERMS
from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rewards import RewardTracker

TITLE = decode(memory.build())
FIGHT = dict(
  wIsInBattle=1,
  wBattleMonSpecies=9,
  wBattleMonHP=20,
  wBattleMonMaxHP=20,
  wEnemyMonHP=10,
)


def play(*samples):
  """Terms of a tracker for each sample after the first, by name."""
  tracker = RewardTracker()
  tracker.reset(samples[0])
  steps = [tracker.update(sample) for sample in samples[1:]]
  return {name: [s[i] for s in steps] for i, name in enumerate(TERMS)}


def test_the_roadmaps_terms_and_weights():
  want = {
    "badge": 10, "species": 2, "new_map": 0.5, "battle_win": 1, "xp": 0.01,
    "hp_lost": -0.05, "stuck": -0.001,
  }  # fmt: skip
  assert dict(zip(TERMS, RewardsConfig().weights, strict=True)) == want
  assert tuple(f.name for f in dataclasses.fields(RewardsConfig)) == TERMS


def test_terms_are_f32(make_ram):
  tracker = RewardTracker()
  tracker.reset(make_ram())
  terms = tracker.update(make_ram())
  assert terms.shape == (7,) and terms.dtype == np.float32


# Badges.


def test_each_badge_counts_once(make_ram):
  badges = lambda bits: make_ram(wObtainedBadges=bits)
  got = play(*map(badges, [1, 1, 0b111, 0, 0b111]))
  assert got["badge"] == [0, 2, 0, 0]


def test_a_loaded_save_is_no_progress(make_ram):
  loaded = dict(wObtainedBadges=3, wPokedexOwned=[7])
  in_menu = make_ram(**loaded, wStatusFlags6=0)
  got = play(TITLE, in_menu, make_ram(**loaded), make_ram(**loaded))
  assert not any(sum(v) for k, v in got.items() if k != "stuck")


def test_a_new_game_over_a_loaded_save_starts_over(make_ram):
  loaded = make_ram(wObtainedBadges=1, wPokedexOwned=[7])  # in the main menu
  speech = make_ram([], wCurMap=38, wStatusFlags4=0)
  badge = make_ram(wObtainedBadges=1, wPokedexOwned=[1])
  got = play(TITLE, loaded, speech, speech, badge)
  assert got["badge"] == [0, 0, 0, 1] and got["species"] == [0, 0, 0, 1]
  assert sum(got["new_map"]) == 0


# Species.


def test_first_catch_counts_once(make_ram):
  owned = lambda bits: make_ram(wPokedexOwned=[bits])
  got = play(*map(owned, [1, 1, 0b11, 0b11, 0b111]))
  assert got["species"] == [0, 1, 0, 1]


def test_owned_bits_blink_before_the_starter(make_ram):
  lab = lambda bits, got: make_ram(
    [], wPokedexOwned=[bits], wStatusFlags4=8 * got
  )
  got = play(lab(0, 0), lab(0x4B, 0), lab(0, 0), lab(8, 0), lab(8, 1))
  assert got["species"] == [0, 0, 0, 1]
  assert play(lab(0x4B, 0), lab(1, 1))["species"] == [1]


# Maps.


def test_new_map_counts_once_an_episode(make_ram):
  maps = [make_ram(wCurMap=m) for m in (1, 2, 2, 2, 1, 1, 2, 2)]
  assert play(*maps)["new_map"] == [0, 1, 0, 0, 0, 0, 0]


def test_power_on_looks_like_map_0(make_ram):
  home = make_ram(wCurMap=38)
  got = play(TITLE, TITLE, home, home, make_ram(wCurMap=0))
  assert got["new_map"] == [0, 0, 0, 0]
  out = make_ram(wCurMap=0)
  assert play(TITLE, home, home, out, out)["new_map"] == [0, 0, 0, 1]


def test_warp_shows_the_new_map_with_the_old_position(make_ram):
  outside = make_ram(wCurMap=1, wXCoord=19, wYCoord=17)
  warping = make_ram(
    wCurMap=2, wXCoord=19, wYCoord=17, wCurMapWidth=4, wCurMapHeight=4
  )
  inside = make_ram(
    wCurMap=2, wXCoord=3, wYCoord=7, wCurMapWidth=4, wCurMapHeight=4
  )
  got = play(outside, warping, warping, inside, inside)
  assert got["new_map"] == [0, 0, 1, 0]


def test_a_map_seen_in_one_sample_only_is_not_believed(make_ram):
  maps = [make_ram(wCurMap=m) for m in (1, 2, 1, 1)]
  assert sum(play(*maps)["new_map"]) == 0


def test_reset_forgets_the_maps(make_ram):
  a, b = make_ram(wCurMap=1), make_ram(wCurMap=2)
  tracker = RewardTracker()
  for _ in range(2):
    tracker.reset(a)
    assert [tracker.update(s)[2] for s in (b, b)] == [0, 1]


# Battles.


def test_battle_win(make_ram):
  won = make_ram(wEnemyMonHP=0)
  got = play(make_ram(), make_ram(**FIGHT), won, won)
  assert got["battle_win"] == [0, 1, 0]


def test_a_loss_read_late_is_no_win(make_ram, make_member):
  fainted = make_ram([make_member(hp=0)], **{**FIGHT, "wBattleMonHP": 0})
  healed = make_ram(wEnemyMonHP=0)
  tracker = RewardTracker()
  tracker.reset(fainted)
  assert tracker.update(healed)[3] == 0 and tracker.outcome == "lost"
  assert tracker.update(healed)[3] == 0 and tracker.outcome == ""


# Experience.


def test_xp_in_battle_sums_over_members(make_ram, make_member):
  party = lambda a, b: [make_member(exp=a), make_member(exp=b, dvs=2)]
  got = play(
    make_ram(party(100, 200)),
    make_ram(party(100, 200), **FIGHT),
    make_ram(party(130, 200), **FIGHT),
    make_ram(party(130, 220)),  # the last award, seen after the battle
    make_ram(party(150, 220)),  # candy
  )
  assert got["xp"] == [0, 30, 20, 0]


def test_xp_follows_members_through_a_swap(make_ram, make_member):
  a, b = make_member(exp=100), make_member(exp=900, dvs=2)
  got = play(make_ram([a, b], **FIGHT), make_ram([b, a], **FIGHT))
  assert got["xp"] == [0]


def test_caught_members_slot_is_stale_while_the_nickname_is_asked(
  make_ram, make_member
):
  old = make_member()
  stale = make_member(exp=5000, dvs=7)  # of one that was released
  caught = make_member(exp=300, dvs=9)
  got = play(
    make_ram([old], **FIGHT),
    make_ram([old, stale], **FIGHT),
    make_ram([old, caught], **FIGHT),
    make_ram([old, caught]),
  )
  assert got["xp"] == [0, 0, 0]


def test_stale_slot_may_repeat_a_members_identity(make_ram, make_member):
  now, before = make_member(exp=500), make_member(exp=100)
  got = play(
    make_ram([now], **FIGHT),
    make_ram([now, before], **FIGHT),
    make_ram([now, make_member(dvs=9)], **FIGHT),
  )
  assert got["xp"] == [0, 0]


def test_member_back_from_storage_starts_anew(make_ram, make_member):
  a, b = make_member(), make_member(dvs=2, exp=200)
  richer = make_member(dvs=2, exp=260)  # day care
  got = play(
    make_ram([a, b]), make_ram([a]), make_ram([a, richer]),
    make_ram([a, richer], **FIGHT),
  )  # fmt: skip
  assert got["xp"] == [0, 0, 0]


# Stuck.


def test_stuck_is_a_step_without_progress(make_ram, make_member):
  hurt = [make_member(hp=5)]
  got = play(
    TITLE,
    TITLE,  # no play, no blame
    make_ram(),
    make_ram(),
    make_ram(hurt),  # damage is no progress
    make_ram(hurt, wObtainedBadges=1),
  )
  assert got["stuck"] == [0, 0, 1, 1, 0]


@pytest.mark.parametrize("flag", [dict(wStatusFlags6=0)])
def test_nothing_counts_outside_play(make_ram, flag):
  got = play(make_ram(), make_ram(wObtainedBadges=1, wCurMap=9, **flag))
  assert not any(v[0] for v in got.values())
