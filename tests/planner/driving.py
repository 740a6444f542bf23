"""What the planner's tests play with: a moment of the game, virtual time."""

import json

import numpy as np

from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.games.lantern_isle.goals import NAME as LANTERN_ISLE
from dreamer_jax.goals import predicates
from dreamer_jax.planner import journal
from dreamer_jax.planner.backends.abilities import Ladder
from dreamer_jax.planner.backends.base import Answer
from dreamer_jax.planner.calls import Moment
from dreamer_jax.planner.service import Planner
from dreamer_jax.planner.settings import Settings

STEP_SECS = 24 / 59.73
CONFIG = Settings(timeout_secs=5.0, max_calls=100_000, max_usd=1e6)
FRAME = np.zeros((144, 160), np.uint8)


def moment(outcome="", flags=(), **values):
  """A settled step on Fern Road with a starter and some balls."""
  data = bytearray(320)
  for flag in flags:
    data[flag // 8] |= 1 << flag % 8
  struct = bytearray(44)
  struct[2], struct[33], struct[35] = 20, 5, 20
  values = {
    "wStatusFlags6": 1, "wStatusFlags4": 8, "wCurMap": 12, "wCurMapWidth": 10,
    "wCurMapHeight": 14, "hWY": 0x90, "wEventFlags": bytes(data),
    "wPartyCount": 1, "wPartyMons": bytes(struct), "wNumBagItems": 1,
    "wBagItems": [4, 5], "wPokedexOwned": [1], **values,
  }  # fmt: skip
  ram = decode(memory.build(**values))
  return Moment(predicates.Watcher(ram).facts, FRAME, outcome)


class Driver:
  """Plays on virtual time and lets every call finish in real time."""

  def __init__(self, backend, path=None, config=CONFIG, models=None):
    self.now = 0.0
    self.calls_at, self.told = [], []
    self._seen = 0
    self.planner = Planner(
      LANTERN_ISLE, moment(), backend, models or ("model-1", "model-2"),
      config=config, log=journal.Journal(path), tell=self.told.append,
      clock=lambda: self.now,
    )  # fmt: skip

  def step(self, now=None, **changes):
    self.now += STEP_SECS
    decision = self.planner.step(moment(**changes) if now is None else now)
    if self.planner.budget.calls > self._seen:
      self._seen = self.planner.budget.calls
      self.calls_at.append(self.now)
    self.planner.wait(10.0)
    return decision

  def run(self, secs, **changes):
    end, same = self.now + secs, moment(**changes)
    while self.now < end:
      self.step(same)
    return self.planner

  def lines(self, event):
    return [line for line in self.planner.log.lines if line["event"] == event]


class Fake:
  """A backend without a socket: says what it is told to, at once."""

  name, address, is_local = "fake", "nowhere", False

  def __init__(self, say="new_map"):
    self.say, self.questions = say, []
    self.ladder = Ladder(())

  def ask(self, question):
    self.questions.append(question)
    reply = {"goal_id": self.say, "goal": "", "rationale": "r", "confidence": 1}
    return Answer(json.dumps(reply), 900, 60)
