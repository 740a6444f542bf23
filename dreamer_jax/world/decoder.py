"""Feat to tiles: the encoder's merges in reverse.

The merges and the softmax over V classes for 360 tiles would cost more than
all the rest, so training decodes a few of each frame's 15 cells, drawn anew:
the gradient stays unbiased.
"""

import jax
from flax import linen as nn

from dreamer_jax.layers import Block, kernel_init
from dreamer_jax.world.encoder import CELLS, PAIRS, TILES

# Adam moves a weight by its learning rate an update, and tile logits span a
# dozen nats: the gain spares the first hundreds of updates.
LOGIT_GAIN = 4.0


class TileDecoder(nn.Module):
  """Feat to an embedding of each tile; `TileLogits` turns it into ids."""

  tile_width: int
  pair_width: int
  cell_width: int
  hidden: int

  @nn.compact
  def __call__(
    self, feat: jax.Array, cells: jax.Array | None = None
  ) -> jax.Array:
    """Decodes all cells of the screen, or the chosen ones.

    Args:
      feat: `[N, F]`.
      cells: `[N, K]` i32 in [0, 15), the cells wanted; None = all in order.

    Returns:
      `[N, K, 6, 4, tile_width]`, in the order of `encoder.to_cells`.
    """
    x = Block(self.hidden, name="hidden")(feat)
    x = Block(CELLS * self.cell_width, name="cell")(x)
    x = x.reshape(-1, CELLS, self.cell_width)
    if cells is not None:
      x = jax.numpy.take_along_axis(x, cells[..., None], 1)
    x = Block(PAIRS * self.pair_width, name="pair")(x)
    x = x.reshape(*x.shape[:2], PAIRS, self.pair_width)
    x = Block(TILES * self.tile_width, name="tile")(x)
    return x.reshape(*x.shape[:3], TILES, self.tile_width)


class TileLogits(nn.Module):
  """The last layer's weights: `[tile_width, V]` and `[V]`, with their gain."""

  codebook: int
  tile_width: int

  @nn.compact
  def __call__(self) -> tuple[jax.Array, jax.Array]:
    shape = (self.tile_width, self.codebook)
    kernel = self.param("kernel", kernel_init, shape)
    bias = self.param("bias", nn.initializers.zeros, shape[1:])
    return LOGIT_GAIN * kernel, LOGIT_GAIN * bias
