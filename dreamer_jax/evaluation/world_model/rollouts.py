"""The model on whole episodes: filtering, forecasting, reading latents."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.probes import maps_seen, probes
from dreamer_jax.game import frames
from dreamer_jax.nn.functions import categorical_kl, entropy
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model.model import WorldModel

_DECODED = 64  # pictures decoded at once: the logits of base take 100 MB
_DREAMED = 128  # windows forecast at once
_CHUNK = 128  # steps filtered at once ...
_TOGETHER = 8  # ... of so many episodes of like length


class Filtered(NamedTuple):
  """Episodes that the model has filtered. Latents are kept small.

  A step of `base` takes 2 kB so, not the 10 kB of a `Latent`.
  """

  deter: list[np.ndarray]  # [T, D] f32 of each episode
  index: list[np.ndarray]  # [T, S] i16, the classes that were drawn
  classes: int
  labels: list[dict[str, np.ndarray]]  # [T] each, of `data.probes.probes`
  seen: list[np.ndarray]  # [T, 32] u8, of `data.probes.maps_seen`
  episodes: list[Episode]
  kl: float  # nats of posterior from prior, mean over all steps

  def latents(self, episode: np.ndarray, step: np.ndarray) -> Latent:
    """`[N, ...]` latents that saw every frame up to a step; no `logits`."""
    pairs = list(zip(episode, step, strict=True))
    deter = np.stack([self.deter[e][t] for e, t in pairs])
    index = np.stack([self.index[e][t] for e, t in pairs])
    stoch = jax.nn.one_hot(jnp.asarray(index), self.classes)
    return Latent(jnp.asarray(deter), stoch, jnp.zeros_like(stoch))


def filter_episodes(
  world: WorldModel, params, codebook: TileCodebook, episodes: Sequence[Episode]
) -> Filtered:
  """Filters whole episodes from their first frame on.

  They go through in groups of like length and in chunks of time, so that
  memory does not grow with either.
  """

  @jax.jit
  def run(latent, tiles, action, first, rng):
    tokens = world.encode(params, tiles)
    latents, last = world.observe(params, latent, tokens, action, first, rng)
    kl = categorical_kl(latents.logits, world.prior(params, latents.deter))
    index = latents.stoch.argmax(-1).astype(jnp.int16)
    return (latents.deter, index, kl), last

  order = sorted(range(len(episodes)), key=lambda i: len(episodes[i]))
  found: dict[int, tuple] = {}
  for i in range(0, len(order), _TOGETHER):
    group = order[i : i + _TOGETHER]
    parts = _filter([episodes[i] for i in group], codebook, world, run)
    found.update(zip(group, parts, strict=True))
  deter, index, kl = zip(*(found[i] for i in range(len(order))), strict=True)
  rams = [e.decode_ram() for e in episodes]
  classes = world.initial(1).stoch.shape[-1]
  return Filtered(
    list(deter), list(index), classes, [probes(ram) for ram in rams],
    [maps_seen(ram) for ram in rams], list(episodes),
    float(np.concatenate(kl).mean()),
  )  # fmt: skip


def _filter(episodes, codebook, world, run) -> list[tuple]:
  """Deter, drawn classes and KL of each episode, `[T, ...]`."""
  lengths = [len(e) for e in episodes]
  latent = world.initial(len(episodes))
  parts = []
  for start in range(0, max(lengths), _CHUNK):
    steps = [
      np.minimum(np.arange(start, start + _CHUNK), length - 1)
      for length in lengths
    ]
    pairs = list(zip(episodes, steps, strict=True))
    tiles = np.stack([codebook.encode(e.packed[t]) for e, t in pairs])
    action = np.stack([e.action[t].astype(np.int32) for e, t in pairs])
    first = np.zeros(action.shape, bool)
    first[:, 0] = start == 0
    rng = jax.random.PRNGKey(start)
    part, latent = run(latent, tiles, action, first, rng)
    parts.append(jax.tree.map(np.asarray, part))
  joined = [np.concatenate(x, 1) for x in zip(*parts, strict=True)]
  return [
    tuple(x[i, :length] for x in joined) for i, length in enumerate(lengths)
  ]


def make_forecast(world: WorldModel, params, sampled: bool) -> Callable:
  """Compiles `(start [N], action [N, K], rng) -> latents [K, N]`.

  Args:
    world: the model's functions.
    params: its parameters.
    sampled: draw each latent from the prior; False takes the most likely.
  """

  @jax.jit
  def run(start: Latent, action: jax.Array, rng: jax.Array) -> Latent:
    def step(latent, inputs):
      action, key = inputs
      if sampled:
        latent = world.predict(params, latent, action, key)
      else:
        latent = world.forecast(params, latent, action)
      return latent, latent

    keys = jax.random.split(rng, action.shape[1])
    return jax.lax.scan(step, start, (action.T, keys))[1]

  return run


class Dreams(NamedTuple):
  """What N forecasts of K steps came to."""

  latents: dict[int, Latent]  # [N, ...] after so many steps
  entropy: np.ndarray  # [K, N] nats of the prior, summed over its variables
  doubt: np.ndarray | None  # [K, N] of `WorldModel.uncertainty`; None without

  def at(self, k: int) -> Latent:
    """`[N, ...]` latents k steps after the start."""
    return self.latents[k]


class Dreamer:
  """Forecasts many windows, a few at a time, and keeps what is looked at."""

  def __init__(self, world: WorldModel, params):
    """Compiles a program for each decoding when it is first used."""
    self._world, self._params = world, params
    self._programs: dict[tuple, Callable] = {}

  def __call__(
    self,
    start: Latent,
    action: np.ndarray,
    steps: Sequence[int],
    sampled: bool = False,
    seed: int = 0,
  ) -> Dreams:
    """Forecasts `[N, ...]` latents under `[N, K]` actions.

    Args:
      start: what was filtered up to the first step.
      action: taken from there on.
      steps: after which latents are kept, 1..K.
      sampled: draw latents from the prior; False takes the most likely.
      seed: of those draws.
    """
    key = (tuple(steps), sampled)
    if key not in self._programs:
      self._programs[key] = self._make(*key)
    parts = []
    for i in range(0, len(action), _DREAMED):
      rng = jax.random.PRNGKey(seed + i)
      rows = lambda x, i=i: pad_rows(x, i, _DREAMED)
      part = self._programs[key](jax.tree.map(rows, start), rows(action), rng)
      parts.append(jax.tree.map(np.asarray, part))
    kept, entropy, doubt = jax.tree.map(
      lambda *x: np.concatenate(x, 1)[:, : len(action)], *parts
    )
    latents = {
      k: jax.tree.map(lambda x, i=i: x[i], kept) for i, k in enumerate(steps)
    }
    return Dreams(latents, entropy, doubt)

  def _make(self, steps: tuple[int, ...], sampled: bool) -> Callable:
    world, params = self._world, self._params
    forecast = make_forecast(world, params, sampled)
    knows = "members" in params  # an ensemble was trained
    doubt_of = jax.vmap(lambda deter: world.uncertainty(params, deter))
    places = np.array(steps, int) - 1

    @jax.jit
    def run(start, action, rng):
      latents = forecast(start, action, rng)
      kept = jax.tree.map(lambda x: x[places], latents)
      doubt = doubt_of(latents.deter) if knows else None
      return kept, entropy(latents.logits).sum(-1), doubt

    return run


class Reader:
  """Reads heads and pictures out of latents."""

  def __init__(self, world: WorldModel, params):
    """Compiles all."""
    self._heads = jax.jit(lambda x: world.heads(params, feat(x)))
    self._tiles = jax.jit(lambda x: world.tiles(params, x))
    self._picture = jax.jit(lambda x: world.picture(params, x))

  def heads(self, latent: Latent) -> dict[str, np.ndarray]:
    """`[...]` logits or values by name."""
    return jax.tree.map(np.asarray, self._heads(latent))

  def position(self, latent: Latent) -> tuple[np.ndarray, ...]:
    """`[N]` most likely map, x and y."""
    out = self._heads(latent)
    read = lambda name: np.asarray(out[f"probe_{name}"]).argmax(-1)
    return read("map"), read("x"), read("y")

  def tiles(self, latent: Latent) -> np.ndarray:
    """`[N, 18, 20]` i16 most likely tile ids."""
    return self._in_parts(self._tiles, latent)

  def pictures(self, latent: Latent) -> np.ndarray:
    """`[N, 144, 160]` u8 most likely shades."""
    return frames.unpack(self._in_parts(self._picture, latent))

  def _in_parts(self, read: Callable, latent: Latent) -> np.ndarray:
    count = len(latent.deter)
    parts = []
    for i in range(0, count, _DECODED):
      part = jax.tree.map(lambda x, i=i: pad_rows(x, i, _DECODED), latent)
      parts.append(np.asarray(read(part)))
    return np.concatenate(parts)[:count]


def pad_rows(x: jax.Array, start: int, count: int) -> jax.Array:
  """`count` rows from `start` on, zeros past the end: always one shape."""
  x = jnp.asarray(x)[start : start + count]
  return jnp.pad(x, [(0, count - len(x))] + [(0, 0)] * (x.ndim - 1))
