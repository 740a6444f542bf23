import dataclasses
import os

import numpy as np
import pytest

from dreamer_jax.evaluation.checks import soak
from dreamer_jax.game import memory
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.ram import decode
from dreamer_jax.lantern_isle.players.expert import Expert

GOOD = dict(
  wStatusFlags6=1, wCurMap=1, wXCoord=3, wYCoord=4, wCurMapWidth=10,
  wCurMapHeight=9, wPlayerMoney=[0, 0x20, 0], wPartyCount=1,
)  # fmt: skip
STEPS = 100


@pytest.fixture
def episode(make_episode):
  """`STEPS` samples; `bad` holds for steps 20 to 20 + `steps`."""

  def make(bad, steps, make_member=lambda: bytes(44)):
    rows = []
    for t in range(STEPS):
      clock = dict(wPlayTimeSeconds=t % 60, wPlayTimeMinutes=t // 60)
      wrong = bad if 20 <= t < 20 + steps else {}
      rows.append(memory.build(**{**GOOD, **clock, **wrong}))
    return dataclasses.replace(make_episode(STEPS), ram=np.stack(rows))

  return make


MEMBER = bytes([9, 0, 30]) + bytes(31) + bytes([0, 20]) + bytes(8)  # 30 of 20
BAD = {
  "position": dict(wXCoord=40),
  "clock": dict(wPlayTimeSeconds=7, wPlayTimeMinutes=0),
  "party": dict(wPartyCount=7),
  "money": dict(wPlayerMoney=[0, 0x2A, 0]),
  "hp": dict(wPartyMons=MEMBER),
}


@pytest.mark.parametrize("what", list(soak.RULES))
def test_a_broken_game_is_seen(episode, what):
  (fault,) = soak.faults(episode(BAD[what], STEPS - 20))
  assert fault.what == what and fault.seed == 0
  assert fault.step in (20, 21) and fault.steps >= STEPS - 22


@pytest.mark.parametrize(
  ("what", "steps"), [("position", 2), ("clock", 20), ("hp", 10)]
)
def test_awkward_moments_are_none(episode, what, steps):
  assert soak.faults(episode(BAD[what], steps)) == []
  title = {**BAD[what], "wStatusFlags6": 0}
  assert soak.faults(episode(title, STEPS - 20)) == []


def test_longest_run():
  flags = np.array([1, 0, 1, 1, 1, 0, 1, 1], bool)
  assert soak.longest_run(flags) == (2, 3)
  assert soak.longest_run(flags[:1]) == (0, 1)
  assert soak.longest_run(flags[1:2]) == (0, 0)


def test_states_on_the_way(rom):
  if rom.name != "Lantern Isle":
    pytest.skip("the expert plays Lantern Isle")
  states = soak.states_on_the_way(rom, Expert, 4, 30, seed=0)
  env = GameBoyEnv(rom)
  clocks = []
  for state in states:
    env.reset(options={"state": state})
    clocks.append(int(decode(env.read_ram()).play_time_frames))
  env.close()
  assert clocks[0] == 0 and clocks[-1] > clocks[1] >= 0


def test_memory_watch(monkeypatch):
  told = {1: iter([100, 100, 150, 120]), 2: iter([50, 50, 50, 50])}
  monkeypatch.setattr(soak, "rss_mb", lambda pid: next(told[pid]))
  watch = soak.MemoryWatch()
  for steps in (0, 10, 20, 30):
    watch.sample([1, 2], steps)
  growth = watch.growth(after=10)
  want = {"first_mb": 100, "last_mb": 120, "peak_mb": 150}
  assert growth[1] == {**want, "growth": pytest.approx(0.2)}
  assert growth[2]["growth"] == 0
  assert watch.growth(after=30) == {}


def test_rss_is_of_this_process():
  before = soak.rss_mb(os.getpid())
  if before is None:
    pytest.skip("this system does not tell")
  block = np.ones(50_000_000, np.uint8)
  assert soak.rss_mb(os.getpid()) > before + 40 and block[0]
  assert soak.rss_mb(2**22 + 1) is None


def test_complaints():
  report = {
    "restarts": 2,
    "faults": [soak.Fault("clock", 7, 20, 80)._asdict()] * 5,
    "memory": [
      {"name": "worker 0", "growth": 0.04},
      {"name": "worker 1", "growth": 0.06},
    ],
  }
  first, *clocks, last = soak.complaints(report, 0.05)
  assert first == "2 workers died or hung" and len(clocks) == 3
  assert "hangs (seed 7, from step 20 for 80)" in clocks[0]
  assert last == "the memory of worker 1 grew by 6.0 %"
  quiet = {"restarts": 0, "faults": [], "memory": report["memory"][:1]}
  assert soak.complaints(quiet, 0.05) == []
