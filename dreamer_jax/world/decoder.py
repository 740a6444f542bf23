"""Feat to tile logits: the encoder's merges in reverse.

The last product, 360 tiles by V classes, costs more than all the rest, so
training decodes a random share of the screen's pair cells (2x2 tiles): the
gradient stays unbiased.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax.layers import Block, Linear
from dreamer_jax.world.encoder import CELLS, PAIRS, TILES

# Adam moves a weight by its learning rate an update, and tile logits span a
# dozen nats: the gain spares the first hundreds of updates.
LOGIT_GAIN = 4.0


class TileDecoder(nn.Module):
  """Feat to logits over the codebook for each tile."""

  codebook: int
  tile_width: int
  pair_width: int
  cell_width: int
  hidden: int

  @nn.compact
  def __call__(
    self, feat: jax.Array, pairs: jax.Array | None = None
  ) -> jax.Array:
    """Decodes all 90 pair cells, or the chosen ones.

    Args:
      feat: `[N, F]`.
      pairs: `[K]` i32 in [0, 90), the pair cells wanted; None = all.

    Returns:
      `[N, K, 4, V]` logits, in the order of `encoder.to_cells`.
    """
    x = Block(self.hidden, name="hidden")(feat)
    x = Block(CELLS * self.cell_width, name="cell")(x)
    x = x.reshape(-1, CELLS, self.cell_width)
    x = Block(PAIRS * self.pair_width, name="pair")(x)
    x = x.reshape(-1, CELLS * PAIRS, self.pair_width)
    if pairs is not None:
      x = jnp.take(x, pairs, axis=1)
    x = Block(TILES * self.tile_width, name="tile")(x)
    x = x.reshape(len(feat), -1, TILES, self.tile_width)
    return LOGIT_GAIN * Linear(self.codebook, name="logits")(x)
