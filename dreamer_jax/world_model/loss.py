"""The world model's loss: tiles, reward terms, continue, probes, KL.

DreamerV3's, with a categorical loss over tile ids in place of pixels. All
parts are in nats a frame.
"""

from typing import NamedTuple

import chex
import jax
import jax.numpy as jnp
import optax

from dreamer_jax import config as config_lib
from dreamer_jax.contract import PROBES
from dreamer_jax.nn import functions
from dreamer_jax.types import Batch, Latent, feat
from dreamer_jax.world_model import picture_loss
from dreamer_jax.world_model.ensemble import ensemble_loss
from dreamer_jax.world_model.heads import AMOUNTS, EVENTS, amount_bins
from dreamer_jax.world_model.model import WorldModel


def cross_entropy(logits: jax.Array, ids: jax.Array) -> jax.Array:
  """`-log p(id)` over the last axis; no gather, so no scatter backwards."""
  hit = jnp.arange(logits.shape[-1]) == ids[..., None]
  picked = jnp.where(hit, logits, 0).sum(-1)
  return jax.nn.logsumexp(logits, -1) - picked


def head_loss(
  out: dict[str, jax.Array], batch: Batch, config: config_lib.WorldModelConfig
) -> tuple[jax.Array, dict]:
  """Reward terms, continue, goals and probes, averaged over `[...]` steps.

  The first step of an episode has no reward that an action led to, and a step
  whose RAM cannot be trusted has no probe target: both weigh nothing.

  Args:
    out: of `WorldModel.heads`, `[..., K]` each.
    batch: its `terms`, `labels`, `goals_done` and flags have that shape too.
    config: scales of the parts.
  """
  losses = {}
  real = 1.0 - batch.is_first.astype(jnp.float32)
  for name, index in EVENTS.items():
    happened = (batch.terms[..., index] > 0).astype(jnp.float32)
    nll = optax.sigmoid_binary_cross_entropy(out[name], happened)
    losses[name] = (nll * real).mean()
  for name, index in AMOUNTS.items():
    amount = functions.symlog(batch.terms[..., index])
    target = functions.two_hot(amount, amount_bins())
    nll = -(target * jax.nn.log_softmax(out[name], -1)).sum(-1)
    losses[name] = (nll * real).mean()
  goes_on = 1.0 - batch.is_terminal.astype(jnp.float32)
  nll = optax.sigmoid_binary_cross_entropy(out["cont"], goes_on)
  losses["cont"] = nll.mean()

  valid = batch.labels["valid"].astype(jnp.float32)
  if "goal_done" in out:
    nll = optax.sigmoid_binary_cross_entropy(
      out["goal_done"], unpack_bits(batch.goals_done)
    )
    losses["goal_done"] = (nll.sum(-1) * valid).mean()
  goal = losses.get("goal_done", 0.0)
  reward = sum(losses.values()) - goal

  for name, probe in PROBES.items():
    got, want = out[f"probe_{name}"], batch.labels[name]
    if probe.kind == "class":
      nll = cross_entropy(got, want.astype(jnp.int32))
    else:
      nll = 10.0 * jnp.square(got - want)  # unit-range values, in tenths
    losses[f"probe_{name}"] = (nll * valid).mean()
  probe = sum(v for k, v in losses.items() if k.startswith("probe_"))
  total = config.loss.reward_scale * reward + config.loss.probe_scale * probe
  total += config.loss.goal_scale * goal
  return total, losses


def unpack_bits(bits: jax.Array) -> jax.Array:
  """`[..., K]` u8 bit fields -> `[..., 8K]` f32; bit 0 of byte 0 is first."""
  bits = bits[..., None] >> jnp.arange(8, dtype=jnp.uint8)
  return (bits & 1).reshape(*bits.shape[:-2], -1).astype(jnp.float32)


def trained(
  config: config_lib.WorldModelConfig, updates: jax.Array | int
) -> jax.Array:
  """`[]` in 0-1: how much of the training that schedules span is done."""
  if not config.optimizer.decay_updates:
    return jnp.zeros(())
  return jnp.minimum(updates / config.optimizer.decay_updates, 1.0)


def free_nats(
  config: config_lib.WorldModelConfig, updates: jax.Array
) -> jax.Array:
  """The KL's floor `[]`: a line from the first value to the last."""
  done = trained(config, updates)
  return config.loss.free_nats + done * (
    config.loss.free_nats_end - config.loss.free_nats
  )


def kl_loss(
  posterior: jax.Array,
  prior: jax.Array,
  config: config_lib.WorldModelConfig,
  floor: jax.Array | float,
  weight: jax.Array,
) -> tuple[jax.Array, dict, jax.Array]:
  """Balanced KL with free nats (DreamerV3, eq. 5), on `[B, T, S, C]`.

  Args:
    posterior: log-probabilities.
    prior: log-probabilities.
    config: scales of both directions.
    floor: nats that are free.
    weight: `[B]` of the sequences, 1 on average.

  Returns:
    The loss, metrics, and the KL of each step in nats, `[B, T]`.
  """
  stop = jax.lax.stop_gradient
  dyn = functions.categorical_kl(stop(posterior), prior)
  rep = functions.categorical_kl(posterior, stop(prior))
  free = lambda kl: (jnp.maximum(kl, floor) * weight[:, None]).mean()
  loss = config.loss.dyn_scale * free(dyn) + config.loss.rep_scale * free(rep)
  usage = jnp.exp(posterior).mean((0, 1))  # [S, C], how often a class is used
  metrics = {
    "kl": dyn.mean(),
    "kl_on_floor": (dyn < floor).mean(),
    "posterior_entropy": functions.entropy(posterior).sum(-1).mean(),
    "prior_entropy": functions.entropy(prior).sum(-1).mean(),
    "usage_entropy": functions.entropy(jnp.log(usage)).sum(-1),
  }
  return loss, metrics, dyn


def surprise(kl: jax.Array) -> jax.Array:
  """`[B]` nats: the most that a step of `[B, T]` was unforeseen by.

  Of a window's first quarter nothing is taken: where it begins anew, the
  model has yet to find out where it is.
  """
  return kl[:, kl.shape[1] // 4 :].max(1)


class LossKeys(NamedTuple):
  """Keys of one loss, by use."""

  sample: jax.Array
  frames: jax.Array
  softmax: jax.Array
  heads: jax.Array
  ensemble: jax.Array
  overshoot: jax.Array


def world_loss(
  params,
  world: WorldModel,
  config: config_lib.WorldModelConfig,
  batch: Batch,
  rng: jax.Array,
  start: Latent | None = None,
  updates: jax.Array | int = 0,
) -> tuple[jax.Array, tuple[dict, jax.Array, Latent]]:
  """The whole loss of a batch.

  Args:
    params: the model's.
    world: its functions.
    config: scales, and how much of the batch is decoded.
    batch: `[B, T, ...]`.
    rng: of samples, and of the frames that are read.
    start: `[B, ...]` latents before the windows; None for none.
    updates: done so far; schedules depend on it.

  Returns:
    nats a frame, (metrics, each window's `surprise`, `[B, ...]` latents after
    the windows).
  """
  chex.assert_shape(batch.tiles, (None, None, 18, 20))
  keys = LossKeys(*jax.random.split(rng, len(LossKeys._fields)))
  size, length = batch.action.shape
  temperature = (
    config.latent.temperature * config.latent.temperature_decay**updates
  )
  latents, last = world.observe(
    params, world.initial(size) if start is None else start,
    world.encode(params, batch.tiles), batch.action, batch.is_first,
    keys.sample, temperature,
  )  # fmt: skip
  floor = free_nats(config, updates)
  prior = world.prior(params, latents.deter)
  loss, metrics, kl = kl_loss(
    latents.logits, prior, config, floor, batch.weight
  )

  flat = lambda x: x.reshape(size * length, *x.shape[2:])
  features = flat(feat(latents))
  seen = some_frames(keys.frames, size * length, config.sampling.decoded_frames)
  weight = picture_loss.weights(batch, config)
  picture, parts = picture_loss.picture_loss(
    world, params, features[seen], flat(batch.tiles)[seen],
    flat(weight)[seen], keys.softmax, config,
  )  # fmt: skip
  loss, metrics = loss + picture, metrics | parts

  steps = jax.tree.map(flat, batch.replace(weight=weight))
  read = some_frames(
    keys.heads, size * length, config.sampling.read_frames, is_rare(steps)
  )
  some = jax.tree.map(lambda x: x[read], steps)
  head, parts = head_loss(world.heads(params, features[read]), some, config)
  loss, metrics = loss + head, metrics | parts

  if config.network.ensemble:
    logits = world.ensemble(params, flat(latents.deter)[read])
    nats = ensemble_loss(logits, flat(latents.logits)[read], keys.ensemble)
    loss, metrics = loss + nats, metrics | {"ensemble": nats}
  if config.loss.overshoot_scale:
    nats = overshoot_loss(
      params, world, config, batch, latents, keys.overshoot, updates
    )
    loss += config.loss.overshoot_scale * nats
    metrics = metrics | {"overshoot": nats}
  return loss, (metrics | {"loss": loss}, surprise(kl), last)


def is_rare(steps: Batch) -> jax.Array:
  """`[N]` bool: an event, or an episode's end, on steps `[N, ...]`."""
  rare = steps.is_terminal
  for index in EVENTS.values():
    rare |= steps.terms[:, index] > 0
  return rare


def some_frames(
  rng: jax.Array, count: int, share: float, first: jax.Array | None = None
) -> jax.Array:
  """`[K]` i32 of `count` frames, drawn without replacement.

  Args:
    rng: a key.
    count: frames.
    share: of them that are drawn.
    first: `[count]` bool, frames that are taken before others are drawn.
  """
  lots = jax.random.uniform(rng, (count,))
  lots = lots if first is None else lots + first
  return jax.lax.top_k(lots, max(1, round(share * count)))[1]


def overshoot_loss(
  params,
  world: WorldModel,
  config: config_lib.WorldModelConfig,
  batch: Batch,
  latents: Latent,
  rng: jax.Array,
  updates: jax.Array | int,
) -> jax.Array:
  """Latent overshooting: KL `[]` of dreamed priors from posteriors, a step.

  From one step of each window the model dreams on under the window's actions
  (Hafner et al. 2019, PlaNet); how far grows with training. Only the dream
  gets a gradient, and only up to the next episode's beginning.
  """
  length = batch.action.shape[1]
  steps = min(config.loss.overshoot_steps, length - 1)
  start_key, *keys = jax.random.split(rng, steps + 1)
  latest = length - steps
  start = jax.random.randint(start_key, (len(batch.action),), 0, latest)
  rows = jnp.arange(len(start))
  at = lambda x, k: x[rows, start + k]
  stop = jax.lax.stop_gradient
  first = jax.tree.map(lambda x: stop(at(x, 0)), latents)
  follow = lambda x: jnp.stack([at(x, k + 1) for k in range(steps)])
  reach = jnp.maximum(1.0, steps * trained(config, updates))

  def step(carry, inputs):
    latent, alive = carry
    action, is_first, posterior, key, k = inputs
    alive = alive * (1.0 - is_first) * (k < reach)
    latent = world.predict(params, latent, action, key)
    kl = jnp.maximum(functions.categorical_kl(posterior, latent.logits), 1.0)
    return (latent, alive), ((kl * alive).sum(), alive.sum())

  xs = (
    follow(batch.action), follow(batch.is_first).astype(jnp.float32),
    stop(follow(latents.logits)), jnp.stack(keys), jnp.arange(steps),
  )  # fmt: skip
  alive = jnp.ones(len(start))
  _, (nats, count) = jax.lax.scan(step, (first, alive), xs)
  return nats.sum() / jnp.maximum(count.sum(), 1.0)
