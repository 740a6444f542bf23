"""Reads XLA's optimised programs as text: time, traffic, collectives, padding.

XLA's own `cost_analysis` takes the body of a loop for one pass and a gather for
a read of all that it gathers from. Here loops count as often as they run, and
slices as what they take. For a TPU the compiler writes its own estimate beside
each kernel, in clock cycles.
"""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

_BITS = {"pred": 8, "bf16": 16, "tf32": 32, "token": 0}
_ARRAY = re.compile(r"([a-z]+\d*[a-z0-9]*)\[([\d,]*)\](?:\{([^}]*)\})?")
_HEAD = re.compile(r"^(ENTRY )?%?(\S+) \(.*\) -> .* \{$")
_OPCODE = re.compile(r"\s([a-z][a-z0-9-]*)\(")
_COLLECTIVES = (
  "all-reduce", "all-gather", "reduce-scatter", "all-to-all",
  "collective-permute",
)  # fmt: skip
_HOST = ("infeed", "outfeed", "send", "recv")
# They move nothing, or what they call does, or their `-start` has done.
_FREE = {
  "parameter", "constant", "get-tuple-element", "tuple", "bitcast", "while",
  "conditional", "call", "after-all", "iota", "partition-id", "replica-id",
}  # fmt: skip
_SLICES = {"gather", "dynamic-slice", "slice"}


class Array(NamedTuple):
  """A buffer."""

  shape: str  # as the text has it
  bytes: int  # with the padding of its layout
  logical: int  # bytes, without
  in_hbm: bool  # and not in the core's own memory


class Op(NamedTuple):
  """An instruction."""

  name: str
  opcode: str
  outputs: tuple[Array, ...]
  operands: tuple[str, ...]
  rest: str  # of its line

  def called(self, attribute: str) -> str | None:
    """The computation that `attribute` names."""
    found = re.search(rf"\b{attribute}=%?([^\s,}})]+)", self.rest)
    return found and found.group(1)


class Cost(NamedTuple):
  """What one run of a program comes to, on one device."""

  cycles: int  # the compiler's estimate, kernels one after another
  kernels: int  # started
  hbm_bytes: float  # read and written
  collectives: dict[str, dict[str, float]]  # "count", "bytes" by kind
  host_ops: int  # transfers to or from the host: there should be none
  padded: tuple[Array, ...]  # the largest buffers that are mostly padding


class Program:
  """A program's computations."""

  def __init__(self, text: str):
    """Parses the text of a compiled program (`compiled.as_text()`)."""
    self.computations: dict[str, dict[str, Op]] = {}
    self.entry = ""
    ops: dict[str, Op] = {}
    for line in text.splitlines():
      head = _HEAD.match(line)
      if head:
        ops = self.computations.setdefault(head.group(2), {})
        self.entry = head.group(2) if head.group(1) else self.entry
      elif " = " in line and line.startswith(" "):
        op = _parse(line)
        ops[op.name] = op

  def walk(self) -> Iterator[tuple[int, dict[str, Op], Op]]:
    """`(times it runs, its neighbours, op)` for all that the entry runs."""
    yield from self._walk(self.entry, 1)

  def _walk(self, name: str, times: int) -> Iterator:
    ops = self.computations.get(name, {})
    for op in ops.values():
      yield times, ops, op
      if op.opcode == "while":
        yield from self._walk(op.called("body"), times * self.trips(op))
      elif op.opcode == "call":
        yield from self._walk(op.called("to_apply"), times)
      elif op.opcode == "conditional":
        yield from self._branches(op, times)

  def _branches(self, op: Op, times: int) -> Iterator:
    """All branches of a conditional, as if each were taken."""
    found = re.search(r"branch_computations=\{([^}]*)\}", op.rest)
    names = found.group(1).split(", ") if found else []
    names += [op.called(f"{k}_computation") for k in ("true", "false")]
    for name in names:
      if name:
        yield from self._walk(name.lstrip("%"), times)

  def trips(self, op: Op) -> int:
    """How often a loop runs: the bound that its condition compares with."""
    known = re.search(r'known_trip_count":\{"n":"(\d+)"', op.rest)
    if known:
      return int(known.group(1))
    ops = self.computations.get(op.called("condition"), {}).values()
    bounds = [
      int(found.group(1))
      for other in ops
      if other.opcode == "constant"
      and (found := re.match(r"(\d+)\)", other.rest))
    ]
    return max(bounds, default=1) or 1

  def cost(self) -> Cost:
    """Adds it all up."""
    cycles = kernels = host = 0
    traffic, collectives, padded = 0.0, {}, {}
    for times, ops, op in self.walk():
      found = re.search(r'"estimated_cycles":"(\d+)"', op.rest)
      cycles += times * int(found.group(1)) if found else 0
      kernels += times * bool(found)
      traffic += times * self.traffic(ops, op)
      kind = op.opcode.removesuffix("-start")
      if kind in _COLLECTIVES:
        size = sum(ops[o].outputs[0].logical for o in op.operands if o in ops)
        entry = collectives.setdefault(kind, {"count": 0, "bytes": 0.0})
        entry["count"] += times
        entry["bytes"] += times * size
      host += times * (kind in _HOST)
      if op.opcode not in _FREE and not op.opcode.endswith("-done"):
        padded |= {x.shape: x for x in op.outputs if _is_waste(x)}
    largest = sorted(padded.values(), key=lambda x: x.logical - x.bytes)
    return Cost(cycles, kernels, traffic, collectives, host, tuple(largest[:4]))

  def copies_bytes(self, rows: int) -> float:
    """Bytes of the copies of arrays of so many rows in another layout."""
    found = {
      op.name: op.outputs[0].bytes
      for _, _, op in self.walk()
      if op.opcode == "copy"
      and op.outputs[0].in_hbm
      and re.search(rf"[\[,]{rows},", op.outputs[0].shape)
    }
    return sum(found.values())

  def traffic(self, ops: dict[str, Op], op: Op) -> float:
    """Bytes of HBM that an instruction reads and writes."""
    if op.opcode in _FREE or op.opcode.endswith("-done"):
      return 0.0
    if op.opcode.endswith("-start") and len(op.outputs) > 1:
      # Source and destination of what goes on beside other work.
      ends = op.outputs[:2]
      return min(x.bytes for x in ends) * sum(x.in_hbm for x in ends)
    inner = self.computations.get(op.called("calls") or "", {})
    inputs = list(inner.values())
    total = 0.0
    for i, name in enumerate(op.operands):
      array = ops[name].outputs[:1] if name in ops else ()
      if not array or not array[0].in_hbm:
        continue
      parameter = next(
        (p for p in inputs if p.opcode == "parameter"
         and p.rest.startswith(f"{i})")), None,
      )  # fmt: skip
      total += _taken(inner, parameter, op, array[0])
    updates = [x for x in inputs if x.opcode == "dynamic-update-slice"]
    for array in op.outputs:
      if array.in_hbm:
        total += _written(inner, updates, op, ops, array)
    return total


def _taken(inner: dict, parameter: Op | None, op: Op, array: Array) -> float:
  """Bytes that are read of an operand; the slices, where only those are."""
  if op.opcode in _SLICES:
    return min(array.bytes, op.outputs[0].bytes)
  if op.opcode == "dynamic-update-slice":
    return 0.0
  if parameter is None:
    return array.bytes
  users = [x for x in inner.values() if parameter.name in x.operands]
  in_place = {"dynamic-update-slice"}
  if users and all(x.opcode in _SLICES | in_place for x in users):
    return min(
      array.bytes,
      sum(x.outputs[0].bytes for x in users if x.opcode in _SLICES),
    )
  return array.bytes


def _written(inner, updates, op: Op, ops, array: Array) -> float:
  """Bytes that are written of an output; the update, where it is in place."""
  if op.opcode == "dynamic-update-slice":
    update = ops.get(op.operands[1])
    return 2.0 * update.outputs[0].bytes if update else array.bytes
  for x in updates:
    if x.outputs[0].logical == array.logical:
      update = inner.get(x.operands[1])
      return update.outputs[0].bytes if update else array.bytes
  return array.bytes


def _is_waste(array: Array) -> bool:
  """More than half of 4 MB or more is padding."""
  return array.in_hbm and array.bytes > max(2 * array.logical, 4e6)


def _parse(line: str) -> Op:
  """An instruction's line."""
  name, text = line.strip().removeprefix("ROOT ").split(" = ", 1)
  end = 0
  if text.startswith("("):  # a tuple: to the parenthesis that closes it
    end = 1 + _closing(text[1:])
  opcode = _OPCODE.search(text, end)
  if opcode is None:
    return Op(name.lstrip("%"), "", (), (), text)
  rest = text[opcode.end() :]
  operands = re.findall(r"%([^\s,)]+)", rest[: _closing(rest)])
  outputs = tuple(arrays(text[: opcode.start()]))
  return Op(name.lstrip("%"), opcode.group(1), outputs, tuple(operands), rest)


def _closing(text: str) -> int:
  """Where the parenthesis closes that is open at the start."""
  depth = 1
  for i, letter in enumerate(text):
    depth += (letter == "(") - (letter == ")")
    if not depth:
      return i
  return len(text)


def arrays(text: str) -> Iterator[Array]:
  """The arrays of a type, `f32[512,7]{0,1:T(8,128)}` or a tuple of such."""
  for kind, dims, layout in _ARRAY.findall(text):
    bits = _BITS.get(kind) or int(re.sub(r"\D", "", kind.split("e")[0]) or 0)
    shape = [int(d) for d in dims.split(",") if d]
    padded = math.prod(_padded(shape, layout))
    yield Array(
      f"{kind}[{dims}]" + (f"{{{layout}}}" if layout else ""),
      padded * bits // 8, math.prod(shape) * bits // 8, "S(" not in layout,
    )  # fmt: skip


def _padded(shape: list[int], layout: str) -> list[int]:
  """The shape, from the slowest dimension on, filled up to the first tile."""
  order, _, tiling = layout.partition(":")
  minor = [int(d) for d in order.split(",") if d]
  dims = [shape[d] for d in reversed(minor)] if minor else list(shape)
  tile = re.match(r"T\(([\d,]+)\)", tiling)
  if not tile:
    return dims
  sizes = [int(s) for s in tile.group(1).split(",")]
  dims = [1] * (len(sizes) - len(dims)) + dims
  for i, size in enumerate(reversed(sizes), 1):
    dims[-i] = -(-dims[-i] // size) * size
  return dims
