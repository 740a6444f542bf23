"""Feat to tiles: the encoder's merges in reverse, and two last layers.

The merges and the softmax over V classes for 360 tiles would cost more than
all the rest, so training decodes a few cells of some frames, drawn anew: the
gradient stays unbiased.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax.layers import Block, Linear, kernel_init
from dreamer_jax.world.encoder import CELLS, PAIRS, TILES

# Adam moves a weight by its learning rate an update, and tile logits span a
# dozen nats: the gain spares the first hundreds of updates.
LOGIT_GAIN = 4.0
PIXELS, SHADES = 64, 4  # of a tile


class TileDecoder(nn.Module):
  """Feat to an embedding of each tile, for `TileLogits` or `PixelLogits`."""

  tile_width: int
  pair_width: int
  cell_width: int
  hidden: int
  dtype: str = "float32"  # of matrix products

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
    x = Block(self.hidden, self.dtype, name="hidden")(feat)
    x = Block(CELLS * self.cell_width, self.dtype, name="cell")(x)
    x = x.reshape(-1, CELLS, self.cell_width)
    if cells is not None:
      x = jnp.take_along_axis(x, cells[..., None], 1)
    x = Block(PAIRS * self.pair_width, self.dtype, name="pair")(x)
    x = x.reshape(*x.shape[:2], PAIRS, self.pair_width)
    x = Block(TILES * self.tile_width, self.dtype, name="tile")(x)
    return x.reshape(*x.shape[:3], TILES, self.tile_width)


class TileLogits(nn.Module):
  """The last layer's weights: `[tile_width, V]` and `[V]`, with their gain.

  A tile's column is a function of its pixels, which tile and encoder share,
  plus a free part: a tile that enters the codebook later can be drawn from the
  first update on, like those that look like it.
  """

  pixels: jax.Array  # [V, 64] f32
  tile_width: int

  @nn.compact
  def __call__(self) -> tuple[jax.Array, jax.Array]:
    shape = (self.tile_width, len(self.pixels))
    kernel = self.param("kernel", kernel_init, shape)
    bias = self.param("bias", nn.initializers.zeros, shape[1:])
    look = Block(2 * self.tile_width, name="look")(self.pixels)
    look = Linear(self.tile_width, name="tied")(look)
    return LOGIT_GAIN * (kernel + look.T), LOGIT_GAIN * bias


class PixelLogits(nn.Module):
  """Shades in place of tile ids, for comparison: `[..., 64, 4]` logits."""

  @nn.compact
  def __call__(self, embedded: jax.Array) -> jax.Array:
    logits = LOGIT_GAIN * Linear(PIXELS * SHADES, name="shades")(embedded)
    return logits.reshape(*embedded.shape[:-1], PIXELS, SHADES)
