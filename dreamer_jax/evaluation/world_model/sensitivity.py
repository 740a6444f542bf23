"""How dreams answer: to other actions, and with their own doubt."""

import numpy as np

from dreamer_jax.evaluation.statistics import mean_ci95, spearman
from dreamer_jax.evaluation.world_model.branches import KINDS, Branches
from dreamer_jax.evaluation.world_model.drift import GROUPS, Judge
from dreamer_jax.evaluation.world_model.rollouts import Dreams, Reader

SENSITIVE_STEPS = (1, 15)
DOUBTED_STEPS = (15, 50)


def sensitivity(branches: Branches, dreams: Dreams, read: Reader) -> dict:
  """How often other actions lead elsewhere, in the game and in the dream.

  Every branch is compared with its moment's own, where their actions differ.

  Returns:
    by step: of `position` and `picture` the share of pairs that differ in the
    `game` and in the `dream`, and in how many both `agree` on that.
  """
  windows = branches.windows
  own = np.flatnonzero(branches.kind == KINDS.index("own"))
  own = own[branches.moment]  # of each branch's moment
  report = {}
  for k in SENSITIVE_STEPS:
    if k not in windows.steps:
      continue
    action = windows.action[:, :k]
    pairs = (action != action[own]).any(1)
    latent = dreams.at(k)
    looks = {
      "position": (
        np.stack(windows.truth(k), -1),
        np.stack(read.position(latent), -1),
        pairs & windows.valid(k) & windows.valid(k)[own],
      ),
      "picture": (windows.packed[k], read.tiles(latent), pairs),
    }
    report[str(k)] = {
      name: _compare(game, dream, own, chosen, windows.cluster)
      for name, (game, dream, chosen) in looks.items()
    }
  return report


def _compare(game, dream, own, chosen, cluster) -> dict:
  """Shares of the chosen branches that differ from their moment's own."""
  differs = lambda x: (x != x[own]).reshape(len(x), -1).any(1)[chosen]
  game, dream, cluster = differs(game), differs(dream), cluster[chosen]
  return {
    "pairs": int(chosen.sum()),
    "game": mean_ci95(game, cluster=cluster),
    "dream": mean_ci95(dream, cluster=cluster),
    "agree": mean_ci95(game == dream, cluster=cluster),
  }


def doubt(judge: Judge, name: str, dreams: Dreams) -> dict:
  """Does the dream know when it is wrong: rank correlations with its errors.

  A signal is its mean over the steps dreamed so far.

  Args:
    judge: has judged the forecast `name`.
    name: of it.
    dreams: its latents, entropies and uncertainty.

  Returns:
    by group, signal (`uncertainty` where the model has it, and the prior's
    `entropy`) and step: Spearman's rho with wrong `pixels` and with `drift`.
  """
  signals = {"uncertainty": dreams.doubt, "entropy": dreams.entropy}
  report = {}
  for group in GROUPS:
    report[group] = {}
    for signal, values in signals.items():
      if values is None:
        continue
      report[group][signal] = {
        str(k): _correlate(judge, name, values[:k].mean(0), group, k)
        for k in DOUBTED_STEPS
        if k in judge.windows.steps
      }
  return report


def _correlate(
  judge: Judge, name: str, signal: np.ndarray, group: str, k: int
) -> dict:
  drift = judge.samples["drift"][name][k]
  wrong = 1 - judge.samples["pixels"][name][k]
  chosen = judge.chosen(group, k)
  placed = chosen & np.isfinite(drift)
  return {
    "windows": int(chosen.sum()),
    "pixels": spearman(signal[chosen], wrong[chosen]),
    "drift": spearman(signal[placed], drift[placed]),
  }
