"""Curves as SVG that takes its colours and its font from the page around it."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from dreamer_jax.evaluation.report import style
from dreamer_jax.evaluation.report.results import DRIFTS, look_up, mean

# Drawn in these, which the page's style replaces by variables of its theme.
_INK, FAINT = "#010101", "#020202"
SERIES = (
  "#030101", "#030202", "#030303", "#030404", "#030505", "#030606", "#030707",
  "#030808",
)  # fmt: skip
_VARIABLES = {
  _INK: "var(--muted)",
  FAINT: "var(--line)",
  **{color: f"var(--series-{i})" for i, color in enumerate(SERIES)},
}
STYLE = {
  "svg.fonttype": "none",  # text stays text, in the page's font
  "font.size": 9.0,
  "axes.edgecolor": FAINT,
  "axes.linewidth": 0.8,
  "axes.spines.top": False,
  "axes.spines.right": False,
  "axes.grid": True,
  "axes.grid.axis": "y",
  "grid.color": FAINT,
  "grid.linewidth": 0.6,
  "xtick.color": _INK,
  "ytick.color": _INK,
  "xtick.major.size": 0.0,
  "ytick.major.size": 0.0,
  "axes.labelcolor": _INK,
  "text.color": _INK,
  "lines.linewidth": 1.6,
}


class Curve(NamedTuple):
  """One chart of the training curves."""

  title: str
  phase: str  # of the records of metrics.jsonl
  key: str
  unit: str
  is_log: bool = False


CURVES = (
  Curve("Tiles right", "world", "tile_accuracy", "share of tiles"),
  Curve("World model loss", "world", "loss", "nats a frame", True),
  Curve("KL of posterior to prior", "world", "kl", "nats"),
  Curve("Cloned actions right", "clone", "bc_accuracy", "share of actions"),
  Curve("Imagined return", "dream", "dream_return", "reward"),
  Curve("Entropy of the policy", "dream", "entropy", "nats"),
)
# Where the curve is in the report, and its name.
_PIXELS = (
  (("windows", "no_battle", "pixels", "tiles"), "no battle"),
  (("windows", "all", "pixels", "tiles"), "all windows"),
  (("windows", "all", "pixels", "sampled"), "sampled"),
  (("windows", "all", "pixels", "random_action"), "shuffled actions"),
  (("windows", "all", "pixels", "copy_last"), "last frame copied"),
  (("branches", "all", "pixels", "tiles"), "branched"),
  (("branches", "all", "pixels", "chance"), "the game, other chance"),
)
_RELIABLE = {
  "in_battle": "in a battle", "dialog_open": "a text box is open",
  "battle_win_within": "a battle is won", "xp_within": "experience",
  "hp_lost_within": "HP lost",
}  # fmt: skip
_ABLATION = (
  ("drift_50", "drift at 50 steps, tiles"),
  ("pixels_15", "exact pixels at 15 steps"),
  ("psnr_db", "PSNR of what was seen, dB"),
)


def curve(
  spec: Curve,
  metrics: Iterable[dict],
  floor: float | None = None,
  every: int | None = None,
) -> str:
  """One training curve, or "" where there is nothing to draw.

  Rounds follow one another; a hairline parts them.

  Args:
    spec: what to draw.
    metrics: records of `metrics.jsonl`.
    floor: a level to mark: the free nats of the KL.
    every: updates between two records, where that is known.
  """
  records = [r for r in metrics if r["phase"] == spec.phase and spec.key in r]
  if not records:
    return ""
  values = [r[spec.key] for r in records]
  ticks = [r["tick"] for r in records]
  scale = every or 1
  at = [scale * (i + 1) for i in range(len(values))]
  with matplotlib.rc_context({**STYLE, "svg.hashsalt": spec.key}):
    figure = Figure((3.5, 2.1), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(at, values, color=SERIES[0])
    checks = [i for i, r in enumerate(records) if f"val_{spec.key}" in r]
    if checks:
      held_out = [records[i][f"val_{spec.key}"] for i in checks]
      axes.plot([at[i] for i in checks], held_out, color=SERIES[2], lw=1.2)
      axes.annotate(
        "held out", (at[checks[-1]], held_out[-1]), xytext=(0, 3),
        textcoords="offset points", ha="right", color=SERIES[2],
      )  # fmt: skip
    for i in range(1, len(ticks)):
      if ticks[i] - ticks[i - 1] > 1:  # other phases lay between
        axes.axvline(at[i] - scale / 2, color=FAINT, linewidth=0.8)
    if floor is not None:
      axes.axhline(floor, color=SERIES[1], linestyle=(0, (4, 3)))
      axes.set_ylim(bottom=0)
      axes.annotate(
        f"free nats, {floor:g}", (1, floor), xycoords=("axes fraction", "data"),
        xytext=(0, 3), textcoords="offset points", ha="right",
      )  # fmt: skip
    if spec.is_log:
      axes.set_yscale("log")
      axes.yaxis.set_major_formatter("{x:g}")
      axes.yaxis.set_minor_formatter("{x:g}")
      axes.yaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
    axes.margins(x=0.02)
    axes.set_xlabel("updates" if every else "reports of training")
    axes.set_ylabel(spec.unit)
    return to_svg(figure, spec.title)


def drift(report: dict) -> str:
  """Position error over the horizon, with its 95 % band, or ""."""
  lines = [(key, label) for key, label in DRIFTS if report.get(key)]
  if not lines:
    return ""
  colors = {key: SERIES[i] for i, (key, _) in enumerate(DRIFTS)}
  with matplotlib.rc_context({**STYLE, "svg.hashsalt": "drift"}):
    figure = Figure((7.2, 3.6), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    for key, label in lines:
      steps = sorted((k for k in report[key] if str(k).isdigit()), key=int)
      means = [mean(report[key][k]) for k in steps]
      at = [int(k) for k in steps]
      is_model = key == "drift_tiles"
      axes.plot(
        at, means, color=colors[key], marker="o", markersize=3.5,
        linewidth=2.4 if is_model else 1.4,
        linestyle="-" if key in _MODEL else (0, (4, 2)),
      )  # fmt: skip
      bands = [look_up(report[key], k, "ci95") for k in steps]
      if is_model and all(bands):
        low, high = zip(*bands, strict=True)
        axes.fill_between(at, low, high, color=colors[key], alpha=0.18, lw=0)
      ends.append((means[-1], at[-1], label, colors[key]))
    axes.set_ylim(bottom=0)
    label_ends(axes, ends)
    axes.set_xticks(at)
    axes.set_xlabel("dreamed steps")
    axes.set_ylabel("tiles from the true position")
    return to_svg(figure, "Drift over the horizon")


def files(report: dict) -> dict[str, bytes]:
  """Every chart of the evaluation as an SVG file, by its name."""
  drawn = {
    "drift.svg": drift(report),
    "pixels.svg": pixels(report),
    "reliability.svg": reliability(report),
  }
  return {name: to_file(svg) for name, svg in drawn.items() if svg}


def pixels(report: dict) -> str:
  """Exact pixels over the horizon, or ""."""
  lines = []
  for i, (path, label) in enumerate(_PIXELS):
    tree = look_up(report, "dream", *path) or {}
    points = [(int(k), mean(v)) for k, v in tree.items()]
    points = sorted(p for p in points if p[1] is not None and p[0] > 0)
    if points:
      lines.append((points, label, SERIES[i]))
  if not lines:
    return ""
  with matplotlib.rc_context({**STYLE, "svg.hashsalt": "pixels"}):
    figure = Figure((7.2, 3.6), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    for points, label, color in lines:
      at, share = zip(*points, strict=True)
      wrong = 100 * (1 - np.array(share))
      axes.plot(at, wrong, color=color, marker="o", markersize=3.5)
      ends.append((wrong[-1], at[-1], label, color))
    axes.set_ylim(bottom=0)
    label_ends(axes, ends)
    axes.set_xticks(sorted({k for line in lines for k, _ in line[0]}))
    axes.set_xlabel("dreamed steps")
    axes.set_ylabel("wrong pixels, %")
    return to_svg(figure, "Wrong pixels over the horizon")


def reliability(report: dict) -> str:
  """What was said to be likely, against how often it came true, or ""."""
  tree = look_up(report, "dream", "calibration", "15", "tiles", "all") or {}
  known = [n for n in _RELIABLE if look_up(tree, n, "bins")]
  if not known:
    return ""
  with matplotlib.rc_context({**STYLE, "svg.hashsalt": "reliability"}):
    figure = Figure((5.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot((0, 1), (0, 1), color=FAINT, linewidth=1.0)
    for i, name in enumerate(known):
      bins = tree[name]["bins"]
      axes.plot(
        [b["said"] for b in bins], [b["real"] for b in bins], color=SERIES[i],
        marker="o", markersize=3.5, label=_RELIABLE[name],
      )  # fmt: skip
    axes.legend(frameon=False, loc="upper left")
    axes.set_aspect("equal")
    axes.set_xlabel("probability said, in bins")
    axes.set_ylabel("share that came true")
    return to_svg(figure, "Reliability of dreamed probabilities")


def ablation(results: dict[str, dict[str, dict[str, float]]]) -> bytes:
  """An SVG of `compare world-models`, by variant and seed.

  The first variant is what the others are changes of: a line marks it.
  """
  names = list(results)
  with matplotlib.rc_context({**STYLE, "svg.hashsalt": "ablation"}):
    figure = Figure((8.4, 1.1 + 0.27 * len(names)), layout="constrained")
    panels = figure.subplots(1, len(_ABLATION), sharey=True, squeeze=False)[0]
    for axes, (key, label) in zip(panels, _ABLATION, strict=True):
      for row, name in enumerate(names):
        values = [run[key] for run in results[name].values()]
        middle = sum(values) / len(values)
        if row == 0:
          axes.axvline(middle, color=FAINT, linewidth=1.2, zorder=0)
        axes.plot(values, [row] * len(values), "o", ms=3.5, color=SERIES[0])
        axes.plot([middle], [row], "|", ms=11, mew=1.8, color=SERIES[1])
      axes.set_xlabel(label)
      axes.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    return to_file(to_svg(figure, "Ablation of the world model"))


# How all of them are drawn.

_MODEL = ("drift_tiles", "drift_sampled", "drift_no_battle")


def label_ends(axes, ends: Sequence[tuple]) -> None:
  """Names lines at their right end, moved apart where they would touch."""
  gap = 0.066 * axes.get_ylim()[1]
  height = None
  for value, x, label, color in sorted(ends):
    height = value if height is None else max(value, height + gap)
    axes.annotate(
      label, (x, value), xytext=(x * 1.03, height), textcoords="data",
      va="center", color=color, annotation_clip=False,
    )  # fmt: skip
  axes.set_xlim(0, max(end[1] for end in ends) * 1.38)


# Parts of matplotlib's SVG that a page has no use for: a style that would
# reach the whole page, fonts, and ids that repeat from figure to figure.
_NOISE = (
  r"<metadata>.*?</metadata>",
  r"<defs>\s*<style.*?</style>\s*</defs>",
  r"font-family: [^;\"]*;?",
  r' id="[A-Za-z][\w.]*_\d+"',
  r' width="[\d.]+pt" height="[\d.]+pt"',
)


def to_svg(figure: Figure, title: str) -> str:
  """The figure as an element to put into a page."""
  buffer = io.StringIO()
  nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
  figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
  text = buffer.getvalue()
  text = text[text.index("<svg") :]
  for pattern in _NOISE:
    text = re.sub(pattern, "", text, flags=re.DOTALL)
  text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", text)
  for color, variable in _VARIABLES.items():
    text = text.replace(color, variable)
  return text.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)


def to_file(svg: str) -> bytes:
  """A chart of the page as a file of its own, in the light theme's colours."""
  light = style.CSS[: style.CSS.index("@media")]
  colors = dict(re.findall(r"(--[\w-]+): (#\w+);", light))
  text = re.sub(r"var\((--[\w-]+)\)", lambda m: colors[m[1]], svg)
  page = f"background:{colors['--card']};font-family:sans-serif"
  return text.replace("<svg", f'<svg style="{page}"', 1).encode()
