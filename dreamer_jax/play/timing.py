"""What a planner costs the 60 Hz loop: frame jitter with one, and without.

Spells with a planner whose calls never stop, and fail in every way, alternate
with spells without one, in one process and on one machine, so that whatever
else runs there troubles both alike. The server runs in a process of its own.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dreamer_jax import games
from dreamer_jax.errors import UserError
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rom import Rom
from dreamer_jax.planner.backends import base
from dreamer_jax.planner.service import Planner
from dreamer_jax.planner.settings import Settings
from dreamer_jax.play.pacing import FRAME_HZ, Pacer, jitter_ms
from dreamer_jax.play.runtime import Runtime, Scene
from dreamer_jax.play.system1 import System1, Thought

# What the calls meet, over and over. "slow" holds a call for a second.
FAULTS = (
  "slow", "good", "slow", "error_500", "slow", "bad_json", "slow", "drop",
  "slow", "rate_limit", "slow", "huge", "slow", "drop_mid_body", "slow",
  "unknown_goal", "slow", "wrong_schema", "slow", "truncated",
)  # fmt: skip
_SERVER = """
import itertools, sys, time
from dreamer_jax.planner import loopback
with loopback.Loopback() as server:
  server.slow_secs = 1.0
  server.set(list(itertools.islice(itertools.cycle(sys.argv[1:]), 100_000)))
  print(server.url, flush=True)
  sys.stdin.read()
"""
# Nothing holds calls back here: one is to be in flight all the time.
_HASTY = Settings(
  min_gap_secs=0.0, calls_per_minute=100_000, breaker_secs=0.0,
  max_breaker_secs=0.0, rate_limit_secs=0.0, timeout_secs=3.0,
  max_calls=10**9, max_usd=1e9,
)  # fmt: skip


class Spell(NamedTuple):
  """One spell of play."""

  has_planner: bool
  jitter_ms: np.ndarray  # [frames - 1] f64
  late_ms: np.ndarray  # [frames] f64, behind schedule
  calls: int
  in_flight: float  # share of the actions with a call in flight
  reached: int  # goals
  missed: int  # actions that still served a goal that was reached


class Watched(Planner):
  """A planner that is asked again as soon as it is free, and is checked."""

  def __init__(self, *args, **kwargs):
    self.missed = 0
    super().__init__(*args, **kwargs)

  def step(self, moment):
    """As ever; but is the goal still worth pursuing?"""
    if not (self.off or self._wanted):
      self.request("timing")
    decision = super().step(moment)
    self.missed += self.is_done(moment.facts)
    return decision


class Player:
  """An expert presses; the network is computed all the same."""

  def __init__(self, system1: System1, env: GameBoyEnv):
    self._system1, self._env = system1, env

  def reset(self, seed: int) -> None:
    """An episode begins."""
    self._system1.reset(seed)
    script = games.get(self._env.rom).players["expert"](0.05)
    self._expert = script(np.random.default_rng(seed))

  def act(self, packed: np.ndarray, goal_id: int) -> Thought:
    """The expert's action, the network's value."""
    value = self._system1.act(packed, goal_id).value
    return Thought(self._expert.act(decode(self._env.read_ram())), value)


class _Flight:
  """A viewer that counts calls in flight."""

  is_open = True

  def __init__(self):
    self.asking: list[bool] = []

  def frame(self, frame) -> None:
    """Not needed."""

  def scene(self, scene: Scene) -> None:
    """Notes whether a call is in flight."""
    self.asking.append(scene.is_asking)


def measure(
  system1: System1,
  secs: float,
  backend_name: str,
  spells: int = 6,
  rom: Rom | None = None,
) -> list[Spell]:
  """Plays spells of `secs / spells` with a planner, as many without.

  Args:
    system1: warmed up.
    secs: of play with a planner in all; the same again without.
    backend_name: openai, gemini or gemini_legacy.
    spells: of each kind.
    rom: the game; None finds one, see `rom.find`.
  """
  env = GameBoyEnv(rom)
  steps = max(2, round(secs / spells * FRAME_HZ / 24))
  server = subprocess.Popen(
    [sys.executable, "-c", _SERVER, *FAULTS],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
  )  # fmt: skip
  try:
    url = server.stdout.readline().strip()
    if not url:
      raise UserError("the loopback server did not start: is a port free?")
    backend = _backend(backend_name, url)
    result = []
    for spell in range(spells):
      for asks in (False, True):
        result.append(_spell(env, system1, backend if asks else None,
                             steps, spell))  # fmt: skip
    return result
  finally:
    env.close()
    server.stdin.close()
    server.wait(10)


def _backend(name: str, url: str) -> base.Backend:
  for key in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
    os.environ.setdefault(key, "no-key-is-needed-here")
  os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
  return base.make(name, url + ("/v1" if name == "openai" else ""))


def _spell(env, system1, backend, steps: int, seed: int) -> Spell:
  make: Callable = lambda game, moment: Watched(
    game, moment, backend, ("m",) if backend else (), config=_HASTY
  )
  flight, pacer = _Flight(), Pacer()
  runtime = Runtime(env, Player(system1, env), make, viewers=(flight,))
  summary = runtime.run(steps, seed, pacer)
  planner = runtime.planner
  planner.wait(5.0)
  return Spell(
    backend is not None, jitter_ms(summary.times),
    np.asarray(pacer.late_secs) * 1e3, planner.budget.calls,
    float(np.mean(flight.asking)), len(summary.reached), planner.missed,
  )  # fmt: skip


def summarize(spells: list[Spell]) -> dict:
  """Percentiles of the jitter, with and without, and their difference."""
  result: dict = {}
  for name, wanted in (("without", False), ("with_planner", True)):
    mine = [s for s in spells if s.has_planner == wanted]
    off = np.concatenate([s.jitter_ms for s in mine])
    low, high = np.percentile(off, [50, 99])
    late = np.concatenate([s.late_ms for s in mine])
    late_low, late_high = np.percentile(late, [50, 99])
    result[name] = {
      "p50_ms": float(low), "p99_ms": float(high), "frames": len(off),
      "late_p50_ms": float(late_low), "late_p99_ms": float(late_high),
      "p99_ms_of_spells": [float(np.percentile(s.jitter_ms, 99)) for s in mine],
      "calls": sum(s.calls for s in mine),
      "in_flight": float(np.mean([s.in_flight for s in mine])),
      "goals_reached": sum(s.reached for s in mine),
      "goals_missed": sum(s.missed for s in mine),
    }  # fmt: skip
  result["added_p99_ms"] = (
    result["with_planner"]["p99_ms"] - result["without"]["p99_ms"]
  )
  typical = [
    float(np.median(result[name]["p99_ms_of_spells"]))
    for name in ("without", "with_planner")
  ]
  result["added_p99_ms_of_a_spell"] = typical[1] - typical[0]
  result["added_late_p99_ms"] = (
    result["with_planner"]["late_p99_ms"] - result["without"]["late_p99_ms"]
  )
  return result
