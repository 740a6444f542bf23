"""The world model's learner: its state, one update of it, and validation.

Everything is a pure function of arrays: who calls compiles it, repeats it,
and spreads it over devices (`training.learners`).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import struct

from dreamer_jax import config as config_lib
from dreamer_jax.nn import optimizers
from dreamer_jax.types import Batch, Metrics, ReadFn, Streams
from dreamer_jax.world_model import surprises
from dreamer_jax.world_model.loss import world_loss
from dreamer_jax.world_model.model import WorldModel

# A layer whose outputs are the codebook's tiles, and its parameters.
_TILE_LAYER, _TILE_LEAVES = "logits", ("kernel", "bias")


@struct.dataclass
class WorldState:
  """The world model's learner."""

  params: dict
  ema: dict  # their running average; empty where `ema_decay` is None
  opt: optax.OptState
  streams: Streams  # where in the replay it reads on
  rng: jax.Array  # [2] u32
  updates: jax.Array  # [] i32

  @property
  def weights(self) -> dict:
    """What acts, dreams and is evaluated: the average, where it is kept."""
    return self.ema or self.params


# update(state, replay) -> state, metrics
WorldUpdateFn = Callable[[WorldState, Any], tuple[WorldState, Metrics]]
# validate(params, windows) -> metrics
ValidateFn = Callable[[dict, Batch], Metrics]


def make_optimizer(
  config: config_lib.WorldModelConfig,
) -> optax.GradientTransformation:
  """Its rate follows the settings' schedule."""
  c = config.optimizer
  decay = c.decay_updates if c.decay else None
  rate = optimizers.cosine(c.learning_rate, c.warmup, decay)
  return optimizers.make(
    rate, kind=c.kind, clip=c.clip, agc=c.agc, weight_decay=c.weight_decay,
  )  # fmt: skip


def init(
  world: WorldModel, config: config_lib.WorldModelConfig, seed: int
) -> WorldState:
  """A fresh world model."""
  init_key, rng = jax.random.split(jax.random.PRNGKey(seed))
  params = jax.jit(world.init)(init_key)
  ema = jax.tree.map(jnp.copy, params) if config.optimizer.ema_decay else {}
  opt = jax.jit(make_optimizer(config).init)(params)  # not a program a leaf
  streams = fresh_streams(world, config)
  none = jnp.zeros((), jnp.int32)
  return _commit(WorldState(params, ema, opt, streams, rng, none))


def fresh_streams(
  world: WorldModel, config: config_lib.WorldModelConfig
) -> Streams:
  """Streams that begin anywhere: at first, and when the replay has changed."""
  size = config.sampling.batch
  place = jnp.full(size, -1, jnp.int32)
  latent = jax.tree.map(jnp.copy, world.initial(size))
  kept = surprises.none(size) if config.sampling.surprise_share else None
  return _commit(Streams(place, latent, kept))


def grow(state: WorldState, old: int, new: int) -> WorldState:
  """Makes room for the tiles that a codebook has grown by; nothing is lost.

  Ids never change their meaning, so what was learned of the old tiles stays.
  The new ones begin as a function of their pixels alone (`decoder.TileLogits`):
  their free columns are zero, in the weights, in their average and in the
  optimizer's moments.

  Args:
    state: of a model of `old` tiles.
    old: tiles.
    new: tiles.

  Returns:
    The state of a model of `new` tiles.
  """

  def widen(path, leaf):
    names = [getattr(key, "key", getattr(key, "name", "")) for key in path]
    if names[-2:-1] != [_TILE_LAYER] or names[-1] not in _TILE_LEAVES:
      return leaf
    spare = [(0, 0)] * (leaf.ndim - 1) + [(0, new - old)]
    return jnp.pad(leaf, spare)

  return jax.tree_util.tree_map_with_path(widen, state)


def make_update(
  world: WorldModel, config: config_lib.WorldModelConfig, read: ReadFn
) -> WorldUpdateFn:
  """Makes an update: one gradient step.

  Windows follow each other in streams, and latents are carried from one to
  the next without a gradient: the model learns to remember for longer than
  its windows.

  Args:
    world: the model.
    config: scales, rates, and how much of a batch is decoded.
    read: takes the streams' next windows from the replay.
  """
  optimizer = make_optimizer(config)
  gradient = jax.value_and_grad(world_loss, has_aux=True)

  def update(state: WorldState, replay) -> tuple[WorldState, dict]:
    rng, sample_key, loss_key = jax.random.split(state.rng, 3)
    drawn = read(replay, sample_key, state.streams)
    is_new = lambda x: drawn.fresh.reshape(-1, *[1] * (x.ndim - 1))
    start = jax.tree.map(
      lambda x: jnp.where(is_new(x), 0.0, x), state.streams.latent
    )
    (_, (metrics, surprise, last)), grads = gradient(
      state.params, world, config, drawn.batch, loss_key, start, state.updates
    )
    kept = state.streams.surprises
    if kept is not None:
      kept = surprises.keep(kept, drawn.start, drawn.again, surprise)
    streams = Streams(drawn.place, last, kept)
    params, opt = optimizers.apply(optimizer, grads, state.opt, state.params)
    ema = state.ema
    if config.optimizer.ema_decay:
      fraction = optimizers.ema_fraction(
        state.updates, config.optimizer.ema_decay
      )
      ema = optimizers.ema(ema, params, fraction)
    state = state.replace(
      params=params, ema=ema, opt=opt, streams=streams, rng=rng,
      updates=state.updates + 1,
    )  # fmt: skip
    return state, metrics

  return update


def make_validation(
  world: WorldModel, config: config_lib.WorldModelConfig
) -> ValidateFn:
  """The loss and its parts on windows `[K, B, T, ...]`.

  The same windows and the same chance each time, so that only weights differ.
  """

  def validate(params, windows: Batch) -> dict:
    def one(_, inputs):
      batch, key = inputs
      loss, (metrics, *_) = world_loss(params, world, config, batch, key)
      return None, {**metrics, "loss": loss}

    keys = jax.random.split(jax.random.PRNGKey(0), len(windows.action))
    _, metrics = jax.lax.scan(one, None, (windows, keys))
    return jax.tree.map(lambda x: x.mean(0), metrics)

  return jax.jit(validate)


def feat_dim(config: config_lib.WorldModelConfig) -> int:
  """F: deter and flattened stoch."""
  return config.network.deter + config.network.stoch * config.network.classes


def _commit(state):
  """Binds arrays to the device, as an update's results are: one compile."""
  return jax.device_put(state, jax.local_devices()[0])
