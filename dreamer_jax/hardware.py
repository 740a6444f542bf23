"""What depends on the kind of device: all such choices are made here."""

import jax

AUTO = "auto"
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
  return "float32" if jax.default_backend() == "cpu" else "bfloat16"


def deterministic_flags(flags: str) -> str:
  """`XLA_FLAGS` with which a program gives the same bits each time.

  The CPU and TPU programs do so anyway; on a GPU this costs speed.

  Args:
    flags: what the variable holds; settings there win.
  """
  there = {flag.partition("=")[0] for flag in flags.split()}
  more = [f for f in _DETERMINISTIC if f.partition("=")[0] not in there]
  return " ".join([*flags.split(), *more])
