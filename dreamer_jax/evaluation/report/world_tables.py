"""A world model's evaluation: a table for the terminal, parts of the page."""

import html
from collections.abc import Callable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from dreamer_jax.evaluation.report import world_charts
from dreamer_jax.evaluation.report.results import look_up, mean, number, percent
from dreamer_jax.evaluation.report.world_results import (
  FORECASTS,
  GROUPS,
  rows,
  verdict,
)

_MARKS = {True: "ok", False: "miss", None: ""}
_HEADINGS = ("", "this run", "95 %", "must", "reach", "")
_KINDS = {
  "own": "as it went on", "other": "as another went on",
  "random": "any buttons", "walk": "straight walks",
}  # fmt: skip
_NOTE = (
  "Tiles of drift after so many dreamed steps; recall and precision of events "
  "within 15 steps. Branched: several sequences of actions from saved moments, "
  "played on the emulator too. Other chance: the real game again with other "
  "random numbers; what no model can know of it is on average at least half "
  "of its distance. Best guess: of the position, in tiles, from the last "
  "pictures alone. Doubt ~ error: rank correlation with wrong pixels."
)


def table(report: dict) -> Table:
  """The figures and their targets, for a terminal of 80 columns."""
  met, known = verdict(report)
  result = Table(
    title=f"The dream: {met} of {known} targets met",
    caption=_NOTE, title_justify="left", caption_justify="left",
    box=box.SIMPLE_HEAD, padding=0,
    pad_edge=False,
  )  # fmt: skip
  for i, name in enumerate(_HEADINGS):
    side = "left" if i == 0 else "right"
    result.add_column(name, justify=side, no_wrap=True)
  colors = {True: Text("ok", "green"), False: Text("miss", "red"), None: ""}
  for row in rows(report):
    label = Text(f"  {row.label}", "dim") if row.is_detail else row.label
    result.add_row(
      label, row.value, Text(row.interval), row.must, row.reach,
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
  yield section("Where other actions lead", _kinds(report))
  chart = _chart(world_charts.reliability(report))
  note = (
    '<p class="note">Of windows side by side, dreamed for 15 steps: states at '
    "each of them, events within them. On the diagonal, probabilities come "
    "true as often as they say.</p>"
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
  return _table(_HEADINGS, lines) + f'<p class="note">{_NOTE}</p>'


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


def _kinds(report: dict) -> str:
  """Drift by step in branches, for each kind of actions."""
  lines, steps = [], []
  kinds = look_up(report, "dream", "branches", "kinds") or {}
  for kind, tree in kinds.items():
    drift = tree["all"]["drift"]
    steps = steps or sorted(drift["tiles"], key=int)
    for key in ("tiles", "dead_reckoning", "copy_last", "chance"):
      cells = "".join(
        f"<td>{number(mean(drift[key].get(k)), 2)}</td>" for k in steps
      )
      name = f"{_KINDS[kind]}: {FORECASTS[key]}"
      lines.append(f"<tr><th scope=row>{name}</th>{cells}</tr>")
  return _table(("drift in tiles after steps", *steps), lines) if steps else ""


def _table(headings, lines: list[str]) -> str:
  head = "".join(f"<th scope=col>{name}</th>" for name in headings)
  return (
    f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>'
    + "\n".join(lines)
    + "</tbody></table></div>"
  )
