"""The world model as a bundle of pure functions.

`make_world` closes the modules over their sizes and the codebook's pixels;
everything else takes `params` and arrays, so it composes with jit, vmap, scan.
"""

from collections.abc import Callable
from typing import NamedTuple

import chex
import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.nn import functions as ops
from dreamer_jax.nn import scan as scan_lib
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model import ensemble as ensemble_lib
from dreamer_jax.world_model.modules import Modules
from dreamer_jax.world_model.pixels import (
  pack_pixels,
  unpack_pixels,
  unpack_shades,
)


class World(NamedTuple):
  """The model's functions. Shapes are given at `_Functions`."""

  init: Callable
  initial: Callable
  encode: Callable
  observe: Callable
  observe_step: Callable
  prior: Callable
  predict: Callable
  forecast: Callable
  embed: Callable
  logit_weights: Callable
  pixel_logits: Callable
  tiles: Callable
  picture: Callable
  heads: Callable
  ensemble: Callable
  uncertainty: Callable
  shades: jax.Array  # [V, 64] u8, the codebook's pixels


def make_world(config: config_lib.World, patterns: jax.Array) -> World:
  """Builds the model's functions.

  Args:
    config: sizes and losses.
    patterns: `[V, 16]` u8, the tile codebook.

  Returns:
    A `World`; see the methods of `_Functions` for shapes.
  """
  patterns = jnp.asarray(patterns)
  modules = Modules(config, unpack_pixels(patterns))
  functions = _Functions(config, modules, patterns)
  return World(*(getattr(functions, name) for name in World._fields))


class _Functions:
  """What `World` holds: pure functions of parameters and arrays."""

  def __init__(
    self, config: config_lib.World, modules: Modules, patterns: jax.Array
  ):
    self._config = config
    self._modules = modules
    self._patterns = patterns
    self.shades = unpack_shades(patterns)

  def _apply(self, params, method, *args):
    return self._modules.apply({"params": params}, *args, method=method)

  def init(self, rng: jax.Array) -> dict:
    """The parameters' tree."""
    tiles = jnp.zeros((1, 18, 20), jnp.int32)
    action = jnp.zeros((1,), jnp.int32)
    init = self._modules.init(rng, tiles, action, method="everything")
    return init["params"]

  def initial(self, batch: int) -> Latent:
    """The latent before an episode, `[B, ...]` zeros."""
    c = self._config
    stoch = jnp.zeros((batch, c.stoch, c.classes))
    return Latent(jnp.zeros((batch, c.deter)), stoch, stoch)

  # ---- filtering

  def encode(self, params, tiles: jax.Array) -> jax.Array:
    """`[..., 18, 20]` ids -> `[..., hidden]` tokens."""
    return self._apply(params, "encode", tiles.astype(jnp.int32))

  def observe_step(
    self, params, latent: Latent, token, action, is_first, rng, temperature=1.0
  ) -> Latent:
    """One filtering step, `[B, ...]`; `is_first` forgets latent and action."""
    inputs = _reset(latent, action, is_first)
    deter, logits = self._apply(params, "filter", *inputs, token)
    noise = self._noise(rng, logits.shape)
    return Latent(deter, self._sample(noise, logits, temperature), logits)

  def observe(
    self, params, latent: Latent, tokens, action, is_first, rng, temperature=1.0
  ) -> tuple[Latent, Latent]:
    """Filters `[B, T, ...]`; returns all latents and the last."""
    chex.assert_rank([tokens, action, is_first], [3, 2, 2])
    size, length = action.shape
    shape = (length, size, self._config.stoch, self._config.classes)

    def step(params, taps, latent, inputs):
      token, action, first, noise, temperature = inputs
      (deter, logits), state = self._modules.apply(
        {"params": params, "taps": taps},
        *_reset(latent, action, first), token,
        method="filter", mutable=["inputs"],
      )  # fmt: skip
      stoch = self._sample(noise, logits, temperature)
      latent = Latent(deter, stoch, logits)
      return (latent, latent), state["inputs"]

    by_time = lambda x: jnp.swapaxes(x, 0, 1)
    xs = (
      by_time(tokens), by_time(action), by_time(is_first),
      self._noise(rng, shape), jnp.full(length, temperature),
    )  # fmt: skip
    own = {"rssm": params["rssm"]}
    taps = jax.tree.map(jnp.zeros_like, self._taps(latent, tokens[:, 0]))
    last, latents = scan_lib.scan(step, own, taps, latent, xs)
    return jax.tree.map(by_time, latents), last

  def _taps(self, latent: Latent, token: jax.Array) -> dict:
    """The shapes of the dense layers' outputs in a filtering step."""
    action = jnp.zeros(len(token), jnp.int32)
    init = lambda: self._modules.init(
      jax.random.PRNGKey(0), latent.deter, latent.stoch, action, token,
      method="filter",
    )  # fmt: skip
    return jax.eval_shape(init)["taps"]

  # ---- dreaming

  def prior(self, params, deter: jax.Array) -> jax.Array:
    """`[..., D]` -> the prior's log-probabilities `[..., S, C]`."""
    return self._apply(params, "prior", deter)

  def predict(self, params, latent: Latent, action, rng) -> Latent:
    """One imagined step: a sample of the prior, `[B, ...]`.

    The sample leaves out the prior's uniform share, which is there for the
    training's sake, and classes less likely than `dream_floor`. Over 15 steps
    of many variables such small chances add up to wrong turns.
    """
    deter = self._apply(params, "step", latent.deter, latent.stoch, action)
    logits = self.prior(params, deter)
    uniform = jax.random.uniform(rng, logits.shape[:-1])
    c = self._config
    likely = ops.likely(logits, c.dream_floor, c.unimix)
    drawn = ops.sample_straight_through(uniform, likely)
    return Latent(deter, drawn, logits)

  def forecast(self, params, latent: Latent, action) -> Latent:
    """One imagined step that takes each variable's most likely class."""
    deter = self._apply(params, "step", latent.deter, latent.stoch, action)
    logits = self.prior(params, deter)
    return Latent(deter, ops.mode(logits), logits)

  # ---- reading latents

  def embed(self, params, features) -> jax.Array:
    """`[N, F]` -> `[N, 18, 20, decoder_width]`."""
    chex.assert_rank(features, 2)
    return self._apply(params, "embed", features)

  def logit_weights(self, params) -> tuple[jax.Array, jax.Array]:
    """`[decoder_width, V]` and `[V]`, from an embedding to tile logits."""
    return self._apply(params, "logit_weights")

  def pixel_logits(self, params, embedded: jax.Array) -> jax.Array:
    """`[..., decoder_width]` -> `[..., 64, 4]` logits of shades."""
    return self._apply(params, "pixel_logits", embedded)

  def tiles(self, params, latent: Latent) -> jax.Array:
    """The codebook's most likely picture: `[B, 18, 20]` i16 ids."""
    embedded = self.embed(params, feat(latent))
    if self._config.decoder == "tiles":
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
    if self._config.decoder == "tiles":
      return self._patterns[self.tiles(params, latent)]
    embedded = self.embed(params, feat(latent))
    shades = self.pixel_logits(params, embedded).argmax(-1)
    return pack_pixels(shades)

  def heads(self, params, features, goal=None) -> dict[str, jax.Array]:
    """`[..., F]` -> reward terms, cont and probes by name; see `Heads`."""
    return self._apply(params, "predict_heads", features, goal)

  def ensemble(self, params, deter: jax.Array) -> jax.Array:
    """`[N, D]` -> the members' log-probabilities `[K, N, S, C]`."""
    return self._apply(params, "ensemble", deter)

  def uncertainty(self, params, deter: jax.Array) -> jax.Array:
    """`[N, D]` -> `[N]` nats of disagreement about this step's stoch."""
    return ensemble_lib.disagreement(self.ensemble(params, deter))

  # ---- sampling

  def _noise(self, rng: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """The chance that `_sample` needs for logits of this shape."""
    if self._config.sampler == "gumbel":
      return jax.random.gumbel(rng, shape)
    return jax.random.uniform(rng, shape[:-1])

  def _sample(self, noise, logits, temperature) -> jax.Array:
    if self._config.sampler == "gumbel":
      floor = self._config.temperature_floor
      return ops.sample_gumbel(noise, logits, temperature, floor)
    return ops.sample_straight_through(noise, logits)


def _reset(latent: Latent, action: jax.Array, is_first: jax.Array) -> tuple:
  """Deter, stoch and action for the next step, zero where an episode begins."""
  keep = 1.0 - is_first.astype(jnp.float32)
  action = jnp.where(is_first, 0, action)
  deter, stoch = latent.deter * keep[:, None], latent.stoch
  return deter, stoch * keep[:, None, None], action
