"""Trained policies compared: training seeds are the units, games are paired.

Three policies of twenty games are three draws of a method, not sixty (Agarwal
et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice",
2021).
"""

from collections.abc import Sequence

import numpy as np

from dreamer_jax.evaluation import statistics

FIGURES = ("badges", "species", "maps", "battles_won", "return")
MILESTONES = ("badge 1", "badge 2")
CLONE = "clone"  # the control


def compare(
  summaries: dict[str, Sequence[dict]], controls: Sequence[str] = (CLONE,)
) -> dict[str, dict]:
  """What each method has, and how it differs from the controls.

  Args:
    summaries: of each method, `progress.summarize` of every policy that was
      trained by it, all on the same seeds of play. A control may be one policy
      for all, or one a training seed in the order of the others.
    controls: names of methods that the others are compared with; those that
      are not there are left out.

  Returns:
    by method: `figures`, `statistics.seeds95` of each of `FIGURES` and of the
    capped steps to each of `MILESTONES`, with `iqm`, and with the number of
    games that `reached` the milestone; `against`, by control, the same of the
    differences to it on the same game, and `improvement`.
  """
  scores = {name: _scores(runs) for name, runs in summaries.items()}
  found = {}
  for name, own in scores.items():
    figures = {
      key: {**statistics.seeds95(runs), "iqm": statistics.iqm(runs)}
      for key, runs in own.items()
    }
    for key in MILESTONES:
      reached = [run["milestones"][key]["reached"] for run in summaries[name]]
      figures[key]["reached"] = sum(reached)
    found[name] = {"seeds": len(summaries[name]), "figures": figures}
    found[name]["against"] = {
      control: _against(own, scores[control])
      for control in controls
      if control in scores and control != name
    }
  return found


def _scores(runs: Sequence[dict]) -> dict[str, np.ndarray]:
  """Figure -> `[S, N]`, S policies and N games of each."""
  seeds = [run["seeds"] for run in runs]
  assert all(s == seeds[0] for s in seeds), "policies played other seeds"
  scores = {
    key: np.array([run[key]["per_episode"] for run in runs]) for key in FIGURES
  }
  for name in MILESTONES:
    steps = [run["milestones"][name]["capped"]["per_episode"] for run in runs]
    scores[name] = np.array(steps, np.float64)
  return scores


def _against(own: dict, control: dict) -> dict:
  """Differences on the same games; fewer steps are better."""
  tree = {}
  for key, runs in own.items():
    sign = -1.0 if key in MILESTONES else 1.0
    tree[key] = {
      **statistics.seeds95(runs - control[key]),
      "improvement": statistics.improvement(sign * runs, sign * control[key]),
    }
  return tree
