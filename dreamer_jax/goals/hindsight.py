"""Goals in hindsight: what an episode achieved next, and what it might have.

Relabelling of Andrychowicz et al., "Hindsight Experience Replay", 2017. Pure
NumPy on the done bits of `goals.done`; the cost is measured by its test.
"""

import itertools

import numpy as np

from dreamer_jax.data.episodes import Episode
from dreamer_jax.goals import order, predicates, vocabulary

NONE = -1  # nothing was achieved within the horizon
HORIZON = 200  # steps: as many as a commanded goal is given
_NEAR = 8  # steps, the shortest reach: about half a dream
_BY_CHANCE = ("catch", "explore")  # kinds of goals that luck may keep from one
_ACHIEVED, _POSSIBLE = 1, 2  # what a generator's seed is for


def edges(done: np.ndarray) -> np.ndarray:
  """`[T, K]` bool: the bits of `done` that rise at this step; none at first.

  A goal about a change holds at the one step that brought it, so its rise is
  that step, as a state's is the step that it begins at.
  """
  rises = np.zeros(done.shape, bool)
  rises[1:] = done[1:] & ~done[:-1]
  return rises


def achieved(done: np.ndarray, seed: int, horizon: int = HORIZON) -> np.ndarray:
  """What each step was on its way to.

  At the start of a segment one goal is chosen of those that do not hold and
  will rise soon: within a reach that is drawn anew, its logarithm uniform up
  to `horizon`, so that some goals are near and some far; or within `horizon`
  where nothing is near. A goal's chance falls with how often it rises in the
  episode: text boxes close eighty times, a badge comes once. The label stays
  until the step before the rise; there the next segment starts, for who has
  arrived needs another goal.

  Args:
    done: `[T, K]` bool, which of K goals hold.
    seed: the episode's; the same episode is labelled the same way each time.
    horizon: steps, 8 or more.

  Returns:
    `[T]` i16 goal ids, `NONE` where nothing rises in time.
  """
  rng = np.random.default_rng((_ACHIEVED, abs(seed)))
  labels = np.full(len(done), NONE, np.int16)
  step, goal = np.nonzero(edges(done))  # in the order of steps
  weight = 1.0 / np.maximum(np.bincount(goal, minlength=done.shape[1]), 1)
  t = 0
  while t < len(done):
    first = np.searchsorted(step, t, side="right")
    if first == len(step):
      break
    reach = horizon ** rng.uniform(np.log(_NEAR) / np.log(horizon), 1.0)
    for most in (reach, horizon):
      last = np.searchsorted(step, t + most, side="right")
      ahead, where = np.unique(goal[first:last], return_index=True)
      ahead, where = ahead[~done[t, ahead]], where[~done[t, ahead]]
      if len(ahead):
        break
    else:
      t = max(t + 1, step[first] - horizon)
      continue
    chance = np.cumsum(weight[ahead])
    drawn = np.searchsorted(chance, rng.random() * chance[-1], side="right")
    drawn = min(drawn, len(ahead) - 1)
    end = step[first + where[drawn]]
    labels[t:end] = ahead[drawn]
    t = end
  return labels


def told(done: np.ndarray, goal: np.ndarray) -> np.ndarray:
  """What a player was told, up to the step before it was reached.

  Where a task ends without it, the goal stays if chance may have decided (a
  creature that did not come) and is dropped where the player failed.

  Args:
    done: `[T, K]` bool, which of K goals hold.
    goal: `[T]` i16, the goal that was active at each step, negative for none.

  Returns:
    `[T]` i16 goal ids, `NONE` where there is none, or it has been reached.
  """
  labels = np.full(len(goal), NONE, np.int16)
  begins = np.flatnonzero(np.diff(goal, prepend=NONE)).tolist()
  for start, stop in itertools.pairwise([*begins, len(goal)]):
    wanted = int(goal[start])
    if wanted < 0:
      continue
    rises = np.flatnonzero(done[start + 1 : stop + 1, wanted])
    if len(rises):
      labels[start : start + 1 + rises[0]] = wanted
    elif vocabulary.GOALS[wanted].kind in _BY_CHANCE:
      labels[start:stop] = wanted
  return labels


def possible(episode: Episode, ruled: float = 0.0) -> np.ndarray:
  """`[T]` i16: at each step one of the goals that make sense there, by chance.

  Before play begins that may be goal 0 alone, which always may be set.

  Args:
    episode: any.
    ruled: share of the steps that have the goal of `goals.order` instead.
  """
  now = predicates.of_episode(episode.decode_ram(), episode.terms)
  memo: dict = {}
  game = episode.meta["rom"]["name"]
  able = np.stack(
    [
      vocabulary.feasible(i, now, game, memo)
      for i in range(len(vocabulary.GOALS))
    ]
  )  # [K, T]
  rng = np.random.default_rng((_POSSIBLE, abs(episode.meta["seed"])))
  counts = np.cumsum(able, axis=0, dtype=np.int16)
  drawn = rng.random(len(episode)) * counts[-1]  # the n-th of those, n from 0
  goal = (counts <= drawn).sum(0).astype(np.int16)
  if ruled:
    by_rules = rng.random(len(episode)) < ruled
    goal = np.where(by_rules, order.along(now, game, able), goal)
  return goal
