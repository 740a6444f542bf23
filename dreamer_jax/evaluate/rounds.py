"""How a run's own games went, round after round, its clone's first.

The games have the same seeds in each round (`learn.gate`), so scores compare.
"""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib
from matplotlib.figure import Figure

from dreamer_jax.evaluate import charts

TITLE = "Score of own games"


def scores(records: Iterable[dict]) -> list[float]:
  """Mean score of the clone's games, then of each round's policy; 0 to badges.

  A badge counts 1 less the share of a game's actions that were spent by then. A
  round that the gate undid is there with what it had.

  Args:
    records: of `metrics.jsonl`. Of a run that was killed, a round may be there
      twice: the last record of it counts.

  Returns:
    empty where no round is over.
  """
  found: dict[int, dict] = {}
  round_ = 0
  last = None
  for record in records:
    if last == "play" and record["phase"] != "play":
      round_ += 1
    last = record["phase"]
    if "gate_score" in record:
      found[round_] = record
  if not found:
    return []
  rows = [found[i] for i in sorted(found)]
  clone = rows[0]["gate_score"] - rows[0]["gate_gain"]
  return [clone, *(row["gate_score"] for row in rows)]


def chart(runs: Mapping[str, Sequence[float]]) -> str:
  """A line for each run, by its label; "" where there is none.

  Args:
    runs: of each, what `scores` returns.
  """
  lines = {label: row for label, row in runs.items() if len(row) > 1}
  if not lines:
    return ""
  with matplotlib.rc_context({**charts.STYLE, "svg.hashsalt": "rounds"}):
    wide = len(lines) > 1
    figure = Figure((7.2, 3.0) if wide else (3.5, 2.1), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    for i, (label, row) in enumerate(lines.items()):
      color = charts.SERIES[i % len(charts.SERIES)]
      axes.plot(range(len(row)), row, color=color, marker="o", markersize=3.5)
      ends.append((row[-1], len(row) - 1, label, color))
    most = max(map(len, lines.values()))
    axes.set_xticks(range(most))
    axes.set_xticklabels(["clone", *range(1, most)])
    axes.set_ylim(bottom=0)
    if wide:
      charts.label_ends(axes, ends)
      axes.set_xlim(left=-0.1)
    axes.set_xlabel("policy of round")
    axes.set_ylabel("score, 1 a badge at once")
    return charts.to_svg(figure, TITLE)
