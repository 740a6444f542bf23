"""The world model's loss: tiles, reward terms, continue, probes, KL.

DreamerV3's, with a categorical loss over tile ids in place of pixels. All
parts are in nats a frame.
"""

import chex
import jax
import jax.numpy as jnp
import optax

from dreamer_jax import config as config_lib
from dreamer_jax import ops
from dreamer_jax.types import NUM_TILES, PROBES, Batch, Latent, feat
from dreamer_jax.world.encoder import CELLS, PAIRS, TILES, to_cells
from dreamer_jax.world.heads import AMOUNTS, EVENTS, amount_bins
from dreamer_jax.world.model import World
from dreamer_jax.world.softmax import linear_cross_entropy


def cross_entropy(logits: jax.Array, ids: jax.Array) -> jax.Array:
  """`-log p(id)` over the last axis; no gather, so no scatter backwards."""
  hit = jnp.arange(logits.shape[-1]) == ids[..., None]
  picked = jnp.where(hit, logits, 0).sum(-1)
  return jax.nn.logsumexp(logits, -1) - picked


def tile_loss(
  world: World,
  params,
  features: jax.Array,
  tiles: jax.Array,
  weight: jax.Array,
  rng: jax.Array,
  count: int,
) -> tuple[jax.Array, dict]:
  """Cross-entropy of some cells of each screen, scaled to a whole frame.

  Args:
    world: the model's functions.
    params: its parameters.
    features: `[N, F]`.
    tiles: `[N, 18, 20]` ids.
    weight: `[N]`, how much each frame counts; only ratios matter.
    rng: which cells are decoded.
    count: cells decoded of each frame's 15.

  Returns:
    nats a frame, and the share of tiles whose most likely id is right.
  """
  size = len(tiles)
  lots = jax.random.uniform(rng, (size, CELLS))
  _, cells = jax.lax.top_k(lots, count)  # without replacement
  embedded = world.embed(params, features, cells)
  ids = jnp.take_along_axis(to_cells(tiles), cells[..., None, None], 1)
  share = weight / (weight.sum() * count * PAIRS * TILES)
  loss, right = linear_cross_entropy(
    embedded.reshape(ids.size, -1), *world.logit_weights(params),
    ids.astype(jnp.int32).ravel(), jnp.repeat(share, ids.size // size),
  )  # fmt: skip
  loss *= NUM_TILES
  return loss, {"tile": loss, "tile_accuracy": right}


def head_loss(
  out: dict[str, jax.Array], batch: Batch, config: config_lib.World
) -> tuple[jax.Array, dict]:
  """Reward terms, continue and probes, all `[B, T]` averaged.

  The first step of an episode has no reward that an action led to, and a step
  whose RAM cannot be trusted has no probe target: both weigh nothing.
  """
  losses = {}
  real = 1.0 - batch.is_first.astype(jnp.float32)
  for name, index in EVENTS.items():
    happened = (batch.terms[..., index] > 0).astype(jnp.float32)
    nll = optax.sigmoid_binary_cross_entropy(out[name], happened)
    losses[name] = (nll * real).mean()
  for name, index in AMOUNTS.items():
    amount = ops.symlog(batch.terms[..., index])
    target = ops.two_hot(amount, amount_bins())
    nll = -(target * jax.nn.log_softmax(out[name], -1)).sum(-1)
    losses[name] = (nll * real).mean()
  goes_on = 1.0 - batch.is_terminal.astype(jnp.float32)
  nll = optax.sigmoid_binary_cross_entropy(out["cont"], goes_on)
  losses["cont"] = nll.mean()
  reward = sum(losses.values())

  valid = batch.labels["valid"].astype(jnp.float32)
  for name, classes in PROBES.items():
    got, want = out[f"probe_{name}"], batch.labels[name]
    if classes > 1:
      nll = cross_entropy(got, want.astype(jnp.int32))
    else:
      nll = 10.0 * jnp.square(got - want)  # unit-range values, in tenths
    losses[f"probe_{name}"] = (nll * valid).mean()
  probe = sum(v for k, v in losses.items() if k.startswith("probe_"))
  total = config.reward_scale * reward + config.probe_scale * probe
  return total, losses


def kl_loss(
  posterior: jax.Array, prior: jax.Array, config: config_lib.World
) -> tuple[jax.Array, dict]:
  """Balanced KL with free nats (DreamerV3, eq. 5), on `[B, T, S, C]`."""
  stop = jax.lax.stop_gradient
  dyn = ops.categorical_kl(stop(posterior), prior)
  rep = ops.categorical_kl(posterior, stop(prior))
  free = lambda kl: jnp.maximum(kl, config.free_nats).mean()
  loss = config.dyn_scale * free(dyn) + config.rep_scale * free(rep)
  usage = jnp.exp(posterior).mean((0, 1))  # [S, C], how often a class is used
  metrics = {
    "kl": dyn.mean(),
    "kl_on_floor": (dyn < config.free_nats).mean(),
    "posterior_entropy": ops.entropy(posterior).sum(-1).mean(),
    "prior_entropy": ops.entropy(prior).sum(-1).mean(),
    "usage_entropy": ops.entropy(jnp.log(usage)).sum(-1),
  }
  return loss, metrics


def world_loss(
  params,
  world: World,
  config: config_lib.World,
  batch: Batch,
  rng: jax.Array,
  temperature: jax.Array | float = 1.0,
) -> tuple[jax.Array, tuple[dict, Latent]]:
  """The whole loss of a batch.

  Returns:
    nats a frame, (metrics, posterior latents `[B, T, ...]`).
  """
  chex.assert_shape(batch.tiles, (None, None, 18, 20))
  sample_key, pairs_key = jax.random.split(rng)
  size, length = batch.action.shape
  latents, _ = world.observe(
    params, world.initial(size), world.encode(params, batch.tiles),
    batch.action, batch.is_first, sample_key, temperature,
  )  # fmt: skip
  features = feat(latents)
  kl, kl_metrics = kl_loss(
    latents.logits, world.prior(params, latents.deter), config
  )
  flat = features.reshape(size * length, -1)
  tiles = batch.tiles.reshape(size * length, 18, 20)
  in_battle = batch.labels["in_battle"].reshape(-1).astype(jnp.float32)
  weight = 1.0 + (config.battle_scale - 1.0) * in_battle
  tile, tile_metrics = tile_loss(
    world, params, flat, tiles, weight, pairs_key, config.decoded_cells
  )
  out = world.heads(params, features)
  head, head_metrics = head_loss(out, batch, config)
  loss = tile + head + kl
  metrics = {"loss": loss, **tile_metrics, **kl_metrics, **head_metrics}
  return loss, (metrics, latents)
