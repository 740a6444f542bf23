"""Means with honest intervals."""

import numpy as np


def mean_ci95(values: np.ndarray, seed: int = 0) -> dict:
  """Mean and its 95 % bootstrap interval.

  Args:
    values: `[N]`, independent samples; NaNs are left out.
    seed: of the resampling.

  Returns:
    `{"mean": m, "ci95": [low, high]}`; None for all where N is 0.
  """
  values = np.asarray(values, np.float64)
  values = values[np.isfinite(values)]
  if not len(values):
    return {"mean": None, "ci95": [None, None]}
  rng = np.random.default_rng(seed)
  draws = rng.choice(values, (2000, len(values))).mean(1)
  low, high = np.percentile(draws, [2.5, 97.5])
  return {"mean": float(values.mean()), "ci95": [float(low), float(high)]}


def per_episode(values: list[float]) -> dict:
  """`mean_ci95`, the maximum, and the values themselves."""
  values = [float(v) for v in values]
  summary = mean_ci95(np.asarray(values))
  return {**summary, "max": max(values, default=None), "per_episode": values}
