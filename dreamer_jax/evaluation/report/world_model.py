"""A world model's evaluation: lines of text, a table, parts of the page."""

import html
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from dreamer_jax.evaluation import targets
from dreamer_jax.evaluation.report import charts
from dreamer_jax.evaluation.report.results import (
  interval,
  look_up,
  mean,
  number,
  percent,
)
from dreamer_jax.evaluation.targets import Target
from dreamer_jax.evaluation.world_model.event_forecasts import EVENTS


class WorldRow(NamedTuple):
  """One line; a detail belongs to the line above it."""

  label: str
  value: str
  interval: str = ""  # of 95 %
  must: str = ""
  reach: str = ""
  is_met: bool | None = None  # whether it is what it must be
  is_detail: bool = False


GROUPS = (("no_battle", "no battle"), ("all", "all windows"))
FORECASTS = {
  "tiles": "dreamed",
  "sampled": "sampled",
  "floor": "every frame seen",
  "copy_last": "last frame copied",
  "dead_reckoning": "dead reckoning",
  "random_action": "shuffled actions",
  "chance": "other chance",
}
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


def rows(report: dict) -> list[WorldRow]:
  """All lines; what the report lacks is a dash, or left out as a detail."""
  return [
    *_drift_rows(report),
    *_picture_rows(report),
    *_event_rows(report),
    *_limit_rows(report),
    *_trust_rows(report),
    *_cost_rows(report),
  ]


def verdict(report: dict) -> tuple[int, int]:
  """How many targets are met, of how many that were measured."""
  met = [row.is_met for row in rows(report) if row.is_met is not None]
  return sum(met), len(met)


def _drift_rows(report: dict) -> list[WorldRow]:
  lines = []
  for group, name in GROUPS:
    along = look_up(report, "dream", "windows", group, "drift") or {}
    branched = look_up(report, "dream", "branches", group, "drift") or {}
    tree = look_up(along, "tiles", "50")
    label = f"Drift at 50, {name}"
    lines.append(_judged(label, tree, 2, targets.DRIFT[group]))
    lines += [
      _detail(label, look_up(along, key, "50"))
      for key, label in FORECASTS.items()
      if key != "tiles" and look_up(along, key, "50", "mean") is not None
    ]
    lines += [
      _detail(f"branched, {FORECASTS[key]}", look_up(branched, key, "50"))
      for key in ("tiles", "chance")
      if look_up(branched, key, "50", "mean") is not None
    ]
  return lines


def _detail(label: str, tree: Any, digits: int = 2) -> WorldRow:
  text = number(mean(tree), digits)
  return WorldRow(label, text, interval(tree, digits), is_detail=True)


def _picture_rows(report: dict) -> list[WorldRow]:
  look = lambda *path: look_up(report, "dream", *path)
  lines = []
  for k, target in targets.PIXELS.items():
    share = mean(look("windows", "no_battle", "pixels", "tiles", k))
    line = _judged(f"Pixels right at {k}, no battle", share, 1, target)
    lines.append(line._replace(value=percent(share)))
    for place, label in (("windows", "all windows"), ("branches", "branched")):
      share = mean(look(place, "all", "pixels", "tiles", k))
      if share is not None:
        lines.append(WorldRow(label, percent(share), is_detail=True))
  share = mean(look("windows", "all", "map", "tiles", "50"))
  lines.append(WorldRow("Map right at 50", percent(share)))
  share = mean(look("windows", "all", "exact_frames", "tiles", "15"))
  lines.append(WorldRow("Whole pictures exact at 15", percent(share)))
  for label, *path in (
    ("PSNR, every frame seen, dB", "floor", "0"),
    ("PSNR at 15, dB", "tiles", "15"),
  ):
    value = look("windows", "all", "psnr_db", *path)
    lines.append(_judged(label, value, 1, targets.PSNR[path[-1]]))
  return lines


def _event_rows(report: dict) -> list[WorldRow]:
  """Recall and precision 15 steps ahead, of how many."""
  dream = lambda *path: look_up(report, "dream", *path)
  lines = []
  for name in EVENTS:
    tree = dream("events", "15", "tiles", "all", name)
    other = dream("branches", "events", "15", "chance", "all", name)
    for figure, of in (("recall", "count"), ("precision", "said")):
      value, count = mean(look_up(tree, figure)), look_up(tree, of)
      label = f"{name}: {figure}" + (f" of {count}" if count else "")
      ends = interval(look_up(tree, figure), 2) if count else ""
      line = _judged(label, value, 2, targets.EVENTS)
      lines.append(line._replace(interval=ends))
      if look_up(other, of):
        lines.append(_detail(FORECASTS["chance"], look_up(other, figure)))
  return lines


def _limit_rows(report: dict) -> list[WorldRow]:
  """What any model could know."""
  lines = []
  for memory, tree in (look_up(report, "dream", "aliasing") or {}).items():
    label = f"Best guess from {memory} picture{'s' * (memory != '1')}"
    lines.append(_detail(label, tree["error"])._replace(is_detail=False))
    for key, label in (("known", "steps that have one"),
                       ("ambiguous", "from more than one place")):  # fmt: skip
      lines.append(WorldRow(label, percent(tree[key]), is_detail=True))
  return lines


def _trust_rows(report: dict) -> list[WorldRow]:
  """Calibration, HP, answers to actions, doubt."""
  look = lambda *path: look_up(report, "dream", *path)
  lines = []
  for name in ("in_battle", "dialog_open", "badge_within", "battle_win_within"):
    ece = look("calibration", "15", "tiles", "all", name, "ece")
    if ece is not None:
      name = name.removesuffix("_within")
      lines.append(WorldRow(f"Miscalibrated: {name}", number(ece, 4)))
  for k, label in (("posterior", "every frame seen"), ("15", "at 15")):
    tree = look("hp_error", k, "hp_fraction")
    if tree:
      label = f"HP wrong, {label}"
      lines.append(_detail(label, tree, 3)._replace(is_detail=False))
  for k in ("1", "15"):
    tree = look("branches", "sensitivity", k, "position")
    if tree:
      both = [percent(mean(tree[who])) for who in ("dream", "game")]
      label = f"Moved by actions, at {k}"
      lines.append(WorldRow(label, both[0], f"game {both[1]}"))
  for signal in ("uncertainty", "entropy"):
    for k in ("15", "50"):
      rho = look("doubt", "all", signal, k, "pixels")
      if rho is not None:
        label = f"{signal.capitalize()} ~ error at {k}"
        lines.append(WorldRow(label, number(rho, 2)))
  return lines


def _cost_rows(report: dict) -> list[WorldRow]:
  size, hz = report.get("model_mb"), report.get("dream_hz")
  return [
    _judged("Model and policy, fp32, MB", size, 1, targets.MODEL_MB),
    _judged("Dreamed pictures, Hz", hz, 0, targets.DREAM_HZ),
  ]


def _judged(label: str, tree: Any, digits: int, target: Target) -> WorldRow:
  """A figure, or `{"mean", "ci95"}` of one, beside its target."""
  return WorldRow(
    label, number(mean(tree), digits), interval(tree, digits), target.words,
    target.reach_words, target.is_met(mean(tree)),
  )  # fmt: skip


# As a table for the terminal, and as parts of the page.


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
  pixels = _chart(charts.pixels(report))
  yield section("The dream, by its targets", _targets_part(report))
  yield section("How true its pictures stay", pixels + _pictures(report))
  yield section("Where other actions lead", _kinds(report))
  chart = _chart(charts.reliability(report))
  note = (
    '<p class="note">Of windows side by side, dreamed for 15 steps: states at '
    "each of them, events within them. On the diagonal, probabilities come "
    "true as often as they say.</p>"
  )
  yield section("Whether it can be believed", chart + note if chart else "")


def _chart(svg: str) -> str:
  return f'<div class="chart">{svg}</div>' if svg else ""


def _targets_part(report: dict) -> str:
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
