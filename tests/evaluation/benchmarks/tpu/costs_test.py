"""The TPU's own compiler, where it is installed; no TPU is needed."""

import importlib.util
import subprocess
import sys

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.benchmarks.tpu import costs, programs

HAS_LIBTPU = importlib.util.find_spec("libtpu") is not None
needs_libtpu = pytest.mark.skipif(
  not HAS_LIBTPU, reason="no libtpu here: pip install -e '.[tpu]'"
)
# The compiler keeps its state for good, so another process has it.
COMPILE = """
import jax, json
jax.config.update("jax_platforms", "cpu")
from dreamer_jax import presets
from dreamer_jax.evaluation import tpu
print(json.dumps(tpu.examine(presets.debug(), "v5e:2x4", lambda text: None)))
"""


@needs_libtpu
def test_debug_compiles_for_eight_chips():
  import json

  done = subprocess.run(
    [sys.executable, "-c", COMPILE], capture_output=True, text=True, timeout=600
  )
  assert done.returncode == 0, done.stderr[-2000:]
  tree = json.loads(done.stdout.splitlines()[-1])
  assert tree["devices"] == 8
  for name, program in tree["programs"].items():
    assert program["host_ops"] == 0
    assert program["gflop"] > 0 and program["ms"]["estimate"] > 0
    kinds = set(program["collectives"])
    assert kinds == (set() if name == "act" else {"all-reduce"})
  update = tree["programs"]["world_update"]
  # A replay of 4,096 steps, 925 bytes each and more, and the learner.
  assert 3.8 < update["hbm_mb"]["arguments"] < 10
  assert tree["largest_batch"]["sequences"] > 1000
  assert 900 < tree["replay"]["bytes_a_step"] < 4000


@pytest.mark.skipif(HAS_LIBTPU, reason="libtpu is here")
def test_without_libtpu():
  with pytest.raises(UserError, match=r"pip install -e '\.\[tpu\]'"):
    programs.devices_of("v5e:2x4")


def test_an_unknown_generation(monkeypatch):
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
  with pytest.raises(UserError, match="no figures of 'v1'"):
    programs.devices_of("v1:2x2")


@pytest.mark.parametrize(
  ("ms", "name"),
  [
    ({"estimate": 7.0, "compute": 0.3, "memory": 2.0}, "kernels"),
    ({"estimate": 7.0, "compute": 0.3, "memory": 4.0}, "memory"),
    ({"estimate": 7.0, "compute": 5.0, "memory": 4.0}, "compute"),
  ],
)
def test_what_bounds_a_program(ms, name):
  assert costs.bound(ms) == name
