"""Tiles to one token: dense merges in place of convolutions.

A screen of 18x20 tiles becomes 15 cells of 6x4 tiles: 64 pixels -> a tile,
2x2 tiles -> a pair cell, 3x2 of those -> a cell, 15 cells -> a token, which
the posterior adds to what deter says before its nonlinearity. Dense
merges are 16 times as fast as convolutions on a CPU, and see whole tiles.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax.nn.layers import Block, Linear, RMSNorm

CELLS, PAIRS, TILES = 15, 6, 4  # cells a screen, pairs a cell, tiles a pair


def to_cells(tiles: jax.Array) -> jax.Array:
  """`[..., 18, 20]` -> `[..., 15, 6, 4]`: tiles in the order of the merges."""
  lead = tiles.shape[:-2]
  x = tiles.reshape(*lead, 3, 3, 2, 5, 2, 2)  # cell y, pair y, y, same for x
  x = jnp.moveaxis(x, (-6, -3, -5, -2, -4, -1), (-6, -5, -4, -3, -2, -1))
  return x.reshape(*lead, CELLS, PAIRS, TILES)


class TileEncoder(nn.Module):
  """Tile ids to a token.

  Tiles enter as a function of their pixels, not as a learned table, so that
  an id added later means something. The function is applied to the codebook,
  V rows, and its result looked up: 360 tiles a frame would cost 100 times it.
  """

  pixels: jax.Array  # [V, 64] f32, the codebook's shades in [-1, 1]
  tile_width: int
  pair_width: int
  cell_width: int
  token_width: int
  dtype: str = "float32"  # of matrix products

  @nn.compact
  def __call__(self, tiles: jax.Array) -> jax.Array:
    """`[..., 18, 20]` ids -> `[..., token_width]`."""
    lead = tiles.shape[:-2]
    ids = to_cells(tiles).reshape(-1, CELLS, PAIRS, TILES)
    table = Block(self.tile_width, self.dtype, name="tile")(self.pixels)
    # A pair cell's linear layer is a sum over its four tiles, and each summand
    # depends on the tile's id and place alone: look that up as well.
    table = Linear(TILES * self.pair_width, dtype=self.dtype, name="pair")(
      table
    )
    table = table.reshape(-1, TILES, self.pair_width)
    x = sum(table[:, place][ids[..., place]] for place in range(TILES))
    x = nn.silu(RMSNorm(name="pair_norm")(x))
    x = x.reshape(-1, CELLS, PAIRS * self.pair_width)
    x = Block(self.cell_width, self.dtype, name="cell")(x)
    x = x.reshape(len(x), -1)
    x = Linear(self.token_width, dtype=self.dtype, name="token")(x)
    return x.reshape(*lead, self.token_width)
