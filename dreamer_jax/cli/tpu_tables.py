"""The tables of `dreamer-jax bench --what=tpu`, of its JSON."""

from collections.abc import Iterator
from typing import Any

from dreamer_jax.cli.bench_tables import Rows

_WASTE = 0.2  # share of padding from which it is worth a line
_WORDS = {
  "compute": "arithmetic",
  "memory": "HBM traffic",
  "kernels": "small kernels in a row",
}


def tables(tree: dict[str, Any]) -> Iterator[Rows]:
  """All tables of `{preset: {topology: costs.examine}}`."""
  yield _programs(tree)
  yield _room(tree)
  padding = _padding(tree)
  if padding.rows:
    yield padding


def _each(tree: dict[str, Any]) -> Iterator[tuple[str, str, dict]]:
  for preset, topologies in tree.items():
    for topology, result in topologies.items():
      yield preset, topology, result


def _programs(tree: dict[str, Any]) -> Rows:
  """What an update costs a device, and what bounds it."""
  rows = []
  for preset, topology, result in _each(tree):
    for name, p in result["programs"].items():
      hbm, ms = p["hbm_mb"], p["ms"]
      rows.append((
        f"{preset}, {topology}, {name}", f"{hbm['arguments']:,.0f}",
        f"{hbm['temporaries']:,.0f}", f"{p['gflop']:,.2f}",
        f"{p['hbm_gb']:,.2f}", f"{p['kernels']:,.0f}", collectives(p),
        f"{ms['compute']:,.3f}", f"{ms['memory']:,.3f}",
        f"{ms['estimate']:,.2f}", _WORDS[p["bound"]],
      ))  # fmt: skip
  columns = (
    "an update, of each device", "arguments, MB", "temporaries, MB", "GFLOP",
    "HBM, GB", "kernels", "all-reduces", "arithmetic, ms", "traffic, ms",
    "XLA's estimate, ms", "bound by",
  )  # fmt: skip
  return Rows("Programs, ahead of time", columns, rows)


def collectives(program: dict[str, Any]) -> str:
  """Which, how many an update, and what they carry."""
  parts = [
    f"{entry['count']:,.0f}" + ("" if kind == "all-reduce" else f" {kind}")
    + f", {entry['bytes'] / 1e6:,.1f} MB"
    for kind, entry in program["collectives"].items()
  ]  # fmt: skip
  return "; ".join(parts) or "none"


def _room(tree: dict[str, Any]) -> Rows:
  """How much more a device could take."""
  rows = []
  for preset, topology, result in _each(tree):
    if "larger" not in result:
      continue
    batch, replay = result["largest_batch"], result["replay"]
    small, large = result["programs"]["world_update"], result["larger"]
    sizes = batch["compiled"]
    faster = small["ms"]["estimate"] * sizes[1] / sizes[0]
    faster /= large["ms"]["estimate"]
    rows.append((
      f"{preset}, {topology}", f"{result['chip']['hbm_gib']:g}",
      f"{batch['mb_a_sequence']:.1f}", f"{batch['sequences']:,}",
      f"{sizes[1] // sizes[0]}×: {faster:.1f}×",
      f"{replay['bytes_a_step']:,.0f}", f"{replay['steps'] / 1e6:,.1f} M",
    ))  # fmt: skip
  columns = (
    "of a device", "HBM, GiB", "MB a sequence", "largest batch",
    "a larger batch's rate", "bytes a replay step", "replay, steps",
  )  # fmt: skip
  return Rows("Room", columns, rows)


def _padding(tree: dict[str, Any]) -> Rows:
  """Where zeros cost more than a fifth, and what could mend it."""
  rows = []
  for preset, topology, result in _each(tree):
    for name, program in result["programs"].items():
      padding = program["padding"]
      if padding["products"] <= _WASTE:
        continue
      worst = padding["worst"][0]
      rows.append((
        f"{preset}, {topology}, {name}", f"{100 * padding['products']:.0f} %",
        f"{worst['rows']}×{worst['inner']}×{worst['columns']}",
        f"{100 * worst['share']:.0f} %", advice(worst),
      ))  # fmt: skip
  columns = ("program", "zeros", "worst product", "its share", "remedy")
  return Rows("Padding of matrix products above 20 %", columns, rows)


def advice(product: dict[str, float]) -> str:
  """What would fill a product's tiles of 8 × 128."""
  names = {"inner": "its inputs", "columns": "its outputs"}
  thin = [
    f"{names[side]} from {product[side]} to {-(-product[side] // 128) * 128}"
    for side in ("inner", "columns")
    if product[side] % 128
  ]
  if product["rows"] % 8:
    thin.insert(0, f"{-(-product['rows'] // 8) * 8} rows a batch")
  return "widen " + ", ".join(thin) if thin else "none: its tiles are full"
