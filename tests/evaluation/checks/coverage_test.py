import dataclasses
import json

import numpy as np
import pytest

from dreamer_jax.evaluation.checks.coverage import Coverage, Place, battles
from dreamer_jax.game import memory

BASE = dict(
  wStatusFlags6=1, wStatusFlags4=8, wCurMap=1, wXCoord=3, wYCoord=4,
  wCurMapWidth=10, wCurMapHeight=9, wPlayerMoney=[0, 0x20, 0], hWY=0x90,
)  # fmt: skip
FIGHT = dict(
  wIsInBattle=1, wBattleMonSpecies=9, wBattleMonHP=20, wEnemyMonSpecies=7,
  wEnemyMonHP=10,
)  # fmt: skip


@pytest.fixture
def episode(make_episode):
  """An episode that shows these samples."""

  def make(*samples):
    ram = np.stack([memory.build(**{**BASE, **s}) for s in samples])
    return dataclasses.replace(make_episode(len(samples)), ram=ram)

  return make


def test_tiles_are_counted_once_a_map(episode):
  coverage = Coverage({1: Place("a", 30), 2: Place("b", 9), 3: Place("c", 5)})
  walk = [dict(wXCoord=x) for x in (3, 3, 4, 3)]
  # The warp: the new map with the old position is no visit.
  warp = [dict(wCurMap=2, wXCoord=3), dict(wCurMap=2, wXCoord=8)]
  coverage.add(episode(*walk, *warp))
  coverage.add(episode(dict(wXCoord=5), dict(wXCoord=4), FIGHT))
  report = coverage.to_json()
  assert report["maps"] == {
    "1": {"name": "a", "steps": 6, "tiles": 3, "tiles_known": 30,
          "episodes": 2},
    "2": {"name": "b", "steps": 1, "tiles": 1, "tiles_known": 9,
          "episodes": 1},
  }  # fmt: skip
  assert report["maps_missing"] == ["c"]
  assert (report["episodes"], report["transitions"]) == (2, 7)
  assert sum(report["actions"].values()) == 7


def test_battles_by_kind_and_outcome(episode):
  trainer = {**FIGHT, "wIsInBattle": 2}
  ends = [
    dict(wEnemyMonHP=0), dict(wBattleResult=2),
    dict(wBattleResult=2, wCapturedMonSpecies=7), dict(wIsInBattle=255),
    dict(wEnemyMonHP=10),
  ]  # fmt: skip
  samples = [{}]
  for end in ends:
    samples += [FIGHT, end, {}]
  samples += [trainer, dict(wEnemyMonHP=0), trainer]
  found = list(battles(episode(*samples).ram))
  wild = ["won", "fled", "caught", "lost", "other"]
  want = [("wild", outcome) for outcome in wild]
  assert found == [*want, ("trainer", "won"), ("trainer", "cut")]


def test_screens_and_menus(episode):
  menu = dict(wFontLoaded=1, wTopMenuItemX=5, wTopMenuItemY=14, wMaxMenuItem=1)
  samples = [
    dict(wStatusFlags6=0), {}, menu, {**menu, "wCurrentMenuItem": 1}, FIGHT,
    dict(wMaxMenuItem=9),  # closed: stale
    {**menu, "wCurrentMenuItem": 2},  # there is no third entry
  ]  # fmt: skip
  coverage = Coverage()
  coverage.add(episode(*samples))
  report = coverage.to_json()
  screens = {"title": 1, "battle": 1, "dialog": 3, "walking": 2}
  assert report["screens"] == screens
  assert report["menus"] == [{"x": 5, "y": 14, "entries": 2, "chosen": [0, 1]}]
  assert report["maps"]["1"]["name"] == "map 1"


def test_progress(episode):
  blink = dict(wStatusFlags4=0, wPokedexOwned=[0b1000000])
  got = dict(wPokedexOwned=[0b101], wPokedexSeen=[0b111], wObtainedBadges=1)
  coverage = Coverage()
  coverage.add(episode(blink, got, {**got, **FIGHT, "wEventFlags": [0b11]}))
  coverage.add(episode({}, {**got, "wEventFlags": [0b110]}))
  coverage.add(episode(dict(wStatusFlags6=0), dict(wStatusFlags6=0)))
  report = coverage.to_json()
  assert report["badges"] == {"0": 1, "1": 2}
  species = {"owned": [1, 3], "seen": [1, 2, 3], "fought": [7]}
  assert report["species"] == {**species, "most_owned": 2}
  assert report["events"] == 3
  json.dumps(report)  # plain data


def test_distinct_pictures(episode, make_episode):
  coverage = Coverage()
  one = make_episode(12, seed=0)
  assert list(coverage.watch([one, one])) == [one, one]
  assert coverage.to_json()["distinct_pictures"] == 12
  coverage.add(make_episode(5, seed=1))
  assert coverage.to_json()["distinct_pictures"] == 17
