"""Means with honest intervals."""

import numpy as np
import scipy.stats

_DRAWS = 2000  # of a bootstrap


def mean_ci95(
  values: np.ndarray, seed: int = 0, cluster: np.ndarray | None = None
) -> dict:
  """Mean and its 95 % bootstrap interval.

  Args:
    values: `[N]` samples; NaNs are left out.
    seed: of the resampling.
    cluster: `[N]` int; samples of one cluster are drawn together, since they
      are alike. None: every sample is independent.

  Returns:
    `{"mean": m, "ci95": [low, high]}`; None for all where N is 0.
  """
  values = np.asarray(values, np.float64)
  known = np.isfinite(values)
  values = values[known]
  if not len(values):
    return {"mean": None, "ci95": [None, None]}
  rng = np.random.default_rng(seed)
  if cluster is None:
    draws = rng.choice(values, (_DRAWS, len(values))).mean(1)
  else:
    _, member = np.unique(np.asarray(cluster)[known], return_inverse=True)
    sums, counts = np.bincount(member, values), np.bincount(member)
    drawn = rng.integers(len(sums), size=(_DRAWS, len(sums)))
    draws = sums[drawn].sum(1) / counts[drawn].sum(1)
  low, high = np.percentile(draws, [2.5, 97.5])
  return {"mean": float(values.mean()), "ci95": [float(low), float(high)]}


def per_episode(values: list[float]) -> dict:
  """`mean_ci95`, the maximum, and the values themselves."""
  values = [float(v) for v in values]
  summary = mean_ci95(np.asarray(values))
  return {**summary, "max": max(values, default=None), "per_episode": values}


def wilson95(hits: int, count: int) -> dict:
  """A share and its 95 % interval after Wilson (1927).

  Args:
    hits: of `count` independent tries.
    count: 0 leaves everything None.

  Returns:
    `{"mean": share, "ci95": [low, high]}`.
  """
  if not count:
    return {"mean": None, "ci95": [None, None]}
  share, z = hits / count, 1.959964
  center = (share + z * z / (2 * count)) / (1 + z * z / count)
  spread = share * (1 - share) / count + z * z / (4 * count * count)
  spread = z * np.sqrt(spread) / (1 + z * z / count)
  low, high = max(0.0, center - spread), min(1.0, center + spread)
  return {"mean": share, "ci95": [float(low), float(high)]}


def spearman(a: np.ndarray, b: np.ndarray) -> float | None:
  """Spearman's rank correlation; None where one of them is constant."""
  if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
    return None
  return float(scipy.stats.spearmanr(a, b).statistic)
