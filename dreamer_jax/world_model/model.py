"""The world model: pure functions of parameters and arrays, as one class.

`WorldModel` knows its sizes and the codebook's pixels; all that is learned is
passed as `params`. So its methods compose with `jit`, `vmap` and `scan`.
"""

import chex
import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax import config as config_lib
from dreamer_jax.contract import DONE_BYTES, GRID
from dreamer_jax.nn import functions, precision
from dreamer_jax.nn import scan as scan_lib
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model.decoder import PixelLogits, TileDecoder, TileLogits
from dreamer_jax.world_model.encoder import TileEncoder
from dreamer_jax.world_model.ensemble import Ensemble, disagreement
from dreamer_jax.world_model.heads import Heads
from dreamer_jax.world_model.pixels import (
  pack_pixels,
  unpack_pixels,
  unpack_shades,
)
from dreamer_jax.world_model.rssm import RSSM


class WorldModel:
  """Filters what is seen, dreams on from it, and reads what it dreams.

  Attributes:
    config: sizes, and how it samples.
    shades: `[V, 64]` u8, the pixels of the codebook's tiles.
  """

  def __init__(self, config: config_lib.WorldModelConfig, patterns: jax.Array):
    """Builds the layers; parameters come from `init`.

    Args:
      config: the world model's settings.
      patterns: `[V, 16]` u8, the tile codebook.
    """
    self.config, c = config, config.network
    self._patterns = jnp.asarray(patterns)
    self.shades = unpack_shades(self._patterns)
    pixels = unpack_pixels(self._patterns)
    d = {"dtype": precision.compute_dtype(c.dtype)}
    merges = (c.tile_width, c.pair_width, c.cell_width)
    self._encoder = TileEncoder(pixels, *merges, c.hidden, **d)
    sizes = (c.deter, c.stoch, c.classes, c.hidden)
    self._rssm = RSSM(*sizes, config.latent.unimix, c.blocks, **d)
    self._decoder = TileDecoder(c.decoder_width, c.hidden, **d)
    if c.decoder == "pixels":
      self._logits = PixelLogits()
    else:
      self._logits = TileLogits(pixels, c.decoder_width)
    goals = 8 * DONE_BYTES if config.loss.goal_heads else 0
    self._heads = Heads(c.head_width, config.loss.probe_grad, goals, **d)
    self._members = None
    if c.ensemble:
      width = c.ensemble_width
      self._members = Ensemble(c.ensemble, width, c.stoch, c.classes, **d)

  def init(self, rng: jax.Array) -> dict:
    """The parameters' tree, one branch a layer group."""
    parts = _Parts(
      self._encoder, self._rssm, self._decoder, self._logits, self._heads,
      self._members,
    )  # fmt: skip
    return parts.init(rng)["params"]

  def initial(self, batch: int) -> Latent:
    """The latent before an episode, `[B, ...]` zeros."""
    c = self.config.network
    stoch = jnp.zeros((batch, c.stoch, c.classes))
    return Latent(jnp.zeros((batch, c.deter)), stoch, stoch)

  # ---- filtering

  def encode(self, params, tiles: jax.Array) -> jax.Array:
    """`[..., 18, 20]` ids -> `[..., hidden]` tokens."""
    own = {"params": params["encoder"]}
    return self._encoder.apply(own, tiles.astype(jnp.int32))

  def observe_step(
    self, params, latent: Latent, token, action, is_first, rng, temperature=1.0
  ) -> Latent:
    """One filtering step, `[B, ...]`; `is_first` forgets latent and action."""
    inputs = _reset(latent, action, is_first)
    own = {"params": params["rssm"]}
    deter, logits = self._rssm.apply(own, *inputs, token, method=RSSM.filter)
    noise = self._noise(rng, logits.shape)
    return Latent(deter, self._sample(noise, logits, temperature), logits)

  def observe(
    self, params, latent: Latent, tokens, action, is_first, rng, temperature=1.0
  ) -> tuple[Latent, Latent]:
    """Filters `[B, T, ...]`; returns all latents and the last."""
    chex.assert_rank([tokens, action, is_first], [3, 2, 2])
    size, length = action.shape
    c = self.config.network
    shape = (length, size, c.stoch, c.classes)

    def step(params, taps, latent, inputs):
      token, action, first, noise, temperature = inputs
      (deter, logits), state = self._rssm.apply(
        {"params": params, "taps": taps},
        *_reset(latent, action, first), token,
        method=RSSM.filter, mutable=["inputs"],
      )  # fmt: skip
      stoch = self._sample(noise, logits, temperature)
      latent = Latent(deter, stoch, logits)
      return (latent, latent), state["inputs"]

    by_time = lambda x: jnp.swapaxes(x, 0, 1)
    xs = (
      by_time(tokens), by_time(action), by_time(is_first),
      self._noise(rng, shape), jnp.full(length, temperature),
    )  # fmt: skip
    taps = jax.tree.map(jnp.zeros_like, self._taps(latent, tokens[:, 0]))
    last, latents = scan_lib.scan(step, params["rssm"], taps, latent, xs)
    return jax.tree.map(by_time, latents), last

  def _taps(self, latent: Latent, token: jax.Array) -> dict:
    """Shapes of what one step's dense layers put out, for `scan`."""
    action = jnp.zeros(len(token), jnp.int32)
    init = lambda: self._rssm.init(
      jax.random.PRNGKey(0), latent.deter, latent.stoch, action, token,
      method=RSSM.filter,
    )  # fmt: skip
    return jax.eval_shape(init)["taps"]

  # ---- dreaming

  def prior(self, params, deter: jax.Array) -> jax.Array:
    """`[..., D]` -> the prior's log-probabilities `[..., S, C]`."""
    own = {"params": params["rssm"]}
    return self._rssm.apply(own, deter, method=RSSM.prior)

  def predict(self, params, latent: Latent, action, rng) -> Latent:
    """One imagined step: a sample of the prior, `[B, ...]`.

    The sample leaves out the prior's uniform share, which is there for the
    training's sake, and classes less likely than `dream_floor`. Over 15 steps
    of many variables such small chances add up to wrong turns.
    """
    deter = self._next(params, latent, action)
    logits = self.prior(params, deter)
    uniform = jax.random.uniform(rng, logits.shape[:-1])
    c = self.config
    likely = functions.likely(logits, c.latent.dream_floor, c.latent.unimix)
    drawn = functions.sample_straight_through(uniform, likely)
    return Latent(deter, drawn, logits)

  def forecast(self, params, latent: Latent, action) -> Latent:
    """One imagined step that takes each variable's most likely class."""
    deter = self._next(params, latent, action)
    logits = self.prior(params, deter)
    return Latent(deter, functions.mode(logits), logits)

  def _next(self, params, latent: Latent, action) -> jax.Array:
    """The next deter, `[B, D]`."""
    own = {"params": params["rssm"]}
    return self._rssm.apply(
      own, latent.deter, latent.stoch, action, method=RSSM.step
    )

  # ---- reading latents

  def embed(self, params, features) -> jax.Array:
    """`[N, F]` -> `[N, 18, 20, decoder_width]`."""
    chex.assert_rank(features, 2)
    return self._decoder.apply({"params": params["decoder"]}, features)

  def logit_weights(self, params) -> tuple[jax.Array, jax.Array]:
    """`[decoder_width, V]` and `[V]`, from an embedding to tile logits."""
    return self._logits.apply({"params": params["logits"]})

  def pixel_logits(self, params, embedded: jax.Array) -> jax.Array:
    """`[..., decoder_width]` -> `[..., 64, 4]` logits of shades."""
    return self._logits.apply({"params": params["logits"]}, embedded)

  def tiles(self, params, latent: Latent) -> jax.Array:
    """The codebook's most likely picture: `[B, 18, 20]` i16 ids."""
    embedded = self.embed(params, feat(latent))
    if self.config.network.decoder == "tiles":
      kernel, bias = self.logit_weights(params)
      logits = embedded @ kernel + bias
    else:  # a tile is as likely as all of its shades
      nats = jax.nn.log_softmax(self.pixel_logits(params, embedded), -1)
      shades = jax.nn.one_hot(self.shades, nats.shape[-1])
      logits = jnp.einsum("...ps,vps->...v", nats, shades)
    return logits.argmax(-1).astype(jnp.int16)

  def picture(self, params, latent: Latent) -> jax.Array:
    """The most likely picture: `[B, 18, 20, 16]` u8, packed tiles.

    With the pixel decoder these need not be tiles of the codebook.
    """
    if self.config.network.decoder == "tiles":
      return self._patterns[self.tiles(params, latent)]
    embedded = self.embed(params, feat(latent))
    shades = self.pixel_logits(params, embedded).argmax(-1)
    return pack_pixels(shades)

  def heads(self, params, features, goal=None) -> dict[str, jax.Array]:
    """`[..., F]` -> reward terms, cont and probes by name; see `Heads`."""
    return self._heads.apply({"params": params["heads"]}, features, goal)

  def ensemble(self, params, deter: jax.Array) -> jax.Array:
    """`[N, D]` -> the members' log-probabilities `[K, N, S, C]`."""
    return self._members.apply({"params": params["members"]}, deter)

  def uncertainty(self, params, deter: jax.Array) -> jax.Array:
    """`[N, D]` -> `[N]` nats of disagreement about this step's stoch."""
    return disagreement(self.ensemble(params, deter))

  # ---- sampling

  def _noise(self, rng: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """The chance that `_sample` needs for logits of this shape."""
    if self.config.latent.sampler == "gumbel":
      return jax.random.gumbel(rng, shape)
    return jax.random.uniform(rng, shape[:-1])

  def _sample(self, noise, logits, temperature) -> jax.Array:
    if self.config.latent.sampler == "gumbel":
      floor = self.config.latent.temperature_floor
      return functions.sample_gumbel(noise, logits, temperature, floor)
    return functions.sample_straight_through(noise, logits)


def _reset(latent: Latent, action: jax.Array, is_first: jax.Array) -> tuple:
  """Deter, stoch and action for the next step, zero where an episode begins."""
  keep = 1.0 - is_first.astype(jnp.float32)
  action = jnp.where(is_first, 0, action)
  deter, stoch = latent.deter * keep[:, None], latent.stoch
  return deter, stoch * keep[:, None, None], action


class _Parts(nn.Module):
  """All layers under one roof, to be initialised together."""

  encoder: TileEncoder
  rssm: RSSM
  decoder: TileDecoder
  logits: TileLogits | PixelLogits
  heads: Heads
  members: Ensemble | None

  def __call__(self):
    """Touches every parameter once."""
    token = self.encoder(jnp.zeros((1, *GRID), jnp.int32))
    deter = jnp.zeros((1, self.rssm.deter))
    stoch = jnp.zeros((1, self.rssm.stoch, self.rssm.classes))
    action = jnp.zeros(1, jnp.int32)
    deter, _ = self.rssm.filter(deter, stoch, action, token)
    self.rssm.prior(deter)
    features = jnp.concatenate([deter, stoch.reshape(1, -1)], -1)
    embedded = self.decoder(features)
    if isinstance(self.logits, PixelLogits):
      self.logits(embedded)
    else:
      self.logits()
    self.heads(features)
    if self.members is not None:
      self.members(deter)
