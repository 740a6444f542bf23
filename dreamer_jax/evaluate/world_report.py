"""A world model's evaluation: a table for the terminal, parts of the page."""

import html
from collections.abc import Callable, Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from dreamer_jax.evaluate import world_charts
from dreamer_jax.evaluate.result import look_up, mean, number, percent
from dreamer_jax.evaluate.world_result import FORECASTS, GROUPS, rows, verdict

_MARKS = {True: "ok", False: "miss", None: ""}
_HEADINGS = ("", "this run", "95 %", "must", "reach for", "")


def table(report: dict) -> Table:
  """The figures and their targets, for a terminal of 80 columns."""
  met, known = verdict(report)
  result = Table(
    title=f"The dream: {met} of {known} targets met",
    title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
    pad_edge=False,
  )  # fmt: skip
  for i, name in enumerate(_HEADINGS):
    side = "left" if i == 0 else "right"
    result.add_column(name, justify=side, no_wrap=True)
  colors = {True: "[green]ok[/]", False: "[red]miss[/]", None: ""}
  for row in rows(report):
    label = f"  [dim]{row.label}[/]" if row.is_detail else row.label
    result.add_row(
      label, row.value, escape(row.interval), row.must, row.reach,
      colors[row.is_met],
    )  # fmt: skip
  return result


def sections(report: dict, section: Callable[[str, str], str]) -> Iterator[str]:
  """The page's parts; none where no dream was measured.

  Args:
    report: the tree of `report.json`.
    section: `section(title, body)` wraps a part.
  """
  if not report.get("dream"):
    return
  pixels = _chart(world_charts.pixels(report))
  yield section("The dream, by its targets", _targets(report))
  yield section("How true its pictures stay", pixels + _pictures(report))
  chart = _chart(world_charts.reliability(report))
  note = (
    '<p class="note">Over the first 15 dreamed steps of windows side by side; '
    "on the diagonal, probabilities come true as often as they say.</p>"
  )
  yield section("Whether it can be believed", chart + note if chart else "")


def _chart(svg: str) -> str:
  return f'<div class="chart">{svg}</div>' if svg else ""


def _targets(report: dict) -> str:
  lines = []
  for row in rows(report):
    mark = _MARKS[row.is_met]
    badge = f'<span class="{mark}">{mark}</span>' if mark else ""
    kind = " class=detail" if row.is_detail else ""
    lines.append(
      f"<tr{kind}><th scope=row>{html.escape(row.label)}</th>"
      f"<td><b>{html.escape(row.value)}</b></td>"
      f"<td class=interval>{html.escape(row.interval)}</td>"
      f"<td>{html.escape(row.must)}</td><td>{html.escape(row.reach)}</td>"
      f"<td>{badge}</td></tr>"
    )
  return _table(_HEADINGS, lines) + (
    '<p class="note">Branched: from saved moments, several sequences of '
    "actions each, played on the emulator too. The game, other chance: the "
    "real game played again with other random numbers. What a model cannot "
    "know of that is on average at least half of its distance.</p>"
  )


def _pictures(report: dict) -> str:
  """Exact pixels, map and drift by step, for each forecast and group."""
  lines, steps = [], []
  windows = look_up(report, "dream", "windows")
  for group, name in GROUPS:
    pixels = look_up(windows, group, "pixels") or {}
    steps = steps or sorted(pixels.get("tiles", ()), key=int)
    for key, label in FORECASTS.items():
      if key not in pixels:
        continue
      cells = ""
      for k in steps:
        tree = pixels[key].get(k)
        cells += f"<td>{percent(mean(tree))}</td>"
      lines.append(f"<tr><th scope=row>{label}, {name}</th>{cells}</tr>")
    cells = "".join(
      f"<td>{number(look_up(windows, group, 'psnr_db', 'tiles', k), 1)}</td>"
      for k in steps
    )
    lines.append(f"<tr><th scope=row>PSNR in dB, {name}</th>{cells}</tr>")
    maps = look_up(windows, group, "map", "tiles")
    cells = "".join(
      f"<td>{percent(mean(look_up(maps, k)))}</td>" for k in steps
    )
    lines.append(f"<tr><th scope=row>map right, {name}</th>{cells}</tr>")
  return _table(("exact pixels after steps", *steps), lines) if steps else ""


def _table(headings, lines: list[str]) -> str:
  head = "".join(f"<th scope=col>{name}</th>" for name in headings)
  return (
    f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>'
    + "\n".join(lines)
    + "</tbody></table></div>"
  )
