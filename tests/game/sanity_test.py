import numpy as np
import pytest

from dreamer_jax.game import memory, sanity, world_map

WORLD = world_map.build({1: (20, 18), 2: (8, 8)}, [], [], {}, start=1)
GOOD = dict(
  wCurMap=1, wXCoord=3, wYCoord=4, wCurMapWidth=10, wCurMapHeight=9,
  wPlayerName=[0x91, 0x84, 0x83, 0x50], wPlayerMoney=[0, 0x30, 0],
  wPartyCount=1, wPartySpecies=[9, 0xFF], wPokedexOwned=[1], wPokedexSeen=[3],
)  # fmt: skip


@pytest.fixture
def problems(make_member):
  def problems(**changes):
    party = changes.pop("party", make_member())
    raw = memory.build(**{**GOOD, "wPartyMons": party, **changes})
    return sanity.problems(raw, WORLD, {9, 10})

  return problems


def test_a_sound_sample_has_no_problem(problems):
  assert problems() == []


@pytest.mark.parametrize(
  ("change", "reason"),
  [
    (dict(wCurMap=77), "map 77 is not one"),
    (dict(wCurMapWidth=4), "map 1 has 8 x 18 tiles, not (20, 18)"),
    (dict(wXCoord=20), "(20, 4) is off the map"),
    (dict(wSpritePlayerFacing=3), "no direction"),
    (dict(wPartyCount=7), "7 members"),
    (dict(wIsInBattle=1), "battle"),
    (dict(wPlayerMoney=[0, 0xA0, 0]), "no decimal"),
    (dict(wPlayerName=[1] * 11), "name does not end"),
    (dict(wPlayTimeSeconds=60), "clock"),
    (dict(wPokedexSeen=[2]), "never seen"),
    (dict(wPartySpecies=[10, 0xFF]), "is 9 in one place, 10 in another"),
    (dict(wPartySpecies=[9, 9]), "list does not end"),
  ],
)
def test_each_rule_can_be_broken(problems, change, reason):
  found = problems(**change)
  assert any(reason in text for text in found), found


@pytest.mark.parametrize(
  ("member", "reason"),
  [
    (dict(level=0), "level 0"),
    (dict(level=101), "level 101"),
    (dict(hp=21), "21 of 20 HP"),
    (dict(hp=0, max_hp=0), "0 of 0 HP"),
    (dict(species=11), "unknown species 11"),
  ],
)
def test_party_members_are_looked_at(problems, make_member, member, reason):
  found = problems(party=make_member(**member))
  assert any(reason in text for text in found), found


def test_noise_is_not_a_game():
  rng = np.random.default_rng(0)
  for _ in range(50):
    raw = rng.integers(0, 256, memory.RAM_SIZE, dtype=np.uint8)
    assert sanity.problems(raw, WORLD)
