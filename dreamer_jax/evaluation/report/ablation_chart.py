"""Variants of the world model, side by side: drift and PSNR, a dot a seed."""

import matplotlib
from matplotlib.figure import Figure

from dreamer_jax.evaluation.report import charts
from dreamer_jax.evaluation.report.charts import FAINT, SERIES, STYLE

_FIGURES = (
  ("drift_50", "drift at 50 steps, tiles"),
  ("pixels_15", "exact pixels at 15 steps"),
  ("psnr_db", "PSNR of what was seen, dB"),
)


def draw(results: dict[str, dict[str, dict[str, float]]]) -> bytes:
  """An SVG of `compare world-models`, by variant and seed.

  The first variant is what the others are changes of: a line marks it.
  """
  names = list(results)
  with matplotlib.rc_context({**STYLE, "svg.hashsalt": "ablation"}):
    figure = Figure((8.4, 1.1 + 0.27 * len(names)), layout="constrained")
    panels = figure.subplots(1, len(_FIGURES), sharey=True, squeeze=False)[0]
    for axes, (key, label) in zip(panels, _FIGURES, strict=True):
      for row, name in enumerate(names):
        values = [run[key] for run in results[name].values()]
        mean = sum(values) / len(values)
        if row == 0:
          axes.axvline(mean, color=FAINT, linewidth=1.2, zorder=0)
        axes.plot(values, [row] * len(values), "o", ms=3.5, color=SERIES[0])
        axes.plot([mean], [row], "|", ms=11, mew=1.8, color=SERIES[1])
      axes.set_xlabel(label)
      axes.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    return charts.to_file(charts.to_svg(figure, "Ablation of the world model"))
