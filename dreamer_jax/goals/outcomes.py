"""Returns that really followed an episode's steps, and steps to its goals.

The critic is held to them. Dreams are 15 steps long, so in dreams alone values
travel hundreds of steps by bootstrap, and were false: half of what followed
near a goal, ten times as much far from it (BUILD_NOTES, "A critic that tells
the truth").
"""

import itertools
from typing import NamedTuple

import numpy as np
import scipy.signal

from dreamer_jax.contract import BADGE
from dreamer_jax.data.episodes import Episode
from dreamer_jax.imagination import commands

TAIL = 250  # steps before a cut: what might have come is not known there, and
#   after so many it is worth a twelfth at a discount of 0.99, a half at 0.997.
#   More would leave out all that is known of games that stand still
NEVER, UNKNOWN = -1, -2  # in place of steps


class Outcomes(NamedTuple):
  """Of goal 0 in the first column, of the goal in hindsight in the second."""

  returns: np.ndarray  # [T, 2] f32, discounted; NaN where it is not known
  steps: np.ndarray  # [T, 2] i32 to the goal; `NEVER`, `UNKNOWN`


def of_episode(
  episode: Episode, done: np.ndarray, hindsight: np.ndarray,
  clone: np.ndarray, discount: float, goal_scale: float,
  weights: np.ndarray,
) -> Outcomes:  # fmt: skip
  """What followed each step under goal 0, and under its goal in hindsight.

  `G[t] = sum_k gamma^k r[t + 1 + k]` up to the step that reaches the goal,
  which pays `goal_scale` more and ends the sum, as it ends a dream. It is not
  known of who was not about the goal, and shortly before an episode was cut
  off.

  Args:
    episode: any.
    done: `[T, K]` bool, which goals hold.
    hindsight: `[T]` i16, goal of each step, negative for none.
    clone: `[T]` u8, see `imagination.commands`: who is cloned under goal 0 was
      about it.
    discount: gamma.
    goal_scale: reward of reaching a goal.
    weights: `[7]` of the reward's terms.
  """
  count = len(episode)
  reward = episode.terms @ weights
  returns = np.full((count, 2), np.nan, np.float32)
  steps = np.full((count, 2), UNKNOWN, np.int32)

  def fill(column: int, start: int, end: int) -> None:
    """Steps from `start` on, up to the goal that is reached at `end`."""
    paid = reward[start + 1 : end + 1]
    returns[start:end, column] = to_go(paid, discount, goal_scale)
    steps[start:end, column] = np.arange(end - start, 0, -1)

  start = 0
  for end in np.flatnonzero(episode.terms[:, BADGE] > 0):
    fill(0, start, end)
    start = end
  known = count - 1 - (0 if episode.is_terminal[-1] else TAIL) - start
  if known > 0:
    rest = to_go(reward[start + 1 :], discount, 0.0)
    returns[start : start + known, 0] = rest[:known]
    steps[start : start + known, 0] = NEVER
  meant = (clone >= commands.ALL) | (
    episode.meta["source"] in ("policy", "clone")
  )
  returns[~meant, 0], steps[~meant, 0] = np.nan, UNKNOWN

  begins = np.flatnonzero(np.diff(hindsight, prepend=-1))
  for start, end in itertools.pairwise([*begins, count]):
    goal = hindsight[start]
    if goal < 0 or end == count:
      continue
    if done[end, goal] and not done[end - 1, goal]:
      fill(1, start, end)
  return Outcomes(returns, steps)


def to_go(reward: np.ndarray, discount: float, last: float) -> np.ndarray:
  """`G[t] = reward[t] + discount G[t + 1]`, with `last` more at the end.

  Args:
    reward: `[T]`, of arriving at steps 1 to T.
    discount: gamma.
    last: reward.

  Returns:
    `[T]` f32, returns of steps 0 to T - 1.
  """
  paid = reward.astype(np.float64)
  paid[-1] += last
  back = scipy.signal.lfilter([1.0], [1.0, -discount], paid[::-1])
  return back[::-1].astype(np.float32)
