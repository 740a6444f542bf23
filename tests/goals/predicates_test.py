"""The predicate language, on RAM that was built by hand."""

import dataclasses

import numpy as np
import pytest

from dreamer_jax.data import probes
from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.goals import predicates
from dreamer_jax.goals.predicates import Facts, holds
from tests.goals.made import events, facts, party


@pytest.mark.parametrize(
  ("text", "values", "truth"),
  [
    ("", {}, True),
    ("map 54", {"wCurMap": 54}, True),
    ("map 54", {"wCurMap": 53}, False),
    ("map 54", {"wCurMap": 54, "wXCoord": 30}, False),  # half a warp
    ("not map 54", {"wCurMap": 53}, True),
    ("x >= 3, x <= 5", {"wXCoord": 6}, False),
    ("x >= 3, x <= 5", {"wXCoord": 5}, True),
    ("event 119", {"wEventFlags": events(119)}, True),
    ("event 119", {"wEventFlags": events(118)}, False),
    ("badge 1", {"wObtainedBadges": 2}, True),
    ("badge 0", {"wObtainedBadges": 2}, False),
    ("badges >= 2", {"wObtainedBadges": 3}, True),
    ("owned 4", {"wPokedexOwned": [8]}, True),
    ("owned 4", {"wPokedexOwned": [8], "wStatusFlags4": 0}, False),  # blinks
    ("seen 9", {"wPokedexSeen": [0, 1]}, True),
    ("species == 2", {"wPokedexOwned": [9]}, True),
    ("item 4", {"wNumBagItems": 1, "wBagItems": [4, 7]}, True),
    ("item 4 >= 8", {"wNumBagItems": 1, "wBagItems": [4, 7]}, False),
    ("item 4", {"wNumBagItems": 0, "wBagItems": [4, 7]}, False),  # past the end
    ("balls", {"wNumBagItems": 1, "wBagItems": [4, 7]}, True),
    ("balls >= 5", {"wNumBagItems": 2, "wBagItems": [2, 1, 3, 4]}, True),
    ("balls", {"wNumBagItems": 1, "wBagItems": [1, 1]}, True),
    ("balls", {"wNumBagItems": 1, "wBagItems": [20, 7]}, False),
    ("balls", {"wEventFlags": events(591)}, True),  # in the safari
    ("balls", {"wIsInBattle": 1, "wBattleType": 2}, True),
    ("balls", {"wBattleType": 2}, False),  # stale
    ("room 4", {"wNumBagItems": 19}, True),
    ("room 4", {"wNumBagItems": 20, "wBagItems": [5, 1] * 20}, False),
    ("room 5", {"wNumBagItems": 20, "wBagItems": [5, 98] * 20}, True),
    ("room 5", {"wNumBagItems": 20, "wBagItems": [5, 99] * 20}, False),
    ("town 1", {"wTownVisitedFlag": [0b10, 0]}, True),  # low byte first
    ("town 9", {"wTownVisitedFlag": [0b10, 0]}, False),
    ("town 9", {"wTownVisitedFlag": [0, 0b10]}, True),
    ("town 10", {"wTownVisitedFlag": [0, 0b100]}, True),
    ("never", {}, False),
    ("level >= 7", party((5, 9, 6), (1, 9, 7)), True),
    ("levels == 13", party((5, 9, 6), (1, 9, 7)), True),
    ("hp >= 100", party((9, 9, 5), (8, 9, 5)), False),
    ("hp >= 100", party((9, 9, 5), (9, 9, 5)), True),
    ("hp <= 0", {}, True),  # nobody yet
    ("wins >= 2", {"wins": 2}, True),
    ("visited 12", {"seen": (12,)}, True),
    ("visited 12", {"seen": (13,)}, False),
    ("maps == 2", {"seen": (1, 200)}, True),
    ("battle == 1", {"wIsInBattle": 1}, True),
    ("battle <= 0", {"wIsInBattle": 0xFF}, True),
    ("by 4 7", {"wXCoord": 4, "wYCoord": 8, "wSpritePlayerFacing": 4}, True),
    ("by 4 6", {"wXCoord": 4, "wYCoord": 8, "wSpritePlayerFacing": 4}, True),
    ("by 4 5", {"wXCoord": 4, "wYCoord": 8, "wSpritePlayerFacing": 4}, False),
    ("by 5 8", {"wXCoord": 4, "wYCoord": 8, "wSpritePlayerFacing": 12}, True),
    ("by 3 8", {"wXCoord": 4, "wYCoord": 8, "wSpritePlayerFacing": 12}, False),
    ("badge 0, not event 119", {"wObtainedBadges": 1}, True),
  ],
)  # fmt: skip
def test_what_holds(text, values, truth):
  assert bool(holds(text, facts(**values))) is truth


def test_rises_compares_with_when_it_was_set():
  one, two = facts(wObtainedBadges=1), facts(wObtainedBadges=3)
  assert holds("badges rises", two, one)
  assert not holds("badges rises", two, two)
  assert not holds("badges rises", one, two)
  assert not holds("badges rises", two)  # nothing rises within a moment
  ball = lambda n: facts(wNumBagItems=1, wBagItems=[4, n])
  assert holds("item 4 rises", ball(3), ball(2))
  assert not holds("not badges rises", two, one)


def test_any_leading_shape():
  raw = np.stack([memory.build(wObtainedBadges=b) for b in (0, 1, 3, 3)])
  many = Facts(decode(raw), np.arange(4), np.zeros((4, 32), np.uint8))
  assert holds("badges >= 1", many).tolist() == [False, True, True, True]
  assert holds("badges rises", many, many[1]).tolist() == [0, 0, 1, 1]
  assert holds("", many).shape == (4,)


@pytest.mark.parametrize(
  "text",
  [
    "mapp 3", "map", "map 1 2", "map 3 > 4", "event 3,badge 1", "level >= x",
    "__import__", "map 3, ", "badges falls", "level >=", "Map 3",
    "().__class__", "by 4",
  ],
)  # fmt: skip
def test_what_is_no_predicate_is_refused(text):
  with pytest.raises(ValueError, match=r"no clause|there is no|numbers"):
    predicates.parse(text)


def test_every_term_can_be_evaluated():
  for name, (count, _) in predicates.WORDS.items():
    text = " ".join([name, *["1"] * count])
    assert np.shape(holds(f"{text} >= 1", facts())) == ()
    assert not holds(f"{text} rises", facts())


def test_a_watcher_agrees_with_the_record():
  """Step by step as over the whole episode: maps, wins and all fields."""
  rng = np.random.default_rng(0)
  raw, terms = [], np.zeros((60, 7), np.float32)
  for t in range(60):
    raw.append(
      memory.build(
        wStatusFlags6=int(t >= 3), wCurMap=int(rng.choice([0, 12, 37])),
        wXCoord=int(rng.integers(0, 30)), wCurMapWidth=10, wCurMapHeight=10,
      )
    )  # fmt: skip
    terms[t, 3] = rng.random() < 0.2
  terms[0] = 0
  ram = decode(np.stack(raw))
  whole = predicates.of_episode(ram, terms)
  watcher = predicates.Watcher(ram[0])
  for t in range(60):
    now = watcher.update(ram[t], terms[t]) if t else watcher.facts
    assert now.wins == whole.wins[t]
    assert np.array_equal(now.maps_seen, whole.maps_seen[t]), t
  assert whole.wins[-1] > 0 and probes.maps_seen(ram)[-1].any()
  assert {f.name for f in dataclasses.fields(Facts)} == set(vars(whole))
