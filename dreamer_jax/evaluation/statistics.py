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


def counts95(values: np.ndarray, most: int, seed: int = 0) -> dict:
  """Mean of counts from 0 to `most`, and its 95 % interval.

  A bootstrap of games that nearly all went alike has an interval of no width:
  of 20 games at 95 % success it covers the truth in 61 % of the cases. This is
  the posterior of the mean under Jeffreys' prior (a Dirichlet of 1/2 a count),
  of `most` 1 the Jeffreys interval of a rate (Brown, Cai and DasGupta 2001).

  Args:
    values: `[N]` whole numbers from 0 to `most`.
    most: the largest count there can be.
    seed: of the draws.

  Returns:
    `{"mean": m, "ci95": [low, high]}`; None for all where N is 0.
  """
  values = np.asarray(values)
  if not len(values):
    return {"mean": None, "ci95": [None, None]}
  seen = np.bincount(values.astype(int), minlength=most + 1)
  rng = np.random.default_rng(seed)
  shares = rng.dirichlet(seen + 0.5, 10 * _DRAWS)
  low, high = np.percentile(shares @ np.arange(most + 1), [2.5, 97.5])
  mean = float(values.mean())
  low, high = min(low, mean), max(high, mean)
  return {"mean": mean, "ci95": [float(low), float(high)]}


def seeds95(runs: np.ndarray) -> dict:
  """Mean over trained policies and its 95 % interval; each counts as one.

  Games of one policy are alike, so three policies of 20 games are three draws,
  not sixty. The interval is Student's over their means, `m +- t s / sqrt(S)`,
  and never narrower than one over all games would be.

  Args:
    runs: `[S, N]`, S trained policies, N games of each.

  Returns:
    `{"mean": m, "ci95": [low, high], "by_seed": [S]}`; no interval of one.
  """
  runs = np.asarray(runs, np.float64)
  means = runs.mean(1)
  tree = {"mean": float(means.mean()), "ci95": [None, None]}
  if len(means) > 1:
    reach = scipy.stats.t.ppf(0.975, len(means) - 1)
    half = reach * means.std(ddof=1) / np.sqrt(len(means))
    least = 1.96 * runs.std(ddof=1) / np.sqrt(runs.size)
    half = max(half, least)
    tree["ci95"] = [float(tree["mean"] - half), float(tree["mean"] + half)]
  return {**tree, "by_seed": means.tolist()}


def iqm(values: np.ndarray) -> float:
  """Mean of the middle half (Agarwal et al. 2021): no single game decides."""
  return float(scipy.stats.trim_mean(np.ravel(values), 0.25))


def improvement(ours: np.ndarray, theirs: np.ndarray, seed: int = 0) -> dict:
  """Probability that a game of ours ends better than one of theirs.

  `P(X > Y) + P(X = Y) / 2` (Agarwal et al. 2021), with a bootstrap over
  trained policies and their games.

  Args:
    ours: `[S, N]` scores, more is better; S trained policies.
    theirs: `[Z, M]`.
    seed: of the resampling.

  Returns:
    `{"mean": p, "ci95": [low, high]}`.
  """
  ours, theirs = (np.asarray(x, np.float64) for x in (ours, theirs))
  rng = np.random.default_rng(seed)

  def better(x, y):
    order = np.sort(y, axis=None)
    below = np.searchsorted(order, x, "left").mean()
    upto = np.searchsorted(order, x, "right").mean()
    return (below + upto) / 2 / y.size

  def again(x):
    rows = x[rng.integers(len(x), size=len(x))]
    return rng.permuted(
      np.take_along_axis(rows, rng.integers(x.shape[1], size=rows.shape), 1),
      axis=1,
    )

  draws = [better(again(ours), again(theirs)) for _ in range(_DRAWS)]
  low, high = np.percentile(draws, [2.5, 97.5])
  return {"mean": better(ours, theirs), "ci95": [float(low), float(high)]}
