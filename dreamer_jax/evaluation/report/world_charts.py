"""Curves of a world model's evaluation: pictures by step, reliability."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from dreamer_jax.evaluation.report import charts
from dreamer_jax.evaluation.report.charts import FAINT, SERIES, STYLE
from dreamer_jax.evaluation.report.results import look_up, mean

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


def files(report: dict) -> dict[str, bytes]:
  """Every chart of the evaluation as an SVG file, by its name."""
  drawn = {
    "drift.svg": charts.drift(report),
    "pixels.svg": pixels(report),
    "reliability.svg": reliability(report),
  }
  return {name: charts.to_file(svg) for name, svg in drawn.items() if svg}


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
    charts.label_ends(axes, ends)
    axes.set_xticks(sorted({k for line in lines for k, _ in line[0]}))
    axes.set_xlabel("dreamed steps")
    axes.set_ylabel("wrong pixels, %")
    return charts.to_svg(figure, "Wrong pixels over the horizon")


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
    return charts.to_svg(figure, "Reliability of dreamed probabilities")
