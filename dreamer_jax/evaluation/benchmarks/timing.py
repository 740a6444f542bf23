"""The stopwatch: rates with their spread, matmul peak, FLOPs, memory.

JAX dispatches asynchronously: a call returns before its result exists. All
that is timed here waits for its result inside the timed span.
"""

import resource
import sys
import time
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

_PEAK_SIZE = 2048  # of the square matrices whose product is the yardstick
MATMUL_GFLOP = 2 * _PEAK_SIZE**3 / 1e9


class Rate(NamedTuple):
  """A rate, measured several times."""

  label: str
  unit: str
  values: tuple[float, ...]  # one a repeat
  target: float | None = None
  note: str = ""

  @property
  def median(self) -> float:
    """Of the repeats."""
    return float(np.median(self.values))

  def to_json(self) -> dict[str, Any]:
    """Median, spread, target and note."""
    return {
      "unit": self.unit,
      "median": self.median,
      "low": min(self.values),
      "high": max(self.values),
      "repeats": len(self.values),
      "target": self.target,
      "note": self.note,
    }


class Part(NamedTuple):
  """A share of one update."""

  label: str
  ms: float  # median
  gflop: float  # of its matrix products


def seconds(
  call: Callable[[], Any], repeats: int, warm_up: int = 1
) -> tuple[float, ...]:
  """Times `call` to the end of its result, `repeats` times.

  Args:
    call: returns arrays, or nothing.
    repeats: timed calls.
    warm_up: calls before those; the first one compiles.
  """
  for _ in range(warm_up):
    jax.block_until_ready(call())
  secs = []
  for _ in range(repeats):
    began = time.perf_counter()
    jax.block_until_ready(call())
    secs.append(time.perf_counter() - began)
  return tuple(secs)


def interleaved(
  calls: dict[Hashable, Callable[[], Any]], repeats: int
) -> dict[Hashable, tuple[float, ...]]:
  """Times several calls in turn, round by round, as `seconds` does one.

  What else runs on the machine changes within minutes: so it slows them alike.
  """
  for call in calls.values():
    jax.block_until_ready(call())
  rounds = [
    {name: seconds(call, 1, 0)[0] for name, call in calls.items()}
    for _ in range(repeats)
  ]
  return {name: tuple(r[name] for r in rounds) for name in calls}


def matmul() -> Callable[[], jax.Array]:
  """A product of f32 matrices of 2048 x 2048, of `MATMUL_GFLOP`, as a call."""
  a = jnp.ones((_PEAK_SIZE, _PEAK_SIZE), jnp.float32)
  product = jax.jit(lambda a, b: a @ b)
  return lambda: product(a, a)


def matmul_peak(repeats: int) -> float:
  """GFLOP/s of `matmul`: the best repeat."""
  return MATMUL_GFLOP / min(seconds(matmul(), repeats, warm_up=2))


def matmul_gflop(function: Callable, *args) -> float:
  """GFLOP of the matrix products of one call, a multiply-add being two.

  Counted on the traced program, as XLA's own analysis takes the body of a
  loop for one pass of it.
  """
  return _count(jax.make_jaxpr(function)(*args).jaxpr) / 1e9


def _count(jaxpr) -> float:
  total = 0.0
  for equation in jaxpr.eqns:
    if equation.primitive.name == "dot_general":
      (contracted, _), _ = equation.params["dimension_numbers"]
      shape = equation.invars[0].aval.shape
      inner = np.prod([shape[i] for i in contracted], initial=1.0)
      total += 2.0 * inner * np.prod(equation.outvars[0].aval.shape)
      continue
    inner = [
      _count(getattr(value, "jaxpr", value))
      for parameter in equation.params.values()
      for value in _as_tuple(parameter)
      if hasattr(getattr(value, "jaxpr", value), "eqns")
    ]
    if equation.primitive.name == "cond":
      inner = [max(inner, default=0.0)]
    total += sum(inner) * equation.params.get("length", 1)
  return total


def _as_tuple(value: Any) -> tuple:
  return tuple(value) if isinstance(value, tuple | list) else (value,)


def peak_rss_mb() -> tuple[float, float]:
  """Peak memory in MB (10^6) of this process and of its largest child."""
  unit = 1 if sys.platform == "darwin" else 1024  # bytes, elsewhere KiB
  return tuple(
    resource.getrusage(who).ru_maxrss * unit / 1e6
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
  )
