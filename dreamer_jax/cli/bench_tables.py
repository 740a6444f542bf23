"""The tables of `dreamer-jax bench`, of its JSON: for a terminal and notes."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text


class Rows(NamedTuple):
  """A table before it has a form."""

  title: str
  columns: tuple[str, ...]
  rows: list[tuple[str, ...]]


def machine(tree: dict[str, Any]) -> str:
  """What was measured where, in a sentence."""
  peaks, memory = tree["matmul_peak_gflops"], tree["peak_rss_mb"]
  return (
    f"`{tree['config']}`, {tree['codebook']:,} patterns, {tree['device']}, jax "
    f"{tree['jax']}; matmul peak {peaks['before']:,.0f} GFLOP/s before and "
    f"{peaks['after']:,.0f} after; peak memory {memory['process']:,.0f} MB, "
    f"and {memory['worker']:,.0f} MB in a worker."
  )


def tables(tree: dict[str, Any]) -> Iterator[Rows]:
  """All tables that the results have numbers for."""
  if "world_update" in tree:
    yield _parts(tree)
  if "scaling" in tree:
    yield _scaling(tree["scaling"])
  if tree["rates"]:
    yield _rates(tree["rates"])


def _parts(tree: dict[str, Any]) -> Rows:
  """Where an update's time goes, and how near to the peak it is."""
  parts = list(tree["world_update"].values())
  whole = sum(part["ms"] for part in parts)
  gflop = sum(part["gflop"] for part in parts)
  peak = max(tree["matmul_peak_gflops"].values())
  rows = []
  for part in [*parts, {"label": "whole", "ms": whole, "gflop": gflop}]:
    speed = part["gflop"] / part["ms"] * 1e3 if part["ms"] > 0 else 0.0
    rows.append((
      part["label"], f"{part['ms']:,.1f}", _percent(part["ms"] / whole),
      f"{part['gflop']:.2f}", f"{speed:,.0f}", _percent(speed / peak),
    ))  # fmt: skip
  memory = tree["world"]["memory_mb"].get("temporaries", 0.0)
  return Rows(
    f"One update of the world model; {memory:,.0f} MB of temporaries",
    ("", "ms", "share", "GFLOP", "GFLOP/s", "of peak"),
    rows,
  )


def _scaling(points: list[dict[str, float]]) -> Rows:
  """Training at several sizes."""
  rows = [(
    f"{p['batch']}×{p['length']}, {p['codebook']:,}",
    f"{p['frames_hz']:,.0f}", f"{p['gflops']:,.0f}", f"{p['peak_gflops']:,.0f}",
    _percent(p["share_of_peak"]), f"{p['temporaries_mb']:,.0f}",
  ) for p in points]  # fmt: skip
  return Rows(
    "Training at other sizes",
    ("batch×length, codebook", "frames/s", "GFLOP/s", "peak", "of peak", "MB"),
    rows,
  )


def _rates(rates: dict[str, dict]) -> Rows:
  """All rates with their spread and targets."""
  rows = []
  for label, rate in rates.items():
    target, median = rate["target"], rate["median"]
    rows.append((
      f"{label} ({rate['note']})" if rate["note"] else label,
      f"{median:,.0f} {rate['unit']}",
      f"{rate['low']:,.0f}–{rate['high']:,.0f}",
      f"{target:,.0f}" if target else "",
      f"{median / target:.2f}" if target else "",
    ))  # fmt: skip
  return Rows("Rates", ("", "median", "low–high", "target", "ratio"), rows)


def to_rich(table: Rows) -> Table:
  """For a terminal; a ratio to a target is green where it is met."""
  look = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}
  made = Table(*table.columns, title=table.title, **look)
  for column in made.columns[1:]:
    column.justify = "right"
  for row in table.rows:
    if table.columns[-1] == "ratio" and row[-1]:
      color = "green" if float(row[-1]) >= 1 else "red"
      row = (*row[:-1], Text(row[-1], color))
    made.add_row(*row)
  return made


def markdown(tree: dict[str, Any]) -> str:
  """All tables, under a line that says where they were taken."""
  return to_markdown(machine(tree), tables(tree))


def to_markdown(head: str, some: Iterable[Rows]) -> str:
  """A line, if any, and tables."""
  line = lambda cells: "| " + " | ".join(cells) + " |"
  text = [head] if head else []
  for table in some:
    head = [line(table.columns), "|---" * len(table.columns) + "|"]
    rows = [line(row) for row in table.rows]
    text.append("\n".join([f"{table.title}:", "", *head, *rows]))
  return "\n\n".join(text) + "\n"


def _percent(share: float) -> str:
  return f"{100 * share:.0f} %"
