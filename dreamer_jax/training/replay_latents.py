"""Fills in what the world model knows at each step of the replay.

A window of the replay does not show what came before it: whether a badge was
won, a lever pulled. A policy that is trained on latents of windows alone meets
in play, where latents go back to power-on, a state it has never seen; and a
dream that starts from one pays for the same badge again. So once a round, when
the world model has been trained, it filters all episodes from their beginnings,
and clone and dreams take their latents from there (the stored states of
Kapturowski et al., "R2D2", 2019, never stale here).
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.data.replay import Replay
from dreamer_jax.training.devices import Devices
from dreamer_jax.types import Memory
from dreamer_jax.world_model.model import WorldModel

_LANES = 64  # runs of episodes that are filtered side by side ...
_LEAST = 2048  # ... each of so many steps or more
_WINDOW = 32  # steps of each in one call of the program


def remember(
  world: WorldModel, weights: dict, replay: Replay, devices: Devices
) -> Replay:
  """The replay with its `memory`; a minute for a million steps on two cores.

  Args:
    world: the model.
    weights: its parameters, the same on all devices.
    replay: of `devices`, which keep their own parts.
    devices: of the run.
  """
  weights, parts = devices.here(weights), []
  for device, part in devices.split(replay):
    with jax.default_device(device):
      parts.append(filtered(world, jax.device_put(weights, device), part))
  return devices.join(parts)


def filtered(world: WorldModel, weights: dict, replay: Replay) -> Replay:
  """The same of one device's replay."""
  start, stop = _lanes(replay)
  latent = world.initial(len(start))
  memory = empty(world, replay.capacity)
  for t in range(-(-int((stop - start).max()) // _WINDOW)):
    memory, latent = _advance(  # compiled once for each `world`
      world, memory, latent, weights, replay, start, stop, np.int32(t)
    )
  return replay.replace(memory=memory)


def empty(world: WorldModel, capacity: int) -> Memory:
  """Zeros for so many steps."""
  one = jax.eval_shape(lambda: world.initial(1))
  variables = one.stoch.shape[-2]
  return Memory(
    jnp.zeros((capacity, one.deter.shape[-1]), jnp.float16),
    jnp.zeros((capacity, variables), jnp.uint8),
  )


def _lanes(replay: Replay) -> tuple[np.ndarray, np.ndarray]:
  """`[L]` i32 each: where runs of whole episodes start and stop.

  Counted from the oldest step. The first run may start inside an episode,
  whose beginning was overwritten.
  """
  size, head = int(replay.size), int(replay.head)
  oldest = head if size == replay.capacity else 0
  first = np.roll(np.asarray(replay.is_first), -oldest)[:size]
  begins = np.append(np.flatnonzero(first), size)
  count = int(np.clip(size // _LEAST, 1, _LANES))
  wanted = np.arange(1, count) * size // count
  inner = begins[np.searchsorted(begins, wanted)]
  start = np.concatenate([[0], inner]).astype(np.int32)
  return start, np.append(start[1:], size).astype(np.int32)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
def _advance(
  world: WorldModel, memory: Memory, latent, weights, replay: Replay,
  start, stop, t,
):  # fmt: skip
  """Filters the next window of every lane."""
  place = start[:, None] + t * _WINDOW + jnp.arange(_WINDOW)
  oldest = jnp.where(replay.size < replay.capacity, 0, replay.head)
  row = (oldest + place) % replay.capacity
  take = lambda x: jnp.take(x, row, axis=0)
  tokens = world.encode(weights, take(replay.tiles))
  key = jax.random.fold_in(jax.random.PRNGKey(0), t)
  latents, latent = world.observe(
    weights, latent, tokens, take(replay.action).astype(jnp.int32),
    take(replay.is_first), key,
  )  # fmt: skip
  inside = jnp.where(place < stop[:, None], row, replay.capacity)
  put = lambda old, new: old.at[inside].set(new.astype(old.dtype), mode="drop")
  index = latents.stoch.argmax(-1)
  return Memory(put(memory.deter, latents.deter), put(memory.stoch, index)), (
    latent
  )
