import numpy as np
import pytest

from dreamer_jax.contract import PROBES
from dreamer_jax.data.probes import maps_seen, probes
from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rewards import RewardTracker

MEMBER = bytearray(44)
MEMBER[1:3] = (15).to_bytes(2, "big")
MEMBER[33] = 12
MEMBER[34:36] = (20).to_bytes(2, "big")
BASE = dict(
  wStatusFlags6=1, wCurMap=2, wXCoord=3, wYCoord=4,
  wCurMapWidth=10, wCurMapHeight=9, hWY=0x90,
)  # fmt: skip


def samples(*changes):
  return decode(np.stack([memory.build(**{**BASE, **c}) for c in changes]))


def test_values_by_hand():
  labels = probes(
    samples(
      dict(
        wSpritePlayerFacing=12,
        wObtainedBadges=3,
        wPokedexOwned=[0b111],
        wPartyCount=2,
        wPartyMons=bytes(MEMBER) * 3,  # the third is stale
        wIsInBattle=1,
        wEnemyMonHP=6,
        wEnemyMonMaxHP=24,
      )
    )
  )
  want = dict(
    map=2, x=3, y=4, facing=3, in_battle=1, dialog_open=0, badges=2,
    party_count=2, hp_fraction=0.75, enemy_hp_fraction=0.25,
    level_sum=0.24, owned_count=0.3, valid=1,
  )  # fmt: skip
  assert {k: pytest.approx(v[0]) for k, v in labels.items()} == want


def test_types_agree_with_the_spec():
  labels = probes(samples({}, {}))
  assert set(labels) == {*PROBES, "valid"}
  for name, value in labels.items():
    is_class = name in PROBES and PROBES[name].kind == "class"
    assert value.shape == (2,)
    assert value.dtype == (np.int32 if is_class else np.float32), name


def test_any_ram_stays_within_the_spec():
  rng = np.random.default_rng(0)
  raw = rng.integers(0, 256, (500, memory.RAM_SIZE), dtype=np.uint8)
  for name, value in probes(decode(raw)).items():
    kind, size = PROBES.get(name, ("unit", 1))
    if kind == "class":
      assert value.min() >= 0 and value.max() < size, name
    elif kind == "unit":
      assert value.min() >= 0 and value.max() <= 1, name
    assert np.isfinite(value).all()


def test_enemy_is_zero_outside_battle():
  labels = probes(samples(dict(wEnemyMonHP=6, wEnemyMonMaxHP=24)))
  assert labels["enemy_hp_fraction"][0] == 0


def test_valid_masks_what_cannot_be_trusted():
  warp = dict(wCurMap=3)  # the new map with the old x, y
  there = dict(wCurMap=3, wXCoord=1)
  title = dict(wStatusFlags6=0)
  outside = dict(wXCoord=20)
  labels = probes(samples(title, {}, warp, there, outside, {}))
  assert labels["valid"].tolist() == [0, 1, 0, 1, 0, 1]


def test_maps_seen_agrees_with_the_reward():
  rng = np.random.default_rng(0)
  for _ in range(20):
    playing = np.arange(60) >= rng.integers(0, 10)
    # Maps change now and then; some samples lie outside of their map.
    maps = np.repeat(rng.integers(0, 9, 60), rng.integers(1, 4, 60))[:60]
    ram = samples(
      *[
        dict(
          wStatusFlags6=int(p), wCurMap=int(m), wXCoord=int(rng.choice([3, 30]))
        )
        for p, m in zip(playing, maps, strict=True)
      ]
    )
    tracker = RewardTracker()
    tracker.reset(ram[0])
    new = [0.0] + [tracker.update(ram[t])[2] for t in range(1, 60)]
    seen = np.unpackbits(maps_seen(ram), axis=-1, bitorder="little")
    assert seen.shape == (60, 256)
    count = seen.sum(-1)
    home = int(np.argmax(count > 0))
    gained = np.diff(count, prepend=0)
    gained[home] -= 1
    np.testing.assert_array_equal(gained, new)


def test_maps_seen_bit_order():
  seen = maps_seen(samples(dict(wCurMap=10)))
  assert seen[0].tolist() == [0, 0b100] + [0] * 30
