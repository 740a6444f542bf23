"""Labels an episode's steps with goals, and says which may be cloned."""

from collections.abc import Collection, Container, Sequence

import numpy as np

from dreamer_jax.contract import BADGE
from dreamer_jax.data.episodes import DEMONSTRATORS, Episode
from dreamer_jax.goals import hindsight, outcomes
from dreamer_jax.goals.done import done_bits
from dreamer_jax.imagination import commands


def labels(
  episode: Episode,
  sources: Collection[str],
  shown: Container[int] | None = None,
  pace: Sequence[float] | None = None,
  *,
  discount: float,
  goal_scale: float,
  weights: np.ndarray,
  ruled: float = 0.0,
) -> dict:
  """What the replay keeps of goals, `[T, ...]` each, see `replay.LABELLED`.

  Args:
    episode: any.
    sources: whose play is cloned beside the demonstrators'.
    shown: seeds of the demonstrations that are cloned; None: all are.
    pace: see `cloneable`.
    discount: gamma, of the returns that followed.
    goal_scale: reward of reaching a goal, in them.
    weights: `[7]` of the reward's terms, likewise.
    ruled: see `hindsight.possible`.
  """
  bits = done_bits(episode)
  done = np.unpackbits(bits, axis=-1, bitorder="little").astype(bool)
  later = hindsight.achieved(done, episode.meta["seed"])
  if episode.meta["source"] == "courier":
    told = hindsight.told(done, episode.goal)
    later = np.where(told == hindsight.NONE, later, told)
  clone = cloneable(episode, sources, shown, pace)
  return {
    "goal": np.full(len(episode), commands.DEFAULT, np.int16),
    "goals_done": bits,
    "hindsight": later,
    "feasible": hindsight.possible(episode, ruled),
    "clone": clone,
    "returns": outcomes.of_episode(
      episode, done, later, clone, discount, goal_scale, weights
    ).returns,
  }


def cloneable(
  episode: Episode,
  sources: Collection[str],
  shown: Container[int] | None = None,
  pace: Sequence[float] | None = None,
) -> np.ndarray:
  """`[T]` u8: what may be cloned of each step, see `imagination.commands`.

  Demonstrators, and the script under noise, are about the next badge as long
  as one follows. A script that was cut off was still on its way, to as many
  badges as end the episode; of a person nobody knows. The explorer and the
  courier mean what they do but other things by it: they are cloned in
  hindsight only, the courier under the goal that it was told. Random play
  means nothing.

  Of the policy's own games what got to a badge sooner than demonstrators do is
  cloned: the clone, which holds the next policy back, then holds it less.

  Args:
    episode: any.
    sources: whose play is cloned beside the demonstrators'.
    shown: seeds of the demonstrations that are cloned; None: all are.
    pace: actions that demonstrators take from one badge to the next, the
      first from power-on. None clones nothing of the policy's own play.
  """
  if episode.meta["source"] == "policy" and pace is not None:
    return _sooner(episode, pace)
  source, steps = episode.meta["source"], len(episode)
  is_kept = (
    shown is not None
    and source in DEMONSTRATORS
    and (episode.meta["seed"] not in shown)
  )
  if source not in (*DEMONSTRATORS, *sources) or is_kept:
    return np.full(steps, commands.NOTHING, np.uint8)
  if source not in (*DEMONSTRATORS, "randomized_expert"):
    return np.full(steps, commands.HINDSIGHT, np.uint8)
  badges = episode.terms[:, BADGE]
  follows = np.cumsum(badges[::-1])[::-1] - badges > 0
  stop = episode.meta.get("env", {}).get("stop_badges") or 0
  if source in ("expert", "randomized_expert") and badges.sum() < stop:
    follows[:] = True
  return np.where(follows, commands.ALL, commands.HINDSIGHT).astype(np.uint8)


def ways(episode: Episode) -> list[tuple[int, int]]:
  """`(start, end)` of each badge's way: from the badge before it, or 0."""
  ends = np.flatnonzero(episode.terms[:, BADGE] > 0).tolist()
  return list(zip([0, *ends], ends, strict=False))


def _sooner(episode: Episode, pace: Sequence[float]) -> np.ndarray:
  """`ALL` on ways that took fewer actions; all of those nobody has shown."""
  clone = np.full(len(episode), commands.NOTHING, np.uint8)
  for i, (start, end) in enumerate(ways(episode)):
    if i >= len(pace) or end - start < pace[i]:
      clone[start:end] = commands.ALL
  return clone
