"""Compares a critic's values with the returns that really followed.

The games are the agent's own, filtered from power-on. Returns of dreams would
not do: the critic itself values the ends of dreams, so it may explain 96 % of
them and still be false.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.agent.agent import Agent
from dreamer_jax.contract import BADGE
from dreamer_jax.data import replay as replay_lib
from dreamer_jax.data.episodes import Episode
from dreamer_jax.goals import hindsight, outcomes
from dreamer_jax.goals.done import done_bits
from dreamer_jax.goals.vocabulary import GOALS, KINDS
from dreamer_jax.imagination import commands
from dreamer_jax.training import replay_latents
from dreamer_jax.types import Latent, feat

# Actions until the goal was reached: the last of each row.
DISTANCES = (15, 50, 100, 200, 400)
NEVER = "never came"
SAID = (5, 10, 20, 40, 60, 80)  # values, which part rows
_CHUNK = 8192  # steps that are appraised at once


class Pairs(NamedTuple):
  """Steps at which it is known what followed, `[K]` each."""

  value: np.ndarray  # f32, what the critic said
  real: np.ndarray  # f32, discounted return that followed
  steps: np.ndarray  # i32 actions to the goal, or `outcomes.NEVER`
  goal: np.ndarray  # i32


def labels() -> list[str]:
  """Names of the rows, by distance: "1–15", …, "401 or more", "never came"."""
  starts = (1, *(last + 1 for last in DISTANCES))
  rows = [f"{a}–{b}" for a, b in zip(starts, DISTANCES, strict=False)]
  return [*rows, f"{starts[-1]} or more", NEVER]


def measure(agent: Agent, episodes: Sequence[Episode]) -> dict | None:
  """`values` of report.json, of games that the agent has played.

  Args:
    agent: whose critic is judged; told goal 0 in these games.
    episodes: from power-on.

  Returns:
    `badge`, of goal 0 up to the badge that ends a game in training, for beyond
    it the policy never was: `all`, and by distance, a tree of `of`; `said`: the
    same by what the critic said; `kinds`: of goals that were reached, by kind,
    each told from when on it was the next. None for an agent without a critic,
    or where nothing is known.
  """
  if agent.critic is None or not episodes:
    return None
  found = [_pairs(agent, list(episodes), column) for column in (0, 1)]
  default, later = found
  if not len(default.value):
    return None
  kinds = np.array([GOALS[g].kind for g in later.goal])
  return {
    "badge": {"all": of(default), **by_distance(default)},
    "said": by_value(default),
    "kinds": {
      kind: of(_take(later, kinds == kind))
      for kind in KINDS
      if (kinds == kind).any()
    },
  }


def of(pairs: Pairs) -> dict:
  """Statistics of steps, for the report.

  Returns:
    `count` of steps, mean `value` and mean return `real`, root mean squared
    `error`, and `explained`, the share of the returns' variance that values
    explain, None where returns do not differ.
  """
  spread = float(np.square(pairs.real - pairs.real.mean()).mean())
  error = float(np.square(pairs.value - pairs.real).mean())
  return {
    "count": len(pairs.real),
    "value": float(pairs.value.mean()),
    "real": float(pairs.real.mean()),
    "error": float(np.sqrt(error)),
    "explained": 1 - error / spread if spread > 1e-6 else None,
  }


def by_value(pairs: Pairs) -> dict[str, dict]:
  """`of` the steps in each range of the critic's value.

  The mean value and the mean return of a range agree if the critic is right.
  By distance they need not: the steps 10 actions before a badge are those from
  which the badge came, and leave out steps that looked alike but led to a
  lost battle.
  """
  row = np.searchsorted(SAID, pairs.value, side="right")
  between = [f"{a} to {b}" for a, b in itertools.pairwise(SAID)]
  names = [f"below {SAID[0]}", *between, f"{SAID[-1]} or more"]
  return {
    name: of(_take(pairs, row == i))
    for i, name in enumerate(names)
    if (row == i).any()
  }


def by_distance(pairs: Pairs) -> dict[str, dict]:
  """`of` the steps so far from the goal, of each row that has any."""
  row = np.searchsorted(DISTANCES, pairs.steps)
  row = np.where(pairs.steps == outcomes.NEVER, len(DISTANCES) + 1, row)
  return {
    name: of(_take(pairs, row == i))
    for i, name in enumerate(labels())
    if (row == i).any()
  }


def _take(pairs: Pairs, chosen: np.ndarray) -> Pairs:
  return Pairs(*(x[chosen] for x in pairs))


def _pairs(agent: Agent, episodes: list[Episode], column: int) -> Pairs:
  """Values and returns under goal 0 (column 0), or the next goal reached."""
  c = agent.config.policy
  weights = np.asarray(agent.config.rewards.weights, np.float32)
  rows: list[list] = [[], [], []]
  for episode in episodes:
    bits = np.unpackbits(done_bits(episode), axis=-1, bitorder="little")
    done = bits.astype(bool)
    later = hindsight.achieved(done, episode.meta["seed"])
    nothing = np.zeros(len(episode), np.uint8)
    known = outcomes.of_episode(
      episode,
      done,
      later,
      nothing,
      c.imagination.discount,
      c.imagination.goal_scale,
      weights,
    )
    goal = later if column else np.full(len(episode), commands.DEFAULT)
    real = known.returns[:, column].copy()
    if not column:
      real[_is_beyond(episode, agent.config.env.stop_badges)] = np.nan
    parts = real, known.steps[:, column], goal
    for row, part in zip(rows, parts, strict=True):
      row.append(part)
  real, steps, goal = map(np.concatenate, rows)
  place = np.flatnonzero(np.isfinite(real))
  said = list(_appraised(agent, episodes, place, goal))
  value = np.concatenate(said) if said else np.zeros(0, np.float32)
  return Pairs(value, real[place], steps[place], goal[place])


def _is_beyond(episode: Episode, stop_badges: int) -> np.ndarray:
  """`[T]` bool: training would have ended the episode here, or before."""
  badges = np.cumsum(episode.terms[:, BADGE])
  return badges >= stop_badges


def _appraised(
  agent: Agent, episodes: list[Episode], place: np.ndarray, goal: np.ndarray
) -> Iterator[np.ndarray]:
  """Values at steps `place`, counted over all episodes, in chunks."""
  replay = replay_lib.create(sum(map(len, episodes)))
  replay = replay_lib.add(replay, episodes, agent.codebook)
  kept = replay_latents.filtered(agent.world, agent.world_params, replay).memory
  judge = _make_judge(agent)
  for start in range(0, len(place), _CHUNK):
    rows = place[start : start + _CHUNK]
    padded = np.pad(rows, (0, _CHUNK - len(rows)))  # one program for all
    value = judge(
      kept.deter[padded], kept.stoch[padded],
      jnp.asarray(agent.goals)[np.maximum(goal[padded], 0)],
    )  # fmt: skip
    yield np.asarray(value)[: len(rows)]


def _make_judge(agent: Agent) -> Callable:
  """`(deter, stoch, goal embedding) -> value [K]`, compiled."""
  classes = agent.world.initial(1).stoch.shape[-1]

  def judge(deter, stoch, goal):
    hot = jax.nn.one_hot(stoch, classes)
    latent = Latent(deter.astype(jnp.float32), hot, hot)
    return agent.net.value(agent.critic, feat(latent), goal)

  return jax.jit(judge)
