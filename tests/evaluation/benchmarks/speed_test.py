import os

import jax
import numpy as np
import pytest

from dreamer_jax.evaluation.benchmarks import speed


def test_policy_speed(agent):
  result = speed.policy_speed(agent, calls=20)
  assert result["median"] > 1
  assert result["p99_ms"] >= 1e3 / result["median"]


def test_dream_speed(agent):
  assert speed.dream_speed(agent, calls=5) > 1


def test_model_size_counts_every_parameter_once(agent):
  count, megabytes = speed.model_size(agent)
  trees = (agent.world_params, agent.actor)
  assert count == sum(np.size(x) for x in jax.tree.leaves(trees))
  assert megabytes == pytest.approx(count * 4e-6)


def test_latencies_leave_the_warm_up_out():
  calls = []
  assert speed.latencies(lambda: calls.append(0), 3, 2).shape == (3,)
  assert len(calls) == 5


@pytest.mark.skipif(
  not hasattr(os, "sched_getaffinity"), reason="no affinity on this system"
)
def test_one_core_and_back():
  jax.numpy.ones(3).block_until_ready()  # XLA's threads are there
  before = speed._affinities()
  with speed.one_core() as restricted:
    assert restricted
    inside = speed._affinities()
    assert len(set().union(*inside.values())) == 1
  after = speed._affinities()
  assert all(after[t] == before[t] for t in after.keys() & before.keys())
