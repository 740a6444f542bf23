import numpy as np
import pytest

from dreamer_jax.game import identity, memory, world_map

WORLD = world_map.build({1: (20, 18)}, [], [], {}, start=1)
RNG = np.random.default_rng(0)
TILES = RNG.integers(0, 256, (40, 16), np.uint8)
ROM = RNG.integers(0, 256, 4096, np.uint8).tobytes() + TILES.tobytes()
STRANGE = RNG.integers(0, 256, (400, 16), np.uint8).tobytes()
PLAIN = bytes(200 * 16)


def test_tiles_are_found_whole_and_by_half():
  half = np.repeat(TILES[:, :8], 2, axis=1)  # both planes alike
  low, high = half.copy(), half.copy()
  low[:, 1::2] = 0
  high[:, ::2] = 0
  for tiles in (TILES, half, low, high):
    assert identity.tiles_found(ROM, tiles.tobytes()) == (40, 40)
  assert identity.tiles_found(ROM, STRANGE)[0] == 0
  assert identity.tiles_found(ROM, PLAIN) == (0, 0)
  assert identity.tiles_found(ROM, TILES.tobytes() * 2 + PLAIN) == (40, 40)


@pytest.mark.parametrize(
  ("tiles", "values", "reason"),
  [
    (TILES.tobytes() + PLAIN, {}, ""),
    (TILES.tobytes() + STRANGE[: 80 * 16], {}, ""),
    (STRANGE, {}, "of another game: of the 400 tiles"),
    (PLAIN, {}, "drawn nothing"),
    (TILES.tobytes(), {"wCurMap": 9}, "map 9"),
    (TILES.tobytes(), {"wCurMap": 9, "wIsInBattle": 1}, ""),
    (TILES.tobytes(), {"wPlayerMoney": [0xAA, 0, 0]}, "no decimal"),
    (
      TILES.tobytes(),
      {"wPlayerMoney": [0xAA, 0, 0], "wIsInBattle": 1},
      "no decimal",
    ),
    (TILES.tobytes(), {"wPlayerMoney": [0xAA, 0, 0], "wStatusFlags6": 0}, ""),
  ],
)
def test_what_speaks_against_a_state(make_member, tiles, values, reason):
  good = dict(
    wStatusFlags6=1, wCurMap=1, wXCoord=3, wYCoord=4, wCurMapWidth=10,
    wCurMapHeight=9, wPlayerName=[0x91, 0x50], wPartyCount=1,
    wPartySpecies=[9, 0xFF], wPartyMons=make_member(), hWY=0x90,
  )  # fmt: skip
  raw = memory.build(**{**good, **values})
  problem = identity.problem(ROM, tiles, raw, WORLD)
  assert reason in problem and bool(reason) == bool(problem), problem
