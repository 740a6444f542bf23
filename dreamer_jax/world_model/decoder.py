"""Feat to tiles: one hidden layer, a linear one for every place, a softmax.

The mirror image of the encoder, merges in reverse that all places share, knows
a third as much after the same CPU seconds (BUILD_NOTES, "What the model
reads"): a digit has its own place on the screen, and wants its own weights.
"""

import jax
from flax import linen as nn

from dreamer_jax.contract import GRID, NUM_TILES
from dreamer_jax.nn.layers import Block, Linear, kernel_init

# Adam moves a weight by its learning rate an update, and tile logits span a
# dozen nats: the gain spares the first hundreds of updates.
LOGIT_GAIN = 4.0
PIXELS, SHADES = 64, 4  # of a tile


class TileDecoder(nn.Module):
  """Feat to an embedding of each tile, for `TileLogits` or `PixelLogits`."""

  width: int  # channels of a tile
  hidden: int
  dtype: str = "float32"  # of matrix products

  @nn.compact
  def __call__(self, feat: jax.Array) -> jax.Array:
    """`[N, F]` -> `[N, 18, 20, width]`."""
    x = Block(self.hidden, self.dtype, name="hidden")(feat)
    x = Linear(NUM_TILES * self.width, dtype=self.dtype, name="places")(x)
    return x.reshape(-1, *GRID, self.width)


class TileLogits(nn.Module):
  """The last layer's weights: `[width, V]` and `[V]`, with their gain.

  A tile's column is a function of its pixels, which tile and encoder share,
  plus a free part: a tile that enters the codebook later can be drawn from the
  first update on, like those that look like it.
  """

  pixels: jax.Array  # [V, 64] f32
  width: int

  @nn.compact
  def __call__(self) -> tuple[jax.Array, jax.Array]:
    shape = (self.width, len(self.pixels))
    kernel = self.param("kernel", kernel_init, shape)
    bias = self.param("bias", nn.initializers.zeros, shape[1:])
    look = Block(2 * self.width, name="look")(self.pixels)
    look = Linear(self.width, name="tied")(look)
    return LOGIT_GAIN * (kernel + look.T), LOGIT_GAIN * bias


class PixelLogits(nn.Module):
  """Shades in place of tile ids, for comparison: `[..., 64, 4]` logits."""

  @nn.compact
  def __call__(self, embedded: jax.Array) -> jax.Array:
    logits = LOGIT_GAIN * Linear(PIXELS * SHADES, name="shades")(embedded)
    return logits.reshape(*embedded.shape[:-1], PIXELS, SHADES)
