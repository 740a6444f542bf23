"""How well any model could know the position from the pictures so far.

Steps whose last n pictures, and the actions between them, are equal to the
byte look the same to any model with that memory. The best guess of the
position at one of them, from the others, is their L1 median. What it misses by
is an error that no training removes; a longer memory does, where n is larger.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from dreamer_jax.data.episodes import Episode
from dreamer_jax.evaluation.statistics import mean_ci95

MEMORIES = (1, 5, 25)  # pictures


def measure(
  episodes: Sequence[Episode],
  positions: Sequence[np.ndarray],
  judged: int | None = None,
) -> dict:
  """The oracle's error for each length of memory.

  Args:
    episodes: on which to look.
    positions: `[T, 2]` of each on the plane of all maps, NaN where it cannot
      be trusted.
    judged: so many of the first episodes are judged, the others only bear
      witness, as those that a model was trained on may; None for all.

  Returns:
    by memory: `error` in tiles, mean and interval over the steps that another
    episode has too; `known`, the share of steps that are so; `ambiguous`, the
    share of those whose look-alikes are not all at the same place.
  """
  hashes = [picture_hashes(e.packed) for e in episodes]
  actions = [e.action for e in episodes]
  report = {}
  for memory in MEMORIES:
    keys = [_keys(h, a, memory) for h, a in zip(hashes, actions, strict=True)]
    error, ambiguous, episode = oracle(keys, positions)
    chosen = episode < (len(episodes) if judged is None else judged)
    error, ambiguous, episode = (x[chosen] for x in (error, ambiguous, episode))
    known = np.isfinite(error)
    report[str(memory)] = {
      "error": mean_ci95(error, cluster=episode),
      "known": float(known.mean()) if len(known) else None,
      "ambiguous": float(ambiguous[known].mean()) if known.any() else None,
    }
  return report


def picture_hashes(packed: np.ndarray) -> np.ndarray:
  """`[T, ...]` u8 -> `[T]` u64; equal pictures have equal ones."""
  digest = lambda x: hashlib.blake2b(x.tobytes(), digest_size=8).digest()
  return np.frombuffer(b"".join(map(digest, packed)), np.uint64)


def _keys(hashes: np.ndarray, action: np.ndarray, memory: int) -> list[bytes]:
  """`[T]` keys of the last pictures and the actions between them."""
  keys = []
  for t in range(len(hashes)):
    first = max(0, t - memory + 1)
    key = hashes[first : t + 1].tobytes() + action[first + 1 : t + 1].tobytes()
    keys.append(hashlib.blake2b(key, digest_size=16).digest())
  return keys


def oracle(
  keys: Sequence[Sequence[bytes]], positions: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Guesses every position from the steps of other episodes that look alike.

  Its own episode is left out: one who stands still would vote for himself.

  Args:
    keys: `[T]` of each episode.
    positions: `[T, 2]` of each; steps with NaN take no part.

  Returns:
    `[N]` L1 errors, NaN where no other episode has that key; `[N]` bool, the
    group is at more than one place; `[N]` the steps' episodes.
  """
  groups: dict[bytes, list[tuple[int, int]]] = {}
  trusted = [np.isfinite(p).all(-1) for p in positions]
  places = []  # of the N results
  for e, keys_of in enumerate(keys):
    for t in np.flatnonzero(trusted[e]).tolist():
      groups.setdefault(keys_of[t], []).append((e, len(places)))
      places.append(positions[e][t])
  at = np.asarray(places, float).reshape(-1, 2)
  error = np.full(len(at), np.nan)
  ambiguous = np.zeros(len(at), bool)
  episode = np.zeros(len(at), int)
  for members in groups.values():
    owner, index = np.array(members).T
    episode[index] = owner
    ambiguous[index] = (at[index] != at[index[0]]).any()
    for e in np.unique(owner):
      own, others = index[owner == e], index[owner != e]
      if len(others):
        guess = np.median(at[others], 0)  # the L1 median, axis by axis
        error[own] = np.abs(at[own] - guess).sum(-1)
  return error, ambiguous, episode
