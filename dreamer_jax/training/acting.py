"""A trained actor as a policy for many emulators at once."""

import jax.numpy as jnp
import numpy as np

from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.game.vector import VectorStep
from dreamer_jax.policy.act import ActFn
from dreamer_jax.types import Latent


class DreamerPolicy:
  """Filters each emulator's frames into a latent, and acts on it.

  Follows `data.collect`'s protocol. What one emulator does is a function of
  its episode's seed alone, however the others are scheduled.
  """

  def __init__(
    self,
    act: ActFn,
    world_params: dict,
    actor: dict,
    initial: Latent,
    codebook: TileCodebook,
    goals: np.ndarray,
  ):
    """`act` is `policy.act.make_act`'s; `initial` is `[N, ...]`."""
    self._act = act
    self._params = (world_params, actor)
    self._codebook = codebook
    self._goals = goals  # [number of goals, G]
    size = initial.deter.shape[0]
    self._latent = initial
    self._action = jnp.zeros(size, jnp.int32)
    self._seeds = np.zeros(size, np.uint32)
    self._steps = np.zeros(size, np.uint32)
    self._goal = np.zeros(size, np.int32)

  def reset(self, indices, seeds) -> None:
    """Emulators `indices` begin episodes with `seeds`."""
    self._seeds[indices] = np.asarray(seeds) % 2**32
    self._steps[indices] = 0

  def command(self, indices, goals) -> None:
    """Gives emulators `indices` goals, by id, until they get others."""
    self._goal[indices] = goals

  def overrule(self, actions: np.ndarray) -> None:
    """Says what was played, `[N]`, in place of the latest choices."""
    self._action = jnp.asarray(actions, jnp.int32)

  def __call__(self, step: VectorStep) -> np.ndarray:
    """Actions `[N]` for the emulators' present frames."""
    tiles = self._codebook.encode(step.packed)
    keys = np.stack([self._seeds, self._steps], -1).astype(np.uint32)
    self._action, self._latent = self._act(
      *self._params, self._latent, self._action, tiles,
      np.asarray(step.is_first), self._goals[self._goal], keys,
    )  # fmt: skip
    self._steps += 1
    return np.asarray(self._action)
