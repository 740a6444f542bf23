"""The matrix products of a program: how many, and what padding adds to them.

A TPU multiplies in tiles of 8 rows by 128 columns: a dimension that is no
multiple is filled up with zeros, and the zeros are multiplied too.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax

ROWS, COLUMNS = 8, 128  # of a tile


class Product(NamedTuple):
  """`[rows, inner] @ [inner, columns]`, `times` times."""

  rows: int
  inner: int
  columns: int
  times: int

  @property
  def flops(self) -> float:
    """A multiply-add being two."""
    return 2.0 * self.times * self.rows * self.inner * self.columns

  @property
  def padded(self) -> float:
    """`flops` with the zeros."""
    tiles = up(self.rows, ROWS) * up(self.columns, COLUMNS)
    return 2.0 * self.times * up(self.inner, COLUMNS) * tiles


def up(size: int, to: int) -> int:
  """The next multiple."""
  return -(-size // to) * to


def products(function: Callable, *args) -> list[Product]:
  """All products of one call, those of a shape together, largest first."""
  times: dict[tuple, int] = {}
  for shape, count in _walk(jax.make_jaxpr(function)(*args).jaxpr, 1):
    times[shape] = times.get(shape, 0) + count
  found = [Product(*shape, count) for shape, count in times.items()]
  return sorted(found, key=lambda p: -p.flops)


def _walk(jaxpr, count: int) -> Iterator[tuple[tuple[int, int, int], int]]:
  for equation in jaxpr.eqns:
    if equation.primitive.name == "dot_general":
      yield _shape(equation, count)
      continue
    times = count * equation.params.get("length", 1)
    for value in equation.params.values():
      for inner in value if isinstance(value, tuple | list) else (value,):
        inner = _jaxpr(inner)
        if inner is not None:
          yield from _walk(inner, times)


def _jaxpr(value: Any):
  """The program in a parameter, or None."""
  value = getattr(value, "jaxpr", value)
  return value if hasattr(value, "eqns") else None


def _shape(equation, count: int) -> tuple[tuple[int, int, int], int]:
  (contracted, _), (batch, _) = equation.params["dimension_numbers"]
  left, right = (v.aval.shape for v in equation.invars[:2])
  inner = math.prod(left[i] for i in contracted)
  batches = math.prod(left[i] for i in batch)
  rows = math.prod(left) // max(inner * batches, 1)
  columns = math.prod(right) // max(inner * batches, 1)
  return (rows, inner, columns), count * batches
