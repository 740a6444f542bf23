"""Does the dream know what will happen, and what the real game would do.

Precision: of the windows for which an event was said, the share in which it
happened. Recall: of those in which it happened, the share for which it was
said.
"""

import numpy as np

from dreamer_jax.evaluation.statistics import wilson95
from dreamer_jax.evaluation.world_model.event_forecasts import (
  EVENTS,
  Prospects,
  expected,
  happened,
)
from dreamer_jax.evaluation.world_model.rollouts import Filtered
from dreamer_jax.evaluation.world_model.windows import Windows

WITHIN = (15, 50)  # steps


def places(data: Filtered, within: int) -> np.ndarray:
  """`[N, 2]` (episode, start): windows side by side that reach every end.

  The last steps matter: an episode often ends with what is rare. Windows do
  not overlap, so that they are nearly independent.
  """
  found = []
  for e, labels in enumerate(data.labels):
    valid = labels["valid"] > 0
    start = np.arange(len(valid) - 1 - within, 0, -within)[::-1]
    start = start[valid[start]]
    found.append(np.stack([np.full_like(start, e), start], -1))
  return np.concatenate(found)


def score(real: np.ndarray, said: np.ndarray) -> dict:
  """Precision, recall and counts of `[N]` bool, with Wilson's intervals."""
  both = int((real & said).sum())
  count, claims = int(real.sum()), int(said.sum())
  return {
    "count": count,
    "said": claims,
    "precision": wilson95(both, claims),
    "recall": wilson95(both, count),
  }


def measure(windows: Windows, prospects: Prospects, within: int) -> dict:
  """Scores of every event, for all windows and those without a battle."""
  said = {name: expected(prospects.events[name], within) for name in EVENTS}
  return _by_group(windows, said, within)


def ceiling(windows: Windows, rerolled: Windows, within: int) -> dict:
  """Scores of the real game with other random numbers as the prophet."""
  said = {name: happened(rerolled.terms, name, within) for name in EVENTS}
  return _by_group(windows, said, within)


def _by_group(windows: Windows, said: dict, within: int) -> dict:
  real = {name: happened(windows.terms, name, within) for name in EVENTS}
  peaceful = windows.peaceful(within)
  groups = {"all": np.ones_like(peaceful), "no_battle": peaceful}
  return {
    group: {
      "windows": int(chosen.sum()),
      **{n: score(real[n][chosen], said[n][chosen]) for n in EVENTS},
    }
    for group, chosen in groups.items()
  }
