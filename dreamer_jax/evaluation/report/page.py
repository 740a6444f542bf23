"""A run's result: a table for the terminal, a page for the browser.

The page is one file that needs no other and no network.
"""

import base64
import html
import json
import os
import pathlib
import urllib.parse
from collections.abc import Mapping, Sequence

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from dreamer_jax.data.files import write_atomic
from dreamer_jax.evaluation.play import rounds
from dreamer_jax.evaluation.report import (
  charts,
  style,
  tables,
  video,
  world_model,
)
from dreamer_jax.evaluation.report.results import (
  DASH,
  DRIFTS,
  headline,
  interval,
  look_up,
  mean,
  number,
  rows,
  setting,
)

_TYPES = {b"\x89PNG": "image/png", b"GIF8": "image/gif"}
_EMBED_LIMIT = 4_000_000  # bytes; larger pictures are linked

Picture = np.ndarray | bytes | str | os.PathLike


def table(report: dict) -> Table:
  """The result table for a terminal of 80 columns."""
  result = Table(
    title=headline(report),
    title_justify="left",
    box=box.SIMPLE_HEAD,
    padding=(0, 1, 0, 0),
    pad_edge=False,
  )
  result.add_column("", no_wrap=True)
  result.add_column("this run", justify="right", no_wrap=True)
  result.add_column("", style="dim", no_wrap=True)
  for name in ("target", "random", "clone"):
    result.add_column(name, justify="right", no_wrap=True)
  result.add_column("", no_wrap=True, min_width=4)
  marks = {True: Text("ok", "green"), False: Text("miss", "red"), None: ""}
  for row in rows(report):
    label = Text(f"  {row.label}", "dim") if row.is_detail else row.label
    result.add_row(
      label,
      row.value,
      Text(row.interval),
      row.target,
      row.random,
      row.bc,
      marks[row.is_met],
    )
  return result


def write_html(
  report: dict,
  metrics: Sequence[dict],
  pictures: Mapping[str, Picture],
  path: str | os.PathLike,
) -> None:
  """Writes `report.html`.

  Args:
    report: the tree of `report.json`; what it lacks is left out or a dash.
    metrics: records of `metrics.jsonl`.
    pictures: caption -> `[H, W, 3]` u8, or PNG or GIF bytes, or a file.
      Pictures are embedded; other files (videos) are linked, relative to
      the page.
    path: of the page, replaced if it exists.

  Raises:
    UserError: it cannot be written.
  """
  folder = pathlib.Path(path).resolve().parent
  parts = (
    _header(report),
    _section("Result", _result(report)),
    *tables.sections(report, _section),
    _section("Seen and dreamed", _pictures(pictures, folder)),
    _section("How far the dream drifts", _drift(report)),
    *world_model.sections(report, _section),
    _section("Training", _curves(report, metrics)),
    _details(report),
  )
  body = "\n".join(part for part in parts if part)
  page = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n'
    f"<title>DreamerJAX: {html.escape(headline(report))}</title>\n"
    f"<style>\n{style.CSS}</style>\n</head>\n"
    f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
  )
  write_atomic(path, page.encode())


def _header(report: dict) -> str:
  checked = [row for row in rows(report) if row.is_met is not None]
  met = sum(row.is_met for row in checked)
  facts = [headline(report)]
  if report.get("minutes") is not None:
    facts.append(f"trained for {number(report['minutes'], 0)} minutes")
  if report.get("seed") is not None:
    facts.append(f"seed {report['seed']}")
  if checked:
    facts.append(f"{met} of {len(checked)} measured targets met")
  shades = "".join(f'<i class="shade-{i}"></i>' for i in range(4))
  return (
    f'<header><div class="shades" aria-hidden="true">{shades}</div>'
    "<h1>DreamerJAX</h1>"
    f"<p>{html.escape(' · '.join(facts))}</p></header>"
  )


def _section(title: str, body: str) -> str:
  if not body:
    return ""
  return f"<section>\n<h2>{html.escape(title)}</h2>\n{body}\n</section>"


def _result(report: dict) -> str:
  marks = {
    True: '<span class="ok">ok</span>',
    False: '<span class="miss">miss</span>',
    None: "",
  }
  lines = []
  for row in rows(report):
    note = f"<small>{html.escape(row.note)}</small>" if row.note else ""
    cells = (
      f"<th scope=row>{html.escape(row.label)}{note}</th>"
      f"<td><b>{html.escape(row.value)}</b></td>"
      f"<td class=interval>{row.interval}</td>"
      f"<td>{html.escape(row.target)}</td>"
      f"<td>{row.random}</td><td>{row.bc}</td>"
      f"<td>{marks[row.is_met]}</td>"
    )
    kind = " class=detail" if row.is_detail else ""
    lines.append(f"<tr{kind}>{cells}</tr>")
  head = "".join(
    f"<th scope=col>{name}</th>"
    for name in ("", "This run", "", "Target", "Random", "Clone", "")
  )
  return (
    f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>'
    + "\n".join(lines)
    + "</tbody></table></div>\n"
    '<p class="note">Means over episodes, with 95 % intervals in brackets. '
    "Random presses any button; the clone is the policy before it dreamed. "
    "Targets are judged by the mean.</p>"
  )


def _pictures(pictures: Mapping[str, Picture], folder: pathlib.Path) -> str:
  figures, links = [], []
  for caption, picture in pictures.items():
    if isinstance(picture, np.ndarray):
      picture = video.png(picture)
    text = html.escape(caption)
    source = _embedded(picture)
    if source:
      figures.append(
        f'<figure><img src="{source}" alt="{text}">'
        f"<figcaption>{text}</figcaption></figure>"
      )
    elif not isinstance(picture, bytes):
      place = os.path.relpath(picture, folder).replace(os.sep, "/")
      place = urllib.parse.quote(place)
      links.append(f'<a href="{html.escape(place)}">{text}</a>')
  if links:
    figures.append(f'<p class="links">{" ".join(links)}</p>')
  return "\n".join(figures)


def _embedded(picture: Picture) -> str:
  """A data URI, or "" for what is no picture or too large."""
  if not isinstance(picture, bytes):
    file = pathlib.Path(picture)
    if file.suffix not in (".png", ".gif") or not file.exists():
      return ""
    picture = file.read_bytes()
  kind = _TYPES.get(picture[:4])
  if kind is None or len(picture) > _EMBED_LIMIT:
    return ""
  return f"data:{kind};base64,{base64.b64encode(picture).decode()}"


def _drift(report: dict) -> str:
  chart = charts.drift(report)
  if not chart:
    return ""
  steps = {k for key, _ in DRIFTS for k in report.get(key) or ()}
  steps = sorted(steps, key=int)
  head = "".join(f"<th scope=col>{k}</th><td></td>" for k in steps)
  lines = []
  for key, label in DRIFTS:
    if not report.get(key):
      continue
    cells = ""
    for k in steps:
      tree = look_up(report, key, k)
      ends = f"<td class=interval>{interval(tree, 2)}</td>"
      cells += f"<td>{number(mean(tree), 2)}</td>{ends}"
    lines.append(f"<tr><th scope=row>{label}</th>{cells}</tr>")
  return (
    f'<div class="chart">{chart}</div>\n<div class="scroll"><table><thead>'
    f"<tr><th scope=col>dreamed steps</th>{head}</tr></thead>"
    f"<tbody>{''.join(lines)}</tbody></table></div>"
    '<p class="note">Distance in tiles between the position that the model '
    "reads off its own latent and the true one, after so many dreamed steps."
    "</p>"
  )


def _curves(report: dict, metrics: Sequence[dict]) -> str:
  floor = setting(report, "world_model.loss.free_nats")
  figures = []
  for spec in charts.CURVES:
    level = (1.0 if floor is None else floor) if spec.key == "kl" else None
    part = "world_model" if spec.phase == "world" else "policy"
    every = setting(report, f"{part}.schedule.log_every")
    chart = charts.curve(spec, metrics, level, every)
    if chart:
      figures.append(
        f'<figure class="chart"><h3>{spec.title}</h3>{chart}</figure>'
      )
  chart = rounds.chart({"": rounds.scores(metrics)})
  if chart:
    figures.append(
      f'<figure class="chart"><h3>{rounds.TITLE}</h3>{chart}</figure>'
    )
  return f'<div class="grid">{"".join(figures)}</div>' if figures else ""


def _details(report: dict) -> str:
  lines = "".join(
    f"<tr><th scope=row>{html.escape(str(name))}</th>"
    f"<td>{html.escape(str(version))}</td></tr>"
    for name, version in (report.get("versions") or {}).items()
  )
  sha1 = look_up(report, "rom", "sha1") or DASH
  tree = html.escape(json.dumps(report, indent=2, ensure_ascii=False))
  return (
    "<section>\n<details><summary>Versions, settings and every figure"
    '</summary>\n<table class="narrow"><tbody>'
    f"<tr><th scope=row>ROM, SHA-1</th><td><code>{sha1}</code></td></tr>"
    f"{lines}</tbody></table>\n<pre>{tree}</pre></details>\n</section>"
  )
