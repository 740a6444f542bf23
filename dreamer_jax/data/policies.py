"""Policies that need no learning: random play and scripted experts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from dreamer_jax.data.episodes import NO_GOAL
from dreamer_jax.game.env import BUTTONS
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorStep

_POLICY_STREAM = 1  # keeps a policy's numbers apart from the environment's


class Policy(Protocol):
  """What plays in `collect`.

  For an episode to be a function of its seed, an action may depend on what
  its own environment has shown since the reset and on its seed, but not on
  the other environments.

  A policy may have attributes of its latest actions: `goal`, `[N]` int, the
  goal ids that they served, and `intent`, `[N]` int, the actions that it meant
  where chance overruled it.
  """

  def reset(self, indices: Sequence[int], seeds: Sequence[int]) -> None:
    """Environments `indices` start episodes with these seeds."""

  def __call__(self, step: VectorStep) -> np.ndarray:
    """Chooses `[N]` actions; those of idle environments are not played."""


class RandomPolicy:
  """Repeats its last action with probability `repeat`, else any button."""

  def __init__(self, num_envs: int, repeat: float = 0.0):
    """`repeat` of 0 is uniform play; 0.8 holds a button for 5 actions."""
    if not 0 <= repeat < 1:
      raise ValueError(f"repeat={repeat} is not a probability below 1")
    self._repeat = repeat
    idle = iter(lambda: 0, None)  # without end, as those of `_actions`
    self._actions: list[Iterator[int]] = [idle] * num_envs

  def reset(self, indices: Sequence[int], seeds: Sequence[int]) -> None:
    """Seeds the environments' own random numbers."""
    for index, seed in zip(indices, seeds, strict=True):
      self._actions[index] = random_actions(policy_rng(seed), self._repeat)

  def __call__(self, step: VectorStep) -> np.ndarray:
    """`[N]` actions."""
    return np.array([next(actions) for actions in self._actions])


def random_actions(
  rng: np.random.Generator, repeat: float, block: int = 64
) -> Iterator[int]:
  """Actions without end, each kept with probability `repeat`.

  Args:
    rng: draws them.
    repeat: 0 to below 1; 0.8 holds a button for 5 actions.
    block: numbers drawn at once, which is 20 times as fast as one by one.

  Yields:
    An action, 0-7.
  """
  last = -1
  while True:
    keeps = (rng.random(block) < repeat).tolist()
    fresh = rng.integers(len(BUTTONS), size=block).tolist()
    for keep, new in zip(keeps, fresh, strict=True):
      last = last if keep and last >= 0 else new
      yield last


class ExpertPolicy:
  """One scripted expert an environment, made anew for each episode."""

  def __init__(
    self, num_envs: int, make_expert: Callable[[np.random.Generator], Any]
  ):
    """Takes what makes experts.

    Args:
      num_envs: N.
      make_expert: `make_expert(rng)` returns an object whose `act(ram)`
        takes a `GameRam` of scalar fields and returns an action. It may
        have attributes: `intent`, the action it meant, and `goal`, the id of
        the goal it is about.
    """
    self._make_expert = make_expert
    self._experts: list[Any] = [None] * num_envs
    self.intent = np.zeros(num_envs, np.int64)
    self.goal = np.full(num_envs, NO_GOAL)

  def reset(self, indices: Sequence[int], seeds: Sequence[int]) -> None:
    """Makes the environments new experts."""
    for index, seed in zip(indices, seeds, strict=True):
      self._experts[index] = self._make_expert(policy_rng(seed))

  def __call__(self, step: VectorStep) -> np.ndarray:
    """`[N]` actions; 0 where an episode is over or never began."""
    actions = np.zeros(len(self._experts), np.int64)
    self.intent[:] = 0
    rams = decode(step.ram)
    for i, expert in enumerate(self._experts):
      if expert is not None and not step.is_last[i]:
        actions[i] = expert.act(rams[i])
        self.intent[i] = getattr(expert, "intent", actions[i])
        self.goal[i] = getattr(expert, "goal", NO_GOAL)
    return actions


def policy_rng(seed: int) -> np.random.Generator:
  """The random numbers of a policy in the episode with this seed."""
  return np.random.default_rng([seed, _POLICY_STREAM])
