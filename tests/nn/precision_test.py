"""Choices that depend on the device."""

import builtins
import io

import jax
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


def test_a_named_dtype_is_taken_on_every_device(monkeypatch):
  for backend in ("cpu", "gpu"):
    monkeypatch.setattr(precision.jax, "default_backend", lambda b=backend: b)
    for name in ("bfloat16", "float32"):
      assert precision.compute_dtype(name) == name


@pytest.mark.parametrize(
  "flags, is_there",
  [
    ("flags : fpu avx512f amx_bf16", True),
    ("flags\t: avx512_bf16 sse2", True),
    ("flags : avx512f avx512_bf16_not amx_int8", False),
    ("", False),
  ],
)
def test_a_cpu_says_what_it_multiplies(monkeypatch, flags, is_there):
  monkeypatch.setattr(builtins, "open", lambda path: io.StringIO(flags))
  assert precision._cpu_multiplies_bfloat16.__wrapped__() == is_there


def test_a_cpu_that_says_nothing_multiplies_float32(monkeypatch):
  def missing(path):
    raise FileNotFoundError(path)

  monkeypatch.setattr(builtins, "open", missing)
  assert not precision._cpu_multiplies_bfloat16.__wrapped__()


def test_only_a_cpu_minds_few_rows(monkeypatch):
  assert [precision.few_rows(n) for n in (1, 7, 8, 100)] == [
    True, True, False, False,
  ]  # fmt: skip
  monkeypatch.setattr(precision.jax, "default_backend", lambda: "gpu")
  assert not precision.few_rows(1)


@pytest.mark.parametrize("backend", ["cpu", "gpu"])
def test_a_transpose_has_the_same_numbers(monkeypatch, backend):
  """Alone, in a program, and in a product."""
  x = jnp.arange(12.0).reshape(3, 4)
  monkeypatch.setattr(precision.jax, "default_backend", lambda: backend)
  turned = lambda x: precision.transpose(x) + 0
  product = lambda x: precision.transpose(x) @ x
  np.testing.assert_array_equal(turned(x), np.asarray(x).T)
  np.testing.assert_array_equal(jax.jit(turned)(x), np.asarray(x).T)
  np.testing.assert_allclose(jax.jit(product)(x), x.T @ x, rtol=1e-6)


def test_what_is_stored_can_be_moved(monkeypatch):
  """Joined, gathered, set in a buffer as in a dream; no bit is lost."""
  x = jnp.array([[1.5, jnp.nan], [-0.0, 2.0**-130]], jnp.bfloat16)
  kept = precision.stored(x)
  buffer = jnp.zeros((3, 2), kept.dtype).at[1:].set(kept)
  moved = precision.read(jnp.concatenate([buffer, kept])[jnp.array([2, 3])])
  bits = lambda x: np.asarray(precision.stored(x))
  np.testing.assert_array_equal(bits(moved), bits(x[::-1]))
  assert (precision.read(buffer[:1]) == 0).all()  # zeros are zeros
  monkeypatch.setattr(precision.jax, "default_backend", lambda: "gpu")
  assert precision.stored(x).dtype == jnp.bfloat16  # others move it themselves


def test_flags_are_added_once():
  flags = precision.deterministic_flags("")
  assert flags.split() == [
    "--xla_gpu_deterministic_ops=true", "--xla_gpu_autotune_level=0",
  ]  # fmt: skip
  assert precision.deterministic_flags(flags) == flags
  off = precision.deterministic_flags("--xla_gpu_deterministic_ops=false")
  assert off.split() == [
    "--xla_gpu_deterministic_ops=false", "--xla_gpu_autotune_level=0",
  ]  # fmt: skip
