"""Whether probabilities along a dream can be believed, and errors of HP."""

import numpy as np

from dreamer_jax.evaluation.statistics import mean_ci95
from dreamer_jax.evaluation.world_model.event_forecasts import (
  EVENTS,
  HP,
  STATES,
  Prospects,
)
from dreamer_jax.evaluation.world_model.windows import Windows

BINS = 10


def reliability(chance: np.ndarray, real: np.ndarray) -> dict:
  """Compares probabilities with how often they came true.

  Expected calibration error (Naeini et al. 2015): the mean over samples of
  |mean probability - share that came true| of the sample's bin.

  Args:
    chance: `[...]` probabilities.
    real: `[...]` bool.

  Returns:
    `ece`, `count`, the share `rate` that came true, and `bins`, those of ten
    of equal width that hold anything: `count`, `said`, `real`.
  """
  chance, real = np.ravel(chance).astype(float), np.ravel(real)
  if not len(chance):
    return {"ece": None, "count": 0, "rate": None, "bins": []}
  which = np.minimum((chance * BINS).astype(int), BINS - 1)
  bins, error = [], 0.0
  for i in np.unique(which):
    chosen = which == i
    said, share = chance[chosen].mean(), real[chosen].mean()
    error += chosen.sum() * abs(said - share)
    bins.append(
      {"count": int(chosen.sum()), "said": float(said), "real": float(share)}
    )
  return {
    "ece": float(error / len(chance)),
    "count": len(chance),
    "rate": float(real.mean()),
    "bins": bins,
  }


def measure(windows: Windows, prospects: Prospects) -> dict:
  """Reliability of every probability.

  States and events are compared at every step of every window. A dream may
  know that an event comes, and not the very step: `NAME_within` compares the
  highest probability of a window with whether it came at all.
  """
  peaceful = windows.peaceful(windows.action.shape[1])
  groups = {"all": np.ones_like(peaceful), "no_battle": peaceful}
  tree = {}
  for group, chosen in groups.items():
    tree[group] = {
      name: reliability(
        prospects.states[name][chosen], windows.labels[name][chosen, 1:] > 0
      )
      for name in STATES
    }
    for name, term in EVENTS.items():
      real = windows.terms[chosen, 1:, term] > 0
      chance = prospects.events[name][chosen]
      tree[group][name] = reliability(chance, real)
      likeliest = chance.max(1, initial=0.0)
      tree[group][f"{name}_within"] = reliability(likeliest, real.any(1))
  return tree


def hp_error(windows: Windows, read: dict[str, np.ndarray], k: int) -> dict:
  """Mean absolute errors of HP fractions k steps after the start.

  Args:
    windows: what was true; the enemy's HP count in battle only.
    read: `[N]` by name of `HP`.
    k: 0 for the posterior's.
  """
  tree = {}
  fights = windows.labels["in_battle"][:, k] > 0
  valid = windows.labels["valid"][:, k] > 0
  peaceful = windows.peaceful(k)
  for name in HP:
    error = np.abs(np.clip(read[name], 0, 1) - windows.labels[name][:, k])
    chosen = valid & (fights if name.startswith("enemy") else True)
    tree[name] = mean_ci95(error[chosen], cluster=windows.cluster[chosen])
    if not name.startswith("enemy"):
      chosen = chosen & peaceful
      calm = mean_ci95(error[chosen], cluster=windows.cluster[chosen])
      tree[f"{name}_no_battle"] = calm
  return tree
