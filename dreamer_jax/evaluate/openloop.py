"""How long a dream stays true: open-loop forecasts against the emulator.

The model filters an episode up to step s, then forecasts under the episode's
own actions without seeing another frame. Drift is the distance in tiles (L1,
global coordinates) between the position that the probes read in the forecast
and the true one.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.labels import probes
from dreamer_jax.evaluate.statistics import mean_ci95
from dreamer_jax.game import frames
from dreamer_jax.ops import categorical_kl
from dreamer_jax.types import Latent, feat
from dreamer_jax.world.model import World

STEPS = (1, 5, 15, 50)
_BATCH = 128  # windows decoded at once

# (map, x, y) -> (gx, gy), all `[...]`
PlaceFn = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple]


class Filtered(NamedTuple):
  """Episodes that the model has filtered, padded to one length."""

  latents: Latent  # [E, T, ...]
  action: np.ndarray  # [E, T] i32
  labels: dict[str, np.ndarray]  # [E, T]
  packed: list[np.ndarray]  # [T, 18, 20, 16] each
  lengths: np.ndarray  # [E] i32
  kl: float  # nats of posterior from prior, mean over real steps


def filter_episodes(
  world: World, params, codebook: TileCodebook, episodes: list[Episode]
) -> Filtered:
  """Filters whole episodes from their first frame on."""
  lengths = np.array([len(e) for e in episodes])
  longest = int(lengths.max())
  pad = lambda x: np.concatenate([x, np.repeat(x[-1:], longest - len(x), 0)])
  tiles = np.stack([pad(codebook.encode(e.packed)) for e in episodes])
  action = np.stack([pad(e.action.astype(np.int32)) for e in episodes])
  first = np.zeros_like(action, bool)
  first[:, 0] = True

  @jax.jit
  def run(tiles, action, first):
    latents, _ = world.observe(
      params, world.initial(len(tiles)), world.encode(params, tiles),
      action, first, jax.random.PRNGKey(0),
    )  # fmt: skip
    kl = categorical_kl(latents.logits, world.prior(params, latents.deter))
    return latents, kl

  latents, kl = run(tiles, action, first)
  real = np.arange(longest) < lengths[:, None]
  labels = [probes(e.decode_ram()) for e in episodes]
  labels = {k: np.stack([pad(x[k]) for x in labels]) for k in labels[0]}
  return Filtered(
    latents, action, labels, [e.packed for e in episodes], lengths,
    float(np.asarray(kl)[real].mean()),
  )  # fmt: skip


def draw_windows(
  data: Filtered, count: int, seed: int, horizon: int = STEPS[-1]
) -> np.ndarray:
  """`[N, 2]` of (episode, start), where the position can be trusted.

  Both the start and every step that is judged have a valid label.
  """
  candidates = []
  for e, length in enumerate(data.lengths):
    start = np.arange(1, length - horizon)
    ok = data.labels["valid"][e, start] > 0
    for k in STEPS:
      ok &= data.labels["valid"][e, start + k] > 0
    candidates += [(e, s) for s in start[ok]]
  rng = np.random.default_rng(seed)
  chosen = rng.permutation(len(candidates))[:count]
  return np.asarray(candidates, np.int64).reshape(-1, 2)[chosen]


def make_forecast(world: World, params, sampled: bool) -> Callable:
  """`(start [N], action [N, K], rng) -> latents [K, N]`, `STEPS` or not."""

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


class Reader:
  """Reads positions and pictures out of latents."""

  def __init__(self, world: World, params, codebook: TileCodebook):
    """Compiles both."""
    self._codebook = codebook
    self._heads = jax.jit(lambda x: world.heads(params, feat(x)))
    self._tiles = jax.jit(lambda x: world.tiles(params, x))

  def position(self, latent: Latent) -> tuple[np.ndarray, ...]:
    """`[N]` most likely map, x and y."""
    out = self._heads(latent)
    read = lambda name: np.asarray(out[f"probe_{name}"]).argmax(-1)
    return read("map"), read("x"), read("y")

  def pictures(self, latent: Latent) -> np.ndarray:
    """`[N, 144, 160]` u8 most likely shades."""
    parts = []
    for i in range(0, len(latent.deter), _BATCH):
      part = jax.tree.map(lambda x, i=i: x[i : i + _BATCH], latent)
      parts.append(self._codebook.frames(np.asarray(self._tiles(part))))
    return np.concatenate(parts)


def measure(
  world: World,
  params,
  codebook: TileCodebook,
  episodes: list[Episode],
  place: PlaceFn,
  count: int,
  seed: int,
) -> dict:
  """Drift, its floor and baselines, and fidelity of pictures.

  Args:
    world: the model's functions.
    params: its parameters.
    codebook: ids to pictures.
    episodes: that the model was not trained on.
    place: puts positions of all maps on one plane.
    count: windows.
    seed: of their choice.

  Returns:
    the figures of report.json.
  """
  data = filter_episodes(world, params, codebook, episodes)
  windows = draw_windows(data, count, seed)
  forecasts = _forecasts(world, params, data, windows, seed)
  judge = _Judge(data, windows, Reader(world, params, codebook), place)
  packed = np.concatenate(data.packed)
  return {
    **_drift(judge, forecasts),
    **_fidelity(judge, forecasts["drift_tiles"]),
    "codebook_exact": codebook.exactness(packed).tiles,
    "kl_nats": data.kl,
    "windows": {"all": len(windows), "no_battle": int(judge.peaceful.sum())},
  }


class _Judge:
  """Windows, and what was true in them."""

  def __init__(
    self, data: Filtered, windows: np.ndarray, read: Reader, place: PlaceFn
  ):
    self._data, self._place, self.read = data, place, read
    self._episode, self._start = windows[:, 0], windows[:, 1]
    self.peaceful = np.ones(len(windows), bool)
    for k in range(STEPS[-1] + 1):
      self.peaceful &= self.label("in_battle", k) == 0

  def label(self, name: str, k: int) -> np.ndarray:
    """`[N]` labels k steps after the windows' starts."""
    return self._data.labels[name][self._episode, self._start + k]

  def posterior(self, k: int) -> Latent:
    """`[N, ...]` latents that saw every frame up to step k."""
    at = (self._episode, self._start + k)
    return jax.tree.map(lambda x: x[at], self._data.latents)

  def error(self, position: tuple, k: int) -> np.ndarray:
    """`[N]` L1 distance in tiles of (map, x, y) from the truth at step k."""
    truth = [self.label(name, k) for name in ("map", "x", "y")]
    (ax, ay), (bx, by) = self._place(*position), self._place(*truth)
    return np.abs(ax - bx) + np.abs(ay - by)

  def still(self, k: int) -> np.ndarray:
    """`[N]` error at step k of staying where the window began."""
    return self.error([self.label(name, 0) for name in ("map", "x", "y")], k)

  def frames(self, k: int) -> np.ndarray:
    """`[N, 144, 160]` u8, what the emulator showed at step k."""
    pairs = zip(self._episode, self._start + k, strict=True)
    return frames.unpack(np.stack([self._data.packed[e][t] for e, t in pairs]))


def _drift(judge: _Judge, forecasts: dict[str, Latent]) -> dict:
  """Drift of each forecast, its floor and baselines, by step."""
  names = (*forecasts, "drift_floor", "drift_copy_last", "drift_no_battle")
  report = {name: {} for name in names}
  for k in STEPS:
    key = str(k)
    for name, latents in forecasts.items():
      position = judge.read.position(_after(latents, k))
      error = judge.error(position, k)
      report[name][key] = mean_ci95(error)
      if name == "drift_tiles":
        report["drift_no_battle"][key] = mean_ci95(error[judge.peaceful])
    floor = judge.read.position(judge.posterior(k))
    report["drift_floor"][key] = mean_ci95(judge.error(floor, k))
    report["drift_copy_last"][key] = mean_ci95(judge.still(k))
  return report


def _fidelity(judge: _Judge, forecast: Latent) -> dict:
  """The right map and exact pixels by step, and the posterior's pictures."""
  pictures, real = judge.read.pictures(judge.posterior(0)), judge.frames(0)
  maps, pixels = {}, {"posterior": float((pictures == real).mean())}
  for k in STEPS:
    latent = _after(forecast, k)
    right = judge.read.position(latent)[0] == judge.label("map", k)
    maps[str(k)] = float(right.mean())
    exact = judge.read.pictures(latent) == judge.frames(k)
    pixels[str(k)] = float(exact.mean())
  return {
    "map_accuracy": maps,
    "map_accuracy_50": maps["50"],
    "pixel_accuracy": pixels,
    "psnr_db": _psnr(pictures, real),
  }


def _forecasts(
  world: World, params, data: Filtered, windows: np.ndarray, seed: int
) -> dict[str, Latent]:
  """Latents `[K, N, ...]`: most likely, sampled, and with others' actions."""
  e, s = windows[:, 0], windows[:, 1]
  start = jax.tree.map(lambda x: x[e, s], data.latents)
  steps = s[:, None] + 1 + np.arange(STEPS[-1])
  action = jnp.asarray(data.action[e[:, None], steps])
  shuffled = action[np.random.default_rng(seed).permutation(len(action))]
  rng = jax.random.PRNGKey(seed)
  mode = make_forecast(world, params, sampled=False)
  drawn = make_forecast(world, params, sampled=True)
  return {
    "drift_tiles": mode(start, action, rng),
    "drift_sampled": drawn(start, action, rng),
    "drift_random_action": mode(start, shuffled, rng),
  }


def _after(forecast: Latent, k: int) -> Latent:
  """`[N, ...]` of a forecast `[K, N, ...]`, k steps after its start."""
  return jax.tree.map(lambda x: x[k - 1], forecast)


def _psnr(pictures: np.ndarray, real: np.ndarray) -> float:
  """Peak signal-to-noise ratio of the grey pictures, dB; 99 if exact."""
  error = pictures.astype(np.float32) - real
  mse = np.square(error / 3.0).mean()
  return float(-10 * np.log10(mse)) if mse > 0 else 99.0
