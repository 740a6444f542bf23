"""Pieces of C source text."""

from collections.abc import Iterable, Mapping, Sequence


def array(declaration: str, values: Iterable[int]) -> str:
  """A C array of bytes, twenty numbers a line."""
  numbers = [str(int(v)) for v in values] or ["0"]
  rows = [", ".join(numbers[i : i + 20]) for i in range(0, len(numbers), 20)]
  return f"{declaration}[] = {{\n  " + ",\n  ".join(rows) + "\n};"


def module(name: str, arrays: Mapping, sizes: Mapping) -> dict[str, str]:
  """A header and a source of constant arrays and numbers."""
  header = ["#include <stdint.h>"]
  header += [f"#define {n} {v}" for n, v in sizes.items()]
  header += [f"extern const uint8_t {n}[];" for n in arrays]
  body = ["#include <stdint.h>"]
  body += [array(f"const uint8_t {n}", v) for n, v in arrays.items()]
  return {
    f"{name}.h": guard(f"{name.upper()}_H", header),
    f"{name}.c": "\n".join(body),
  }


def guard(symbol: str, lines: Sequence[str]) -> str:
  """Header lines inside their include guard."""
  return "\n".join([f"#ifndef {symbol}", f"#define {symbol}", *lines, "#endif"])
