"""Alarms are raised when they should be, once, and not before."""

import math

import pytest
from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax.errors import UserError
from dreamer_jax.training import monitors
from dreamer_jax.training.monitors import Record, WorldMonitor

GOOD = {"kl_on_floor": 0.4, "usage_entropy": 30.0, "tile_accuracy": 0.9}


@pytest.fixture(name="warnings")
def fixture_warnings(monkeypatch):
  said = []
  monkeypatch.setattr(
    logging, "warning", lambda text, *args: said.append(text % args)
  )
  return said


def run(metrics, **fields):
  """Alarms counted after each of 20 dispatches, and the record."""
  config = config_lib.change(
    config_lib.WorldModelConfig(),
    {"optimizer.warmup": 2, "schedule.log_every": 1, **fields},
  )
  watch = WorldMonitor(config, None, Record())
  counts = [
    watch({}, {**GOOD, **metrics}, i, 20, i)["alarm"] for i in range(1, 21)
  ]
  return counts, watch.record


@pytest.mark.parametrize(
  ("metrics", "name"),
  [
    ({"kl_on_floor": 0.96}, "floor"),
    ({"usage_entropy": 0.04 * 32 * math.log(32)}, "usage"),
  ],
)
def test_collapse_is_said_once(metrics, name, warnings):
  counts, record = run(metrics)
  first = 2 + monitors.DISPATCHES  # the warm-up counts for nothing
  assert counts == [0.0] * (first - 1) + [1.0] * (20 - first + 1)
  assert record.alarms == [name]
  assert len(warnings) == 1 and "try" in warnings[0]


@pytest.mark.parametrize(
  "metrics",
  [{}, {"kl_on_floor": 0.94}, {"usage_entropy": 0.06 * 32 * math.log(32)},
   {"kl_on_floor": 1.0, "tile_accuracy": 0.995}],
)  # fmt: skip
def test_health_is_no_alarm(metrics, warnings):
  counts, _ = run(metrics)
  assert max(counts) == 0.0 and not warnings


def test_signs_count_only_in_a_row():
  watch = WorldMonitor(
    config_lib.change(config_lib.WorldModelConfig(), {"optimizer.warmup": 0}),
    None,
    Record(),
  )
  for i in range(1, 40):
    floor = 0.99 if i % monitors.DISPATCHES else 0.5
    watch({}, {**GOOD, "kl_on_floor": floor}, i, 40, i)
  assert watch.record.alarms == []


def check(losses, record=None):
  """The record after checks with these losses."""
  config = config_lib.change(
    config_lib.WorldModelConfig(),
    {"schedule.log_every": 1, "schedule.validate_every": 1},
  )
  values = iter(losses)
  watch = WorldMonitor(
    config, lambda weights: {"loss": next(values)}, record or Record()
  )
  for i in range(1, len(losses) + 1):
    watch({}, GOOD, i, 50, i)
  return watch.record


def test_a_rising_validation_loss(warnings):
  assert check([10.0, 12.1, 12.1, 11.9, 12.1, 12.1]).alarms == []
  record = check([10.0, 9.0, 11.0, 11.0])
  assert record.alarms == [] and record.best == 9.0
  record = check([11.0], record)  # as a resumed run would
  assert record.alarms == ["validation"] and "--step=best" in warnings[0]


def test_checks_come_when_due():
  """Every 3 updates, in dispatches of 2, and at the end."""
  config = config_lib.change(
    config_lib.WorldModelConfig(),
    {"schedule.log_every": 2, "schedule.validate_every": 3},
  )
  watch = WorldMonitor(config, lambda weights: {"loss": 1.0}, Record())
  checked = []
  for done in range(2, 9, 2):
    if "val_loss" in watch({}, GOOD, done, 8, done):
      checked.append(done)
    assert (watch.record.latest is None) == (done not in checked)
  assert checked == [4, 6, 8]


def test_an_alarm_may_stop_the_run():
  with pytest.raises(UserError, match="collapse_stops"):
    run({"kl_on_floor": 1.0}, **{"schedule.collapse_stops": True})
