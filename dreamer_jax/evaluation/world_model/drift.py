"""How true dreams are: position, map and picture, step by step.

Drift is the distance in tiles (L1, on the plane of all maps) between the
position that the probes read in a forecast and the true one. Pictures are
compared with the emulator's own pixels, not with the codebook's.
"""

from collections.abc import Callable, Mapping

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.evaluation.statistics import mean_ci95
from dreamer_jax.evaluation.world_model.rollouts import Reader
from dreamer_jax.evaluation.world_model.windows import (
  PlaceFn,
  Windows,
  distance,
)
from dreamer_jax.types import Latent

# Figure -> what it is the mean of; `[N]` values by forecast and step.
FIGURES = ("drift", "map", "pixels", "exact_frames", "mse")
GROUPS = ("all", "no_battle")
# Tiles that an action walks in the open. On Lantern Isle a press in a new
# direction turns and walks in one; walls and people are not known here.
_MOVES = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_WALK = np.array([_MOVES.get(name, (0, 0)) for name in BUTTONS])

Samples = dict[str, dict[str, dict[int, np.ndarray]]]


class Judge:
  """Compares positions and pictures with what was true in windows.

  Attributes:
    samples: figure -> forecast -> step -> `[N]` values of the windows.
  """

  def __init__(self, windows: Windows, read: Reader, place: PlaceFn):
    self.windows, self._read, self._place = windows, read, place
    self.samples: Samples = {figure: {} for figure in FIGURES}

  def add(
    self, name: str, at: Callable[[int], Latent], steps: tuple[int, ...] = ()
  ) -> None:
    """Judges a forecast.

    Args:
      name: it goes by.
      at: `at(k)` is its latents `[N, ...]`, k steps after the start.
      steps: to judge it at; by default all of the windows'.
    """
    for k in steps or self.windows.steps:
      latent = at(k)
      position = self._read.position(latent)
      self._put("drift", name, k, self._error(position, k))
      right = position[0] == self.windows.labels["map"][:, k]
      self._put("map", name, k, right)
      self._pictures(name, k, self._read.pictures(latent))

  def add_copy(self, name: str = "copy_last") -> None:
    """Judges staying where the window began."""
    windows = self.windows
    for k in windows.steps:
      still = windows.truth(0)
      self._put("drift", name, k, self._error(still, k))
      self._put("map", name, k, still[0] == windows.truth(k)[0])
      self._pictures(name, k, windows.frames(0))

  def add_reckoning(self, name: str = "dead_reckoning") -> None:
    """Judges walking a tile for every arrow pressed, whatever is there."""
    x, y = self._place(*self.windows.truth(0))
    walked = np.cumsum(_WALK[self.windows.action], 1)  # [N, K, 2]
    for k in self.windows.steps:
      tx, ty = self._place(*self.windows.truth(k))
      dx, dy = walked[:, k - 1].T
      self._put("drift", name, k, np.abs(x + dx - tx) + np.abs(y + dy - ty))

  def add_game(self, name: str, other: Windows) -> None:
    """Judges another play of the same windows by the real game."""
    for k in self.windows.steps:
      error = np.where(
        other.valid(k), self._error(other.truth(k), k).astype(float), np.nan
      )
      self._put("drift", name, k, error)
      right = other.truth(k)[0] == self.windows.truth(k)[0]
      self._put("map", name, k, right)
      self._pictures(name, k, other.frames(k))

  def _error(self, position: tuple, k: int) -> np.ndarray:
    return distance(self._place, position, self.windows.truth(k))

  def _pictures(self, name: str, k: int, pictures: np.ndarray) -> None:
    real = self.windows.frames(k)
    exact = (pictures == real).reshape(len(real), -1)
    self._put("pixels", name, k, exact.mean(1))
    self._put("exact_frames", name, k, exact.all(1))
    error = np.abs(pictures.astype(np.int8) - real.astype(np.int8))
    square = np.square(error).reshape(len(real), -1).mean(1)
    self._put("mse", name, k, square / 9.0)

  def _put(self, figure: str, name: str, k: int, values: np.ndarray) -> None:
    """Keeps values; those without a trusted position are not a number."""
    values = values.astype(np.float64)
    if figure in ("drift", "map"):
      values = np.where(self.windows.valid(k), values, np.nan)
    self.samples[figure].setdefault(name, {})[k] = values

  def chosen(self, group: str, k: int) -> np.ndarray:
    """`[N]` bool: which windows a group has at step k."""
    if group == "no_battle":
      return self.windows.peaceful(k)
    return np.ones(self.windows.count, bool)

  def report(self, keep: np.ndarray | None = None) -> dict:
    """Means of all figures, for all windows and those without a battle.

    Args:
      keep: `[N]` bool, windows to count; None for all.

    Returns:
      `{"all" | "no_battle": {figure: {forecast: {step: {"mean", "ci95"}}}}}`;
      in place of `mse` there is `psnr_db`, a number of all windows together,
      99 where all are exact. `windows` counts them by step.
    """
    keep = np.ones(self.windows.count, bool) if keep is None else keep
    tree = {}
    for group in GROUPS:
      mask = {k: keep & self.chosen(group, k) for k in (0, *self.windows.steps)}
      tree[group] = {
        "windows": {str(k): int(m.sum()) for k, m in mask.items()},
        **{f: self._means(self.samples[f], mask) for f in FIGURES[:-1]},
        "psnr_db": {
          name: {str(k): _psnr(v[mask[k]]) for k, v in by_step.items()}
          for name, by_step in self.samples["mse"].items()
        },
      }
    return tree

  def _means(self, figure: Mapping, mask: dict[int, np.ndarray]) -> dict:
    cluster = self.windows.cluster
    return {
      name: {
        str(k): mean_ci95(v[mask[k]], cluster=cluster[mask[k]])
        for k, v in by_step.items()
      }
      for name, by_step in figure.items()
    }


def _psnr(mse: np.ndarray) -> float | None:
  """Peak signal-to-noise ratio of grey pictures, dB; 99 if all are exact."""
  if not len(mse):
    return None
  mse = float(mse.mean())
  return float(-10 * np.log10(mse)) if mse > 0 else 99.0
