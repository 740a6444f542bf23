"""Plays episodes: a generator, so that saving and progress stay outside it.

An episode is a function of its seed and the policy, whatever else is played
beside it. A collection that was killed is resumed by playing the seeds that
are missing.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from dreamer_jax.data.episodes import FIELDS, Episode
from dreamer_jax.data.policies import Policy
from dreamer_jax.game.env import PYBOY_VERSION
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorEnv, VectorStep

_FROM_STEP = ("packed", "ram", "terms", "is_first", "is_last", "is_terminal")
NO_GOAL = -1


def collect(
  env: VectorEnv,
  policy: Policy,
  *,
  seeds: Iterable[int],
  source: str,
  states: Callable[[int], bytes | None] | None = None,
  on_steps: Callable[[int], None] | None = None,
) -> Iterator[Episode]:
  """Plays one episode for each seed.

  Args:
    env: all of its environments are used, and reset.
    policy: `reset` with the seeds, then called at every step.
    seeds: of the episodes, each non-negative.
    source: one of `episodes.SOURCES`, for the episodes' `meta`.
    states: `states(seed)` is where that episode starts; None for power-on.
    on_steps: called after each step with the number of environments that
      played, for progress.

  Yields:
    Episodes in the order in which they end.

  Raises:
    ValueError: nothing would end the episodes.
    WorkerError: a worker died; the episodes yielded so far are whole.
  """
  if not env.env_options.get("max_steps"):
    raise ValueError("collect needs environments with max_steps set")
  waiting = iter(seeds)
  start_state = states or (lambda seed: None)
  players: list[_Recorder | None] = [None] * env.num_envs
  step = _assign(
    env, policy, players, range(env.num_envs), waiting, start_state
  )
  while any(players):
    actions = np.asarray(policy(step), np.int64)
    goals = getattr(policy, "goal", None)
    meant = getattr(policy, "intent", None)
    meant = actions if meant is None else np.asarray(meant).copy()
    active = np.array([player is not None for player in players])
    for i in np.flatnonzero(active):
      players[i].decide(NO_GOAL if goals is None else goals[i])
    actions = np.where(active, actions, -1)
    step = env.step(actions)
    for i in np.flatnonzero(active):
      players[i].record(step, i, actions[i], meant[i])
    if on_steps is not None:
      on_steps(int(active.sum()))
    over = np.flatnonzero(active & step.is_last)
    for i in over:
      player, players[i] = players[i], None
      yield player.finish(_meta(env, source, player.seed))
    if len(over):
      refilled = _assign(env, policy, players, over, waiting, start_state)
      step = step if refilled is None else refilled


class _Recorder:
  """The steps of one running episode."""

  def __init__(self, seed: int, step: VectorStep, index: int):
    self.seed = seed
    self._rows: dict[str, list] = {name: [] for name in FIELDS}
    self.record(step, index, 0, 0)

  def record(
    self, step: VectorStep, index: int, action: int, intent: int
  ) -> None:
    for name in _FROM_STEP:
      self._rows[name].append(getattr(step, name)[index].copy())
    self._rows["action"].append(action)
    self._rows["intent"].append(intent)

  def decide(self, goal: int) -> None:
    """The goal that the action after the latest frame serves."""
    self._rows["goal"].append(goal)

  def finish(self, meta: dict[str, Any]) -> Episode:
    self.decide(self._rows["goal"][-1])  # of the last frame: as before
    arrays = {
      name: np.asarray(rows, FIELDS[name][1])
      for name, rows in self._rows.items()
    }
    return Episode(**arrays, meta=meta)


def _assign(env, policy, players, indices, waiting, start_state):
  """Gives waiting seeds to free environments; None if there were none."""
  pairs = list(zip(indices, waiting, strict=False))
  if not pairs:
    return None
  indices, seeds = (
    list(map(int, column)) for column in zip(*pairs, strict=True)
  )
  policy.reset(indices, seeds)
  step = env.reset(indices, seeds, [start_state(seed) for seed in seeds])
  for index, seed in pairs:
    players[index] = _Recorder(int(seed), step, index)
  return step


def _meta(env: VectorEnv, source: str, seed: int) -> dict[str, Any]:
  return {
    "source": source,
    "seed": seed,
    "rom": {
      "sha1": env.rom.sha1,
      "title": env.rom.title,
      "name": env.rom.name,
    },
    "pyboy": PYBOY_VERSION,
    "env": env.env_options,
  }


class Tally:
  """Running figures of a collection.

  Attributes:
    episodes: finished.
    env_steps: actions played, also in episodes that still run.
    badges: sum over finished episodes of those held at the end.
    species: the same of species owned.
  """

  def __init__(self):
    self.episodes = self.env_steps = self.badges = self.species = 0
    self._began = time.perf_counter()

  @property
  def secs(self) -> float:
    """Since the start."""
    return time.perf_counter() - self._began

  @property
  def steps_hz(self) -> float:
    """Actions a second so far."""
    return self.env_steps / max(self.secs, 1e-9)

  def count_steps(self, steps: int) -> None:
    """For `collect`'s `on_steps`."""
    self.env_steps += steps

  def watch(self, episodes: Iterable[Episode]) -> Iterator[Episode]:
    """Passes episodes on, counting them."""
    for episode in episodes:
      last = decode(episode.ram[-1])
      self.episodes += 1
      self.badges += int(last.badge_count)
      self.species += int(last.owned_count)
      yield episode
