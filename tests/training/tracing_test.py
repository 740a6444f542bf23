import pytest

from dreamer_jax.training import tracing
from dreamer_jax.training.progress import Counters, Event


def events(phases):
  """`[(phase, dispatches)]` -> events."""
  for phase, total in phases:
    unit = "episodes" if phase == "collect" else "updates"
    for done in range(1, total + 1):
      yield Event(Counters(0, phase), done, total, unit, {})


@pytest.fixture
def calls(monkeypatch):
  made = []
  profiler = tracing.jax.profiler
  monkeypatch.setattr(profiler, "start_trace", lambda f: made.append("start"))
  monkeypatch.setattr(profiler, "stop_trace", lambda: made.append("stop"))
  return made


@pytest.mark.parametrize(
  ("dispatches", "expected"),
  [
    (2, ["start", "on", "on", "stop"]),
    (9, ["start", "on", "on", "on", "on", "stop"]),
    (0, []),
  ],
)
def test_some_dispatches_after_the_first(calls, dispatches, expected):
  run = tracing.traced(
    events([("collect", 3), ("world", 5), ("clone", 3)]), "x", dispatches
  )
  for _ in run:
    if calls and calls[-1] != "stop":
      calls.append("on")
  assert calls == expected


def test_a_run_that_ends_early_closes_its_trace(calls):
  run = tracing.traced(events([("world", 5)]), "x", 4)
  next(run)
  run.close()
  assert calls == ["start", "stop"]
