"""Samples 24 frames apart must tell what every frame tells."""

import numpy as np
import pytest

from dreamer_jax.contract import TERMS
from dreamer_jax.game.env import BUTTONS, GameBoyEnv
from dreamer_jax.game.memory import SNAPSHOT
from dreamer_jax.game.ram import BATTLE_LOST, GameRam, decode
from dreamer_jax.game.rewards import RewardTracker
from dreamer_jax.lantern_isle.players.expert import Expert

STEPS, FRAMES, PRESS = 420, 24, 8


def weaken(memory, ram: GameRam) -> None:
  """Leaves every member 1 HP, so that battles are lost."""
  places = [SNAPSHOT["wBattleMonHP"].address]
  party = SNAPSHOT["wPartyMons"].address
  places += [party + 44 * slot + 1 for slot in range(int(ram.party_count))]
  for place in places:
    memory[place], memory[place + 1] = 0, 1


def record(rom, seed: int, lose: bool) -> GameRam:
  """The RAM at every frame of an expert's play, `[STEPS * FRAMES]`."""
  env = GameBoyEnv(rom)
  env.reset(seed=seed)
  emulator = env._emulator
  expert = Expert(np.random.default_rng(seed), epsilon=0.2)
  frames = []
  for step in range(STEPS):
    ram = decode(env.read_ram())
    action = expert.act(ram)
    if lose and ram.in_battle:
      action = 0
      if ram.active_hp > 1 and step % 80 < 40:
        weaken(emulator.memory, ram)
    emulator.button_press(BUTTONS[action])
    for frame in range(FRAMES):
      if frame == PRESS:
        emulator.button_release(BUTTONS[action])
      emulator.tick(1, False, False)
      frames.append(env.read_ram())
  env.close()
  frames += frames[-1:] * FRAMES  # so that every start sees the end
  return decode(np.stack(frames))


def track(ram: GameRam, start: int, stride: int):
  """Sums of the first six terms, and the outcomes."""
  tracker = RewardTracker()
  tracker.reset(ram[start])
  total, outcomes = np.zeros(len(TERMS)), []
  for t in range(start + stride, len(ram.map_id), stride):
    total += tracker.update(ram[t])
    outcomes += [tracker.outcome] if tracker.outcome else []
  return total[:-1], outcomes


@pytest.mark.parametrize("lose", [False, True])
def test_coarse_samples_tell_the_same(rom, lose):
  if rom.name != "Lantern Isle":
    pytest.skip("the expert plays Lantern Isle")
  ram = record(rom, seed=2, lose=lose)
  total, outcomes = track(ram, 0, 1)
  losses = np.diff((ram.battle == BATTLE_LOST).astype(int)) == 1
  assert outcomes.count("lost") == losses.sum()
  if lose:
    assert losses.any()
  else:
    # All that the starter earned; other members were caught, and rested.
    whole = (ram.party_count > 0) & (ram.party_level[:, 0] > 0)
    gained = ram.party_exp[-1, 0] - ram.party_exp[whole][0, 0]
    assert total[TERMS.index("xp")] == gained > 0
    assert "won" in outcomes
  for start in (0, 5, 11, 17, 23):
    coarse, seen = track(ram, start, FRAMES)
    assert seen == outcomes
    np.testing.assert_allclose(coarse, total, atol=0 if not lose else 3)
