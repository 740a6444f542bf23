"""Windows of play: where a dream begins, and what was true in them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dreamer_jax.evaluation.world_model.rollouts import Filtered
from dreamer_jax.game import frames
from dreamer_jax.types import Latent

STEPS = (1, 5, 15, 50, 100)  # dreamed steps at which figures are taken

# (map, x, y) -> (gx, gy), all `[...]`
PlaceFn = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple]


class Windows(NamedTuple):
  """N windows of K actions. Index 0 of time is the start, K + 1 in all."""

  start: Latent  # [N, ...], saw every frame up to and with the start
  action: np.ndarray  # [N, K] i32
  labels: dict[str, np.ndarray]  # [N, K+1], of `data.probes.probes`
  terms: np.ndarray  # [N, K+1, 7] f32; index 0 is 0
  seen: np.ndarray  # [N, 32] u8, maps met up to the start, a bit field
  packed: dict[int, np.ndarray]  # [N, 18, 20, 16] u8 at 0 and `steps`
  cluster: np.ndarray  # [N] int; those of one cluster are alike

  @property
  def steps(self) -> tuple[int, ...]:
    """Those of `STEPS` that the windows reach."""
    return tuple(k for k in STEPS if k <= self.action.shape[1])

  @property
  def count(self) -> int:
    """N; `len` is the number of fields."""
    return len(self.action)

  def valid(self, k: int) -> np.ndarray:
    """`[N]` bool: start and step k have positions that can be trusted."""
    valid = self.labels["valid"] > 0
    return valid[:, 0] & valid[:, k]

  def peaceful(self, k: int) -> np.ndarray:
    """`[N]` bool: no battle from the start up to and with step k."""
    return (self.labels["in_battle"][:, : k + 1] == 0).all(1)

  def truth(self, k: int) -> tuple[np.ndarray, ...]:
    """`[N]` map, x and y at step k."""
    return tuple(self.labels[name][:, k] for name in ("map", "x", "y"))

  def frames(self, k: int) -> np.ndarray:
    """`[N, 144, 160]` u8 shades, what the emulator showed at step k."""
    return frames.unpack(self.packed[k])


def distance(place: PlaceFn, a: tuple, b: tuple) -> np.ndarray:
  """`[...]` L1 distance in tiles of two (map, x, y), on one plane."""
  (ax, ay), (bx, by) = place(*a), place(*b)
  return np.abs(ax - bx) + np.abs(ay - by)


def horizon_of(data: Filtered, longest: int = STEPS[-1]) -> int:
  """The largest of `STEPS` that a window of the episodes can reach, or 0."""
  reached = (k for k in reversed(STEPS) if k <= longest)
  return next((k for k in reached if len(candidates(data, k))), 0)


def candidates(data: Filtered, horizon: int) -> np.ndarray:
  """`[C, 2]` (episode, start) where start and judged steps can be trusted."""
  found = []
  for e, labels in enumerate(data.labels):
    valid = labels["valid"] > 0
    start = np.arange(1, len(valid) - horizon)
    ok = valid[start]
    for k in STEPS:
      if k <= horizon:
        ok = ok & valid[start + k]
    start = start[ok]
    found.append(np.stack([np.full_like(start, e), start], -1))
  return np.concatenate(found)


def draw(data: Filtered, count: int, horizon: int, seed: int) -> np.ndarray:
  """`[N, 2]` of the candidates, without repeats, at most `count`."""
  there = candidates(data, horizon)
  rng = np.random.default_rng(seed)
  return there[rng.permutation(len(there))[:count]]


def cut(data: Filtered, places: np.ndarray, horizon: int) -> Windows:
  """The windows of episodes that begin at `[N, 2]` (episode, start)."""
  pairs = places.tolist()
  span = lambda field, first: np.stack(
    [field(e)[s + first : s + horizon + 1] for e, s in pairs]
  )
  episode = lambda e: data.episodes[e]
  terms = span(lambda e: episode(e).terms, 0)
  terms[:, 0] = 0
  steps = (0, *(k for k in STEPS if k <= horizon))
  return Windows(
    start=data.latents(places[:, 0], places[:, 1]),
    action=span(lambda e: episode(e).action, 1).astype(np.int32),
    labels={
      name: span(lambda e, name=name: data.labels[e][name], 0)
      for name in data.labels[0]
    },
    terms=terms,
    seen=np.stack([data.seen[e][s] for e, s in pairs]),
    packed={
      k: np.stack([episode(e).packed[s + k] for e, s in pairs]) for k in steps
    },
    cluster=places[:, 0],
  )
