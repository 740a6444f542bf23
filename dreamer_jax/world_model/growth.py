"""A learner whose codebook has grown: room for the new tiles, nothing lost.

Ids never change their meaning, so what was learned of the old tiles stays. The
new ones begin as a function of their pixels alone (`world.decoder.TileLogits`):
their free columns are zero, in the weights, in their average and in the
optimizer's moments.
"""

import jax
import jax.numpy as jnp

from dreamer_jax.training.state import WorldState

_LAYER, _LEAVES = "logits", ("kernel", "bias")


def grow(state: WorldState, old: int, new: int) -> WorldState:
  """`state` of a model of `old` tiles, for one of `new` tiles."""

  def widen(path, leaf):
    names = [getattr(key, "key", getattr(key, "name", "")) for key in path]
    if names[-2:-1] != [_LAYER] or names[-1] not in _LEAVES:
      return leaf
    spare = [(0, 0)] * (leaf.ndim - 1) + [(0, new - old)]
    return jnp.pad(leaf, spare)

  return jax.tree_util.tree_map_with_path(widen, state)
