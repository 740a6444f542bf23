"""Several devices learn what one learns, and send no more than they must."""

import json
import os
import subprocess
import sys

import jax
import pytest

from dreamer_jax import presets
from dreamer_jax.errors import UserError
from dreamer_jax.training import collection
from dreamer_jax.training.devices import Devices, choose

_FLAGS = (  # compiles faster; the collectives are the same
  "--xla_force_host_platform_device_count=8 --xla_backend_optimization_level=0"
)


@pytest.fixture(name="found", scope="module")
def fixture_found(tmp_path_factory):
  """What `tests.training.spread` finds on eight emulated devices."""
  folder = str(tmp_path_factory.mktemp("spread"))
  done = subprocess.run(
    [sys.executable, "-m", "tests.training.spread", folder],
    capture_output=True, text=True, timeout=1800,
    env={
      **os.environ, "JAX_PLATFORMS": "cpu",
      "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {_FLAGS}",
    },
  )  # fmt: skip
  assert done.returncode == 0, done.stderr[-3000:]
  return json.loads(done.stdout.splitlines()[-1])


def test_the_gradient_is_that_of_one_device(found):
  assert found["difference"] < 1e-5
  assert found["between_parts"] > 1e-2  # the parts do differ


def test_only_means_travel(found):
  """Gradients', windows' weights', metrics'; XLA may send some together.

  The policy's returns have one scale, and its advantages one mean and one
  spread, for all devices: three numbers more.
  """
  for name, most in (("world", 3), ("clone", 2), ("behavior", 5)):
    assert set(found[name]) == {"all-reduce"}, name
    assert found[name]["all-reduce"] <= most, name


def test_no_device_goes_its_own_way(found):
  names = ("world_same", "clone_same", "behavior_same")
  assert all(found[name] for name in names)


def test_the_same_start_gives_the_same_bits(found):
  assert found["same_bits"]


def test_a_checkpoint_of_four_devices_is_restored_anywhere(found):
  assert found["on_1"] and found["on_8"]
  assert found["fields"] == ["params"] and found["dtype"] == "bfloat16"


def test_a_batch_that_cannot_be_shared():
  devices = Devices()
  devices.count = 3
  with pytest.raises(UserError, match=r"sampling\.batch is 2 .* 3 devices"):
    devices.part(presets.debug())


def test_more_devices_than_there_are():
  assert choose() == jax.devices()
  with pytest.raises(UserError, match="--devices=99"):
    choose(99)


def test_episodes_are_dealt_by_source_and_length(tmp_path, monkeypatch):
  """Long ones go where there is least; every part has every source."""
  steps = {"expert": [9, 1, 1, 1], "random": [5, 5, 5, 5]}
  sizes = {
    tmp_path / f"000-{source}-{i:010d}.ep": size
    for source, counts in steps.items()
    for i, size in enumerate(counts)
  }
  monkeypatch.setattr(
    collection.episodes, "load_header", lambda path: {"steps": sizes[path]}
  )
  first, second = collection.deal(sizes, 2)
  assert [sizes[p] for p in first] == [9, 5, 5]
  assert [sizes[p] for p in second] == [1, 1, 1, 5, 5]
