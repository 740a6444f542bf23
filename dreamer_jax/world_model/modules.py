"""All parameters of the world model, under one roof."""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax import config as config_lib
from dreamer_jax.nn import precision
from dreamer_jax.types import DONE_BYTES
from dreamer_jax.world_model.decoder import PixelLogits, TileDecoder, TileLogits
from dreamer_jax.world_model.encoder import TileEncoder
from dreamer_jax.world_model.ensemble import Ensemble
from dreamer_jax.world_model.heads import Heads
from dreamer_jax.world_model.rssm import RSSM


class Modules(nn.Module):
  """The layers, and the ways through them."""

  config: config_lib.World
  pixels: jax.Array  # [V, 64] f32

  def setup(self):
    c = self.config
    merges = (c.tile_width, c.pair_width, c.cell_width)
    d = {"dtype": precision.compute_dtype(c.dtype)}
    self.encoder = TileEncoder(self.pixels, *merges, c.hidden, **d)
    sizes = (c.deter, c.stoch, c.classes, c.hidden)
    self.rssm = RSSM(*sizes, c.unimix, c.blocks, **d)
    self.decoder = TileDecoder(c.decoder_width, c.hidden, **d)
    if c.decoder == "pixels":
      self.logits = PixelLogits()
    else:
      self.logits = TileLogits(self.pixels, c.decoder_width)
    goals = 8 * DONE_BYTES if c.goal_heads else 0
    self.heads = Heads(c.head_width, c.probe_grad, goals, **d)
    if c.ensemble:
      width = c.ensemble_width
      self.members = Ensemble(c.ensemble, width, c.stoch, c.classes, **d)

  def encode(self, tiles):
    return self.encoder(tiles)

  def step(self, deter, stoch, action):
    return self.rssm.step(deter, stoch, action)

  def prior(self, deter):
    return self.rssm.prior(deter)

  def filter(self, deter, stoch, action, token):
    """The next deter, and the posterior of its stoch."""
    deter = self.rssm.step(deter, stoch, action)
    return deter, self.rssm.posterior(deter, token)

  def embed(self, features):
    return self.decoder(features)

  def logit_weights(self):
    return self.logits()

  def pixel_logits(self, embedded):
    return self.logits(embedded)

  def predict_heads(self, features, goal=None):
    return self.heads(features, goal)

  def ensemble(self, deter):
    return self.members(deter)

  def everything(self, tiles, action):
    """Touches every parameter once; for `init`."""
    c = self.config
    deter = jnp.zeros((len(tiles), c.deter))
    stoch = jnp.zeros((len(tiles), c.stoch, c.classes))
    deter, _ = self.filter(deter, stoch, action, self.encode(tiles))
    self.prior(deter)
    features = jnp.concatenate([deter, stoch.reshape(len(tiles), -1)], -1)
    embedded = self.embed(features)
    if c.decoder == "pixels":
      self.pixel_logits(embedded)
    else:
      self.logit_weights()
    self.heads(features)
    if c.ensemble:
      self.ensemble(deter)
