"""Scores of a run's own games by round: reads them, and draws them.

The games have the same seeds in each round (`training.gate`), so that scores
compare.
"""

from collections.abc import Iterable, Mapping

import matplotlib
from matplotlib.figure import Figure

from dreamer_jax.evaluation.report import charts

TITLE = "Score of own games"


def scores(records: Iterable[dict]) -> dict[int, float]:
  """Mean score of each round's games, by its number from 1 on; 0: the clone's.

  A badge counts 1 less the share of a game's actions that were spent by then. A
  round that the gate undid is there with what it had.

  Args:
    records: of `metrics.jsonl`. A round may be there twice: the last record of
      it counts.
  """
  found: dict[int, float] = {}
  round_, last = 1, ""
  for record in records:
    round_ += last == "play" and record["phase"] != "play"
    last = record["phase"]
    if "gate_score" not in record:
      continue
    found[round_] = record["gate_score"]
    if round_ == 1 and "gate_gain" in record:  # compared with its clone
      found[0] = record["gate_score"] - record["gate_gain"]
  return dict(sorted(found.items()))


def chart(runs: Mapping[str, Mapping[int, float]]) -> str:
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
      axes.plot(list(row), list(row.values()), color=color, marker="o", ms=3.5)
      ends.append((row[max(row)], max(row), label, color))
    ticks = sorted(set().union(*lines.values()))
    axes.set_xticks(ticks)
    axes.set_xticklabels([tick or "clone" for tick in ticks])
    top = max(max(row.values()) for row in lines.values())
    axes.set_ylim(0, 1.15 * top or 1)  # all at 0: nobody has a badge yet
    if wide:
      charts.label_ends(axes, ends)
      axes.set_xlim(left=-0.1)
    axes.set_xlabel("policy of round")
    axes.set_ylabel("score, 1 a badge at once")
    return charts.to_svg(figure, TITLE)
