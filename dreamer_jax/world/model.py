"""The world model as a bundle of pure functions.

`make_world` closes the modules over their sizes and the codebook's pixels;
everything else takes `params` and arrays, so it composes with jit, vmap, scan.
"""

from collections.abc import Callable
from typing import NamedTuple

import chex
import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax import config as config_lib
from dreamer_jax import ops
from dreamer_jax.types import Latent, feat
from dreamer_jax.world.decoder import TileDecoder
from dreamer_jax.world.encoder import CELLS, PAIRS, TileEncoder, from_cells
from dreamer_jax.world.heads import Heads
from dreamer_jax.world.rssm import RSSM

NUM_PAIRS = CELLS * PAIRS


class World(NamedTuple):
  """The model's functions. Shapes are given at `make_world`'s inner ones."""

  init: Callable
  initial: Callable
  encode: Callable
  observe: Callable
  observe_step: Callable
  prior: Callable
  predict: Callable
  forecast: Callable
  decode: Callable
  tiles: Callable
  heads: Callable


class Modules(nn.Module):
  """All parameters of the world model, under one roof."""

  config: config_lib.World
  pixels: jax.Array  # [V, 64] f32

  def setup(self):
    c = self.config
    merges = (c.tile_width, c.pair_width, c.cell_width)
    self.encoder = TileEncoder(self.pixels, *merges, c.hidden)
    self.rssm = RSSM(c.deter, c.stoch, c.classes, c.hidden, c.unimix)
    self.decoder = TileDecoder(len(self.pixels), *merges, c.hidden)
    self.heads = Heads(c.head_width, c.probe_grad)

  def encode(self, tiles):
    return self.rssm.project(self.encoder(tiles))

  def step(self, deter, stoch, action):
    return self.rssm.step(deter, stoch, action)

  def prior(self, deter):
    return self.rssm.prior(deter)

  def posterior(self, deter, token):
    return self.rssm.posterior(deter, token)

  def decode(self, features, pairs=None):
    return self.decoder(features, pairs)

  def predict_heads(self, features):
    return self.heads(features)

  def everything(self, tiles, action):
    """Touches every parameter once; for `init`."""
    c = self.config
    deter = jnp.zeros((len(tiles), c.deter))
    stoch = jnp.zeros((len(tiles), c.stoch, c.classes))
    deter = self.step(deter, stoch, action)
    self.posterior(deter, self.encode(tiles)), self.prior(deter)
    features = jnp.concatenate([deter, stoch.reshape(len(tiles), -1)], -1)
    self.decode(features), self.heads(features)


def unpack_pixels(patterns: jax.Array) -> jax.Array:
  """`[V, 16]` u8, 2-bit pixels -> `[V, 64]` f32 in [-1, 1]."""
  shifts = jnp.array([6, 4, 2, 0], jnp.uint8)
  shades = (patterns[..., None] >> shifts) & 3
  return shades.reshape(len(patterns), 64).astype(jnp.float32) / 1.5 - 1


def make_world(config: config_lib.World, patterns: jax.Array) -> World:
  """Builds the model's functions.

  Args:
    config: sizes and losses.
    patterns: `[V, 16]` u8, the tile codebook.

  Returns:
    A `World`; see the inner functions for shapes.
  """
  modules = Modules(config, unpack_pixels(jnp.asarray(patterns)))

  def apply(params, method, *args):
    return modules.apply({"params": params}, *args, method=method)

  def init(rng: jax.Array) -> dict:
    """The parameters' tree."""
    tiles = jnp.zeros((1, 18, 20), jnp.int32)
    action = jnp.zeros((1,), jnp.int32)
    return modules.init(rng, tiles, action, method="everything")["params"]

  def initial(batch: int) -> Latent:
    """The latent before an episode, `[B, ...]` zeros."""
    stoch = jnp.zeros((batch, config.stoch, config.classes))
    return Latent(jnp.zeros((batch, config.deter)), stoch, stoch)

  def encode(params, tiles: jax.Array) -> jax.Array:
    """`[..., 18, 20]` ids -> `[..., hidden]` tokens."""
    return apply(params, "encode", tiles.astype(jnp.int32))

  def sample(rng, logits, temperature):
    if config.sampler == "gumbel":
      floor = config.temperature_floor
      return ops.sample_gumbel(rng, logits, temperature, floor)
    return ops.sample_straight_through(rng, logits)

  def observe_step(
    params, latent: Latent, token, action, is_first, rng, temperature=1.0
  ) -> Latent:
    """One filtering step, `[B, ...]`; `is_first` forgets latent and action."""
    keep = 1.0 - is_first.astype(jnp.float32)
    deter = latent.deter * keep[:, None]
    stoch = latent.stoch * keep[:, None, None]
    action = jnp.where(is_first, 0, action)
    deter = apply(params, "step", deter, stoch, action)
    logits = apply(params, "posterior", deter, token)
    return Latent(deter, sample(rng, logits, temperature), logits)

  def observe(
    params, latent: Latent, tokens, action, is_first, rng, temperature=1.0
  ) -> tuple[Latent, Latent]:
    """Filters `[B, T, ...]`; returns all latents and the last."""
    chex.assert_rank([tokens, action, is_first], [3, 2, 2])
    keys = jax.random.split(rng, tokens.shape[1])

    def step(carry, inputs):
      token, action_t, first, key = inputs
      carry = observe_step(
        params, carry, token, action_t, first, key, temperature
      )
      return carry, carry

    by_time = lambda x: jnp.swapaxes(x, 0, 1)
    inputs = (by_time(tokens), by_time(action), by_time(is_first), keys)
    last, latents = jax.lax.scan(step, latent, inputs)
    return jax.tree.map(by_time, latents), last

  def prior(params, deter: jax.Array) -> jax.Array:
    """`[..., D]` -> the prior's log-probabilities `[..., S, C]`."""
    return apply(params, "prior", deter)

  def predict(params, latent: Latent, action, rng) -> Latent:
    """One imagined step: a sample of the prior, `[B, ...]`."""
    deter = apply(params, "step", latent.deter, latent.stoch, action)
    logits = prior(params, deter)
    return Latent(deter, ops.sample_straight_through(rng, logits), logits)

  def forecast(params, latent: Latent, action) -> Latent:
    """One imagined step that takes each variable's most likely class."""
    deter = apply(params, "step", latent.deter, latent.stoch, action)
    logits = prior(params, deter)
    return Latent(deter, ops.mode(logits), logits)

  def decode(params, features, pairs=None) -> jax.Array:
    """`[N, F]` -> `[N, K, 4, V]` logits of the chosen pair cells (or all)."""
    chex.assert_rank(features, 2)
    return apply(params, "decode", features, pairs)

  def tiles(params, latent: Latent) -> jax.Array:
    """The most likely picture: `[B, 18, 20]` i16 ids."""
    ids = decode(params, feat(latent)).argmax(-1).astype(jnp.int16)
    return from_cells(ids.reshape(-1, CELLS, PAIRS, 4))

  def heads(params, features) -> dict[str, jax.Array]:
    """`[..., F]` -> reward terms, cont and probes by name."""
    return apply(params, "predict_heads", features)

  return World(
    init, initial, encode, observe, observe_step, prior, predict, forecast,
    decode, tiles, heads,
  )  # fmt: skip
