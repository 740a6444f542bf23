"""What depends on the kind of device: all such choices are made here."""

import functools

import jax
import jax.numpy as jnp
from jax.experimental import layout

AUTO = "auto"
_NARROW = {"avx512_bf16", "amx_bf16"}  # flags of x86 CPUs
_FEW = 8  # rows
# XLA picks among kernels by timing them, and some add in any order.
_DETERMINISTIC = (
  "--xla_gpu_deterministic_ops=true", "--xla_gpu_autotune_level=0",
)  # fmt: skip


def compute_dtype(name: str) -> str:
  """Of matrix products: `name`, or what suits the device where it is "auto".

  Weights, their optimizer and all sums are float32 in any case.
  """
  if name != AUTO:
    return name
  narrow = jax.default_backend() != "cpu" or _cpu_multiplies_bfloat16()
  return "bfloat16" if narrow else "float32"


def few_rows(rows: int) -> bool:
  """Whether so thin a product is not worth the rounding of its weights.

  On a CPU that takes as long as the product; `base` dreams a single step at
  350 Hz with the weights as they are, at 184 Hz where they are rounded.
  """
  return jax.default_backend() == "cpu" and rows < _FEW


def transpose(x: jax.Array) -> jax.Array:
  """`[N, I]` -> `[I, N]`, laid out so that products with it are fast.

  XLA's CPU backend folds a transpose into the product that wants it, for which
  it has no fast kernel then: a copy first takes half as long. Others see to
  their layouts themselves.
  """
  if jax.default_backend() != "cpu":
    return x.T
  return layout.with_layout_constraint(x.T, layout.Layout((0, 1)))


def stored(x: jax.Array) -> jax.Array:
  """What is to be kept and moved, in a form that costs no more than it must.

  XLA's CPU backend joins, slices and gathers bfloat16 by way of float32, whole
  buffers at a step of a loop; as integers of the same bits they just move.
  """
  if jax.default_backend() != "cpu" or x.dtype != jnp.bfloat16:
    return x
  return jax.lax.bitcast_convert_type(x, jnp.uint16)


def read(x: jax.Array) -> jax.Array:
  """The numbers that `stored` was given; any others as they are."""
  if x.dtype != jnp.uint16:
    return x
  return jax.lax.bitcast_convert_type(x, jnp.bfloat16)


@functools.cache
def _cpu_multiplies_bfloat16() -> bool:
  """Whether the CPU has instructions for it; they are twice as fast."""
  try:
    with open("/proc/cpuinfo") as file:
      return bool(_NARROW & set(file.read().split()))
  except OSError:  # not Linux
    return False


def deterministic_flags(flags: str) -> str:
  """`XLA_FLAGS` with which a program gives the same bits each time.

  The CPU and TPU programs do so anyway; on a GPU this costs speed.

  Args:
    flags: what the variable holds; settings there win.
  """
  there = {flag.partition("=")[0] for flag in flags.split()}
  more = [f for f in _DETERMINISTIC if f.partition("=")[0] not in there]
  return " ".join([*flags.split(), *more])
