"""`Sample` says what `GameRam` says."""

import numpy as np

from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rewards import RewardTracker
from dreamer_jax.game.scalar_ram import Sample

NAMES = [name for name in vars(Sample) if not name.startswith("_")]


def random_ram(rng) -> np.ndarray:
  """Any bytes, but a battle and a party as often as not."""
  ram = rng.integers(0, 256, memory.RAM_SIZE, dtype=np.uint8)
  small = {
    "wIsInBattle": [0, 1, 2, 255], "wPartyCount": [0, 1, 3, 6, 9],
    "wPlayerMonNumber": [0, 1, 5, 7], "wBattleMonSpecies": [0, 9],
  }  # fmt: skip
  for name, values in small.items():
    ram[memory.OFFSETS[name]] = rng.choice(values)
  party = memory.OFFSETS["wPartyMons"].start
  if rng.random() < 0.5:  # the fighter agrees with its slot
    number = rng.choice([0, 1])
    ram[memory.OFFSETS["wPlayerMonNumber"]] = number
    slot = party + 44 * number
    ram[slot] = ram[memory.OFFSETS["wBattleMonSpecies"]][0]
    ram[slot + 34 : slot + 36] = ram[memory.OFFSETS["wBattleMonMaxHP"]]
  return ram


def test_fields_are_game_rams():
  rng = np.random.default_rng(0)
  replaced = 0
  for _ in range(400):
    ram = random_ram(rng)
    sample, want = Sample(ram.tobytes()), decode(ram)
    replaced += sample.live_party_hp != sample.party_hp
    for name in NAMES:
      got, expected = getattr(sample, name), getattr(want, name)
      if isinstance(got, list):
        expected = expected[: int(want.party_count)].tolist()
      assert got == expected, name
  assert replaced > 20, "no fighter's HP came from the battle"


def random_rams(seed: int) -> list[np.ndarray]:
  """Successive samples of which now a little changes and now a lot."""
  rng = np.random.default_rng(seed)
  ram, rams = random_ram(rng), []
  for _ in range(200):
    change = rng.random(memory.RAM_SIZE) < rng.choice([0.0, 0.003, 0.1])
    ram = np.where(change, random_ram(rng), ram)
    ram[memory.OFFSETS["wStatusFlags6"]] = rng.random() < 0.97
    rams.append(ram)
  return rams


def test_trackers_take_either():
  total, outcomes = np.zeros(7), set()
  for seed in range(8):
    first, *rest = random_rams(seed)
    quick, slow = RewardTracker(), RewardTracker()
    quick.reset(Sample(first.tobytes()))
    slow.reset(decode(first))
    for ram in rest:
      terms = quick.update(Sample(ram.tobytes()))
      np.testing.assert_array_equal(terms, slow.update(decode(ram)))
      assert quick.outcome == slow.outcome
      total += terms
      outcomes.add(quick.outcome)
  assert (total > 0).all() and len(outcomes) > 3, "too little happened"
