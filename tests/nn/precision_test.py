import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn import precision


def test_products_are_narrow_where_the_hardware_multiplies_them(monkeypatch):
  for backend, cpu, dtype in (
    ("cpu", False, "float32"),
    ("cpu", True, "bfloat16"),
    ("gpu", False, "bfloat16"),
    ("tpu", False, "bfloat16"),
  ):
    monkeypatch.setattr(precision.jax, "default_backend", lambda b=backend: b)
    monkeypatch.setattr(
      precision, "_cpu_multiplies_bfloat16", lambda there=cpu: there
    )
    assert precision.compute_dtype("auto") == dtype
    assert precision.compute_dtype("float32") == "float32"


def test_flags_that_are_there_win():
  given = "--xla_gpu_autotune_level=2 --xla_dump_to=x"
  flags = precision.deterministic_flags(given).split()
  assert flags[:2] == given.split()
  assert flags[2:] == ["--xla_gpu_deterministic_ops=true"]


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_what_is_stored_reads_the_same(dtype):
  x = jnp.array([0.0, -0.0, 1.0, 1e-30, -3e38, jnp.inf], dtype)
  kept = precision.stored(x)
  assert kept.dtype == {"bfloat16": "uint16"}.get(dtype, dtype)  # on a CPU
  got = precision.read(kept)
  assert got.dtype == x.dtype
  np.testing.assert_array_equal(got, x)


def test_nothing_is_stored_twice():
  kept = precision.stored(jnp.ones(2, jnp.bfloat16))
  np.testing.assert_array_equal(precision.stored(kept), kept)
