"""Provides the loss of the drawn screen, and how much each tile counts in it.

The decoder names tiles, or shades of pixels for comparison.
"""

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.contract import NUM_TILES
from dreamer_jax.nn.softmax import linear_cross_entropy
from dreamer_jax.types import Batch
from dreamer_jax.world_model.decoder import PIXELS, SHADES
from dreamer_jax.world_model.model import WorldModel

_RAREST = 10.0  # largest weight of a rare tile
_HEAVIEST = 20.0  # largest weight of a tile that changes while few others do
_ABOUT = 4  # frames before and after in which a change counts


def weights(batch: Batch, config: config_lib.WorldModelConfig) -> jax.Array:
  """`[B, T, 18, 20]`, how much each tile counts; only ratios matter.

  A tile counts `1 + moving_scale * moving(tiles)`, 20 at most, and more the
  rarer its id is in the batch, by `rare_power`.
  """
  in_battle = batch.labels["in_battle"].astype(jnp.float32)
  frame = 1.0 + (config.loss.battle_scale - 1.0) * in_battle
  frame *= batch.weight[:, None]
  weight = jnp.broadcast_to(frame[..., None, None], batch.tiles.shape)
  if config.loss.moving_scale:
    more = config.loss.moving_scale * moving(batch.tiles)
    weight *= jnp.minimum(1.0 + more, _HEAVIEST)
  if config.loss.rare_power:
    ids = batch.tiles.astype(jnp.int32)
    count = jnp.zeros(config.network.codebook).at[ids.ravel()].add(1.0)
    usual = ids.size / jnp.maximum((count > 0).sum(), 1)
    rarity = (usual / jnp.maximum(count, 1.0)) ** config.loss.rare_power
    weight *= jnp.clip(rarity, 1.0, _RAREST)[ids]
  return weight


def moving(tiles: jax.Array) -> jax.Array:
  """How much each tile stands out by its changes, `[B, T, 18, 20]`, 0 to 360.

  The places that change within four frames, before or after, share 360 evenly;
  all others have 0. So each place has 1 while the whole screen scrolls. On a
  screen that is still but for a list's cursor, the few places that the cursor
  comes to or leaves have all of it.

  Args:
    tiles: `[B, T, 18, 20]` ids; the first frame of a window has not changed.
  """
  changed = tiles[:, 1:] != tiles[:, :-1]
  changed = jnp.pad(changed, ((0, 0), (1, 0), (0, 0), (0, 0)))
  span = (1, 2 * _ABOUT + 1, 1, 1)
  about = jax.lax.reduce_window(
    changed.astype(jnp.float32), 0.0, jax.lax.max, span, (1, 1, 1, 1), "SAME"
  )
  count = about.sum((-2, -1), keepdims=True)
  return about * NUM_TILES / jnp.maximum(count, 1.0)


def picture_loss(
  world: WorldModel,
  params,
  features: jax.Array,
  tiles: jax.Array,
  weight: jax.Array,
  rng: jax.Array,
  config: config_lib.WorldModelConfig,
) -> tuple[jax.Array, dict]:
  """Cross-entropy of the screens, in nats a frame.

  Args:
    world: the model's functions.
    params: its parameters.
    features: `[N, F]`.
    tiles: `[N, 18, 20]` ids.
    weight: `[N, 18, 20]`, of `weights`.
    rng: which tiles compete, where not all do.
    config: says how.

  Returns:
    nats a frame, and the share of tiles that come out right.
  """
  ids, share = tiles.astype(jnp.int32).ravel(), weight.ravel()
  share /= share.sum()
  rows = world.embed(params, features).reshape(len(ids), -1)
  if config.network.decoder == "pixels":
    loss, right = _pixel_loss(world, params, rows, ids, share)
  else:
    kernel, bias = world.logit_weights(params)
    limit = config.loss.softmax_tiles
    if limit and limit < len(bias):
      chosen, ids = restrict(ids, len(bias), limit, rng)
      kernel, bias = kernel[:, chosen], bias[chosen]
    loss, right = linear_cross_entropy(rows, kernel, bias, ids, share)
  loss *= NUM_TILES
  return loss, {"tile": loss, "tile_accuracy": right}


def restrict(
  ids: jax.Array, codebook: int, limit: int, rng: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """The ids that occur, filled up by others drawn at random.

  With thousands of tiles, most of a softmax is about tiles that nobody asked
  for; a random few of those are enough to keep them down (Jean et al. 2015).

  Args:
    ids: `[R]` i32 wanted.
    codebook: V.
    limit: K, classes to keep. Ids beyond the K most frequent are lost, to the
      last of the classes kept, so K must exceed what a batch shows.
    rng: which others.

  Returns:
    `[K]` i32 ids kept, and `[R]` i32: the places of `ids` among them.
  """
  count = jnp.zeros(codebook).at[ids].add(1.0)
  lots = jax.random.uniform(rng, (codebook,))
  _, chosen = jax.lax.top_k(count + lots, limit)
  place = jnp.full(codebook, limit - 1, jnp.int32)
  place = place.at[chosen].set(jnp.arange(limit, dtype=jnp.int32))
  return chosen, place[ids]


def _pixel_loss(world: WorldModel, params, rows, ids, share) -> tuple:
  """Nats a tile of its 64 shades, and the share of tiles wholly right."""
  logits = world.pixel_logits(params, rows)  # [R, 64, 4]
  wanted = world.shades[ids]  # [R, 64]
  hit = jax.nn.one_hot(wanted, SHADES)
  nats = -(jax.nn.log_softmax(logits, -1) * hit).sum((-2, -1))
  right = (logits.argmax(-1) == wanted).sum(-1) == PIXELS
  return (nats * share).sum(), (right * share).sum()
