import types

import jax
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.evaluation.benchmarks import timing, world_model
from dreamer_jax.world_model import learner as world_learner
from tests.conftest import made

CODEBOOK = 24


def test_the_optimizer_moves_the_weights_at_each_call():
  config = presets.debug().world_model
  params = {"kernel": np.ones((3, 2), np.float32)}
  opt = world_learner.make_optimizer(config).init(params)
  state = types.SimpleNamespace(params=params, opt=opt)
  call = world_model._optimizer(config, state)
  call()  # the learning rate begins at zero
  moved, _ = call()
  further, _ = jax.tree.map(np.array, call())
  assert (further["kernel"] < 1).all()
  assert moved["kernel"].is_deleted()  # its memory was given on


@pytest.fixture(name="chance_weights", scope="module")
def fixture_chance_weights():
  """In place of a real initialisation, which takes long to compile."""
  init = world_learner.init
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(world_learner, "init", lambda *a: made(lambda: init(*a)))
    yield


@pytest.fixture(name="program", scope="module")
def fixture_program(chance_weights):
  return world_model.updates(presets.debug().world_model, CODEBOOK, 2)


def test_updates_run(program):
  config = presets.debug().world_model
  assert program.frames == config.sampling.batch * config.sampling.length
  assert "tile" in program.dispatch()
  program.dispatch()  # on what the first one gave
  assert program.gflop > 0 and program.memory_mb["temporaries"] > 0


def test_rate_of_a_dispatch(program):
  training = program.training((4.0, 2.0, 1.0), 10.0)
  assert training.rate.values[0] == pytest.approx(2 * program.frames / 4)
  assert training.rate.target == 10
  assert training.gflops == pytest.approx(program.gflop * 2 / 2)


@pytest.mark.slow
def test_parts_add_up_to_the_update(chance_weights):
  config = presets.debug().world_model
  training, parts = world_model.breakdown(config, CODEBOOK, 2)
  own = {part.label: part for part in parts}
  assert own["optimizer"].ms > 0 and own["optimizer"].gflop == 0
  assert own["RSSM scan"].gflop > 0
  gflop = sum(part.gflop for part in parts)
  assert gflop == pytest.approx(training.gflop)
  ms = (
    config.sampling.batch * config.sampling.length / training.rate.median * 1e3
  )
  assert sum(part.ms for part in parts) == pytest.approx(ms)


def test_scaling_varies_one_size_at_a_time(monkeypatch):
  config = presets.debug().world_model
  config = change(config, {"sampling.batch": 16, "sampling.length": 32})
  sizes = [
    (8, 32, 384), (16, 32, 384), (32, 32, 384), (16, 64, 384),
    (16, 32, 1024), (16, 32, 4096),
  ]  # fmt: skip

  def updates(config, codebook, count):
    memory = {"temporaries": 3.0}
    frames = config.sampling.batch * config.sampling.length
    return world_model.Updates(lambda: None, count, frames, 8.0, memory)

  def interleaved(calls, repeats):
    assert list(calls) == ["matmul", *sizes]
    return {name: (2.0 if name == sizes[1] else 1.0,) for name in calls}

  monkeypatch.setattr(world_model, "updates", updates)
  monkeypatch.setattr(timing, "interleaved", interleaved)
  points = world_model.scaling(config, 384, 1, count=2)
  assert [tuple(p[:3]) for p in points] == sizes
  assert [p.frames_hz for p in points[:3]] == [512, 512, 2048]
  assert [p.gflops for p in points[:3]] == [16, 8, 16]
  share = points[0].to_json()["share_of_peak"]
  assert share == pytest.approx(16 / timing.MATMUL_GFLOP)


def test_dream():
  rate = world_model.dream(presets.debug(), CODEBOOK, 1)
  assert rate.median > 1 and rate.target == 200
