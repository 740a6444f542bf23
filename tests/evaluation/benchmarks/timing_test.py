import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.evaluation.benchmarks import timing, workloads


def test_seconds_leaves_the_warm_up_out_and_waits():
  calls = []

  def call():
    calls.append(0)
    return jnp.ones(3) * 2

  assert len(timing.seconds(call, 3, warm_up=2)) == 3
  assert len(calls) == 5


def test_interleaved_takes_turns():
  order = []
  calls = {name: lambda name=name: order.append(name) for name in "ab"}
  secs = timing.interleaved(calls, 2)
  assert "".join(order) == "ababab"  # the first round is not timed
  assert {name: len(values) for name, values in secs.items()} == {
    "a": 2,
    "b": 2,
  }


def test_rate_is_the_median():
  rate = timing.Rate("a", "Hz", (1.0, 9.0, 2.0), target=4.0)
  assert rate.median == 2
  told = rate.to_json()
  assert (told["low"], told["high"], told["repeats"]) == (1, 9, 3)


def test_matmul_gflop_of_one_product():
  a, b = jnp.ones((3, 50)), jnp.ones((50, 7))
  assert timing.matmul_gflop(lambda a, b: a @ b, a, b) == pytest.approx(
    2 * 3 * 50 * 7 / 1e9
  )


def test_matmul_gflop_multiplies_loops_and_looks_inside():
  a = jnp.ones((8, 8))

  @jax.jit
  def loop(x):
    step = lambda x, _: (jax.checkpoint(lambda y: y @ a)(x), None)
    return jax.lax.scan(step, x, length=5)[0]

  once = 2 * 8**3 / 1e9
  assert timing.matmul_gflop(loop, a) == pytest.approx(5 * once)
  batched = jax.vmap(lambda x: x @ a)
  assert timing.matmul_gflop(batched, jnp.ones((4, 8, 8))) == pytest.approx(
    4 * once
  )


def test_matmul_gflop_takes_the_dearer_branch():
  a = jnp.ones((8, 8))
  function = lambda x: jax.lax.cond(
    x[0, 0] > 0, lambda y: y @ a, lambda y: y, x
  )
  assert timing.matmul_gflop(function, a) == pytest.approx(2 * 8**3 / 1e9)


def test_peaks_are_positive():
  assert timing.matmul_peak(1) > 0
  own, _ = timing.peak_rss_mb()
  assert 10 < own < 1e6


def test_made_replay_is_full_of_known_tiles():
  replay = workloads.made_replay(24)
  tiles = np.asarray(replay.tiles)
  assert tiles.min() == 0 and tiles.max() == 23
  assert int(replay.size) == replay.capacity
  assert float(replay.labels["valid"].min()) == 1


def test_emulator_alone():
  rate = workloads.emulator(presets.debug(), 1, 10)
  assert rate.median > 10
