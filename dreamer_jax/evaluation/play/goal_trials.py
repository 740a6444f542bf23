"""Goals to command, and moments of a game to command them at.

Moments are taken out of scripted episodes that nobody learned from. Two groups,
never mixed: a goal that the scripted play reached next, so that it can be done
in time, and any goal that makes sense there, which may be far beyond reach.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dreamer_jax.data import probes
from dreamer_jax.data.episodes import Episode
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.goals.vocabulary import GOALS, KINDS

GROUPS = ("achieved", "feasible")
_AT_LEAST = 5  # actions that the scripted play took to a goal: not at once
_CANDIDATES = 3  # moments looked at for each trial


class Plan(NamedTuple):
  """How many trials, and how long each."""

  count: int  # of each group
  steps: int  # actions that a policy has
  context: int  # actions before that the emulator plays again
  seed: int  # of the choice, and of the policies


class Trial(NamedTuple):
  """A goal, given at a step of an episode."""

  episode: int
  step: int
  goal: int
  group: str  # of `GROUPS`


def choose(episodes: Sequence[Episode], game: str, plan: Plan) -> list[Trial]:
  """Draws trials: kinds in turn, goals of a kind alike, then a moment.

  Args:
    episodes: played from power-on.
    game: the ROM's name.
    plan: how many.

  Returns:
    Up to `plan.count` of each group; a kind that no moment offers is left
    out.
  """
  rng = np.random.default_rng(plan.seed)
  pools = _pools(episodes, game, plan, rng)
  trials: list[Trial] = []
  for group in GROUPS:
    for i in range(plan.count):
      pool = pools[group][KINDS[i % len(KINDS)]]
      if not pool:
        continue
      goal = sorted(pool)[rng.integers(len(pool))]
      moments = pool[goal]
      episode, step = moments.pop(rng.integers(len(moments)))
      if not moments:
        del pool[goal]
      trials.append(Trial(episode, step, goal, group))
  return trials


def _pools(episodes, game: str, plan: Plan, rng) -> dict:
  """group -> kind -> goal -> moments [(episode, step)] that offer it."""
  pools = {group: {kind: {} for kind in KINDS} for group in GROUPS}
  share = -(-_CANDIDATES * plan.count // max(1, len(episodes)))
  for e, episode in enumerate(episodes):
    ram = episode.decode_ram()
    facts = predicates.of_episode(ram, episode.terms)
    steps = np.flatnonzero(probes.is_placed(ram))
    last = len(episode) - 1 - plan.steps
    steps = steps[(steps > plan.context) & (steps <= last)]
    steps = np.sort(rng.permutation(steps)[:share])
    if not len(steps):
      continue
    here, memo, whole = facts[steps], {}, {}
    for goal, spec in enumerate(GOALS):
      may = vocabulary.feasible(goal, here, game, memo)
      if not may.any():
        continue
      asked = steps[may].tolist()
      next_ = _next_done(goal, facts, asked, plan.steps, whole)
      for step, hit in zip(asked, next_, strict=True):
        offers = {"feasible": True, "achieved": hit}
        for group in (g for g in GROUPS if offers[g]):
          pools[group][spec.kind].setdefault(goal, []).append((e, step))
  return pools


def _next_done(
  goal: int, facts: Facts, steps: list[int], horizon: int, memo: dict
) -> list[bool]:
  """Whether the episode reaches the goal in time, but not at once."""
  if predicates.is_relative(GOALS[goal].done):
    found = [
      vocabulary.done(goal, facts[s + 1 : s + 1 + horizon], facts[s])
      for s in steps
    ]
  else:
    holds = predicates.holds(GOALS[goal].done, facts, memo=memo)
    found = [holds[s + 1 : s + 1 + horizon] for s in steps]
  return [bool(hits.any() and hits.argmax() + 1 >= _AT_LEAST) for hits in found]
