"""Times the training of the world model: its rate, its parts, how it scales.

Models are untrained and pictures made up; what is computed, and how much of
it, is what training computes.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.config import change
from dreamer_jax.data import sampling
from dreamer_jax.evaluation import targets
from dreamer_jax.evaluation.benchmarks import speed, timing
from dreamer_jax.evaluation.benchmarks.timing import Part, Rate, matmul_gflop
from dreamer_jax.evaluation.benchmarks.workloads import fresh_agent, made_replay
from dreamer_jax.nn import optimizers
from dreamer_jax.training.devices import repeat
from dreamer_jax.types import Batch, feat
from dreamer_jax.world_model import learner
from dreamer_jax.world_model import loss as loss_lib
from dreamer_jax.world_model.ensemble import ensemble_loss
from dreamer_jax.world_model.model import WorldModel
from dreamer_jax.world_model.picture_loss import picture_loss

BATCHES, LENGTHS, CODEBOOKS = (8, 16, 32), (32, 64), (384, 1024, 4096)


class Training(NamedTuple):
  """How fast the world model trains."""

  rate: Rate  # frames/s
  gflop: float  # of an update's matrix products
  gflops: float  # of those, achieved a second
  memory_mb: dict[str, float]  # the compiled program's, by use

  def to_json(self) -> dict:
    """What the rate and its parts do not say."""
    return {
      "gflop_an_update": self.gflop,
      "gflops": self.gflops,
      "memory_mb": self.memory_mb,
    }


class Point(NamedTuple):
  """Training at one size."""

  batch: int
  length: int
  codebook: int
  frames_hz: float
  gflops: float
  peak_gflops: float  # of a large matmul, timed between the points
  temporaries_mb: float

  @property
  def share(self) -> float:
    """Of the peak."""
    return self.gflops / self.peak_gflops

  def to_json(self) -> dict[str, float]:
    """All fields, and the share."""
    return {**self._asdict(), "share_of_peak": self.share}


class Updates(NamedTuple):
  """A compiled program of several updates, ready to run."""

  dispatch: Callable  # runs it once
  count: int  # updates in it
  frames: int  # in an update
  gflop: float  # of an update
  memory_mb: dict[str, float]

  def training(self, secs: tuple[float, ...], target: float | None) -> Training:
    """What dispatches of `secs` seconds come to."""
    hz = tuple(self.frames * self.count / s for s in secs)
    rate = Rate("world model", "frames/s", hz, target)
    gflops = self.gflop * rate.median / self.frames
    return Training(rate, self.gflop, gflops, self.memory_mb)


def updates(
  config: config_lib.WorldModelConfig, codebook: int, count: int
) -> Updates:
  """Compiles `count` updates for a codebook of so many patterns."""
  config = change(config, {"schedule.log_every": count})
  model, replay = _setting(config, codebook)
  update = learner.make_update(model, config, sampling.reader(config))
  update = repeat(update, config.schedule.log_every)
  box = [learner.init(model, config, 0)]
  gflop = matmul_gflop(update, box[0], replay) / count
  compiled = update.lower(box[0], replay).compile()

  def dispatch() -> dict:
    box[0], metrics = compiled(box[0], replay)
    return metrics

  frames = config.sampling.batch * config.sampling.length
  return Updates(dispatch, count, frames, gflop, _memory_mb(compiled))


def breakdown(
  config: config_lib.WorldModelConfig,
  codebook: int,
  repeats: int,
  target: float | None = None,
  count: int = 4,
) -> tuple[Training, list[Part]]:
  """Times updates of the world model, and each of their parts.

  A part is timed alone, with its own gradient, and XLA fuses across parts in
  the whole: so the last part, the rest, may be negative.

  Args:
    config: sizes and batch.
    codebook: patterns.
    repeats: timed rounds of whole and parts.
    target: frames a second that are wanted.
    count: updates in a dispatch.
  """
  program = updates(config, codebook, count)
  model, replay = _setting(config, codebook)
  state = learner.init(model, config, 0)
  batch = sampling.sample(
    replay, state.rng, config.sampling.batch, config.sampling.length
  )
  parts = _gradients(model, state.params, config, batch)
  calls = {**parts, "optimizer": _optimizer(config, state)}
  secs = timing.interleaved({"whole": program.dispatch, **calls}, repeats)
  result = []
  for label in calls:
    gflop = matmul_gflop(parts[label]) if label in parts else 0.0
    result.append(Part(label, float(np.median(secs[label])) * 1e3, gflop))
  whole = program.training(secs["whole"], target)
  rest = Part(
    "sampling, rest",
    program.frames / whole.rate.median * 1e3 - sum(p.ms for p in result),
    program.gflop - sum(part.gflop for part in result),
  )
  return whole, [*result, rest]


def _memory_mb(compiled) -> dict[str, float]:
  """MB that a compiled program takes; empty where the backend is silent."""
  analysis = compiled.memory_analysis()
  if analysis is None:
    return {}
  return {
    "arguments": analysis.argument_size_in_bytes / 1e6,
    "temporaries": analysis.temp_size_in_bytes / 1e6,
  }


def scaling(
  config: config_lib.WorldModelConfig,
  codebook: int,
  repeats: int,
  count: int = 2,
) -> list[Point]:
  """Training at other batches, lengths and codebooks, one at a time.

  All are compiled first and timed in turns, with a large matmul, since
  neighbours on the machine come and go.

  Args:
    config: sizes; and batch and length where those are not what varies.
    codebook: patterns, likewise.
    repeats: dispatches timed at each point.
    count: updates in a dispatch.
  """
  here = (config.sampling.batch, config.sampling.length, codebook)
  sizes = dict.fromkeys((
    *((b, *here[1:]) for b in BATCHES),
    *((here[0], t, here[2]) for t in LENGTHS),
    *((*here[:2], v) for v in CODEBOOKS),
    here,
  ))  # fmt: skip
  programs = {
    size: updates(
      change(config, {"sampling.batch": size[0], "sampling.length": size[1]}),
      size[2],
      count,
    )
    for size in sizes
  }
  calls = {size: program.dispatch for size, program in programs.items()}
  secs = timing.interleaved({"matmul": timing.matmul(), **calls}, repeats)
  peak = timing.MATMUL_GFLOP / min(secs["matmul"])
  points = []
  for size, program in programs.items():
    result = program.training(secs[size], None)
    memory = result.memory_mb.get("temporaries", 0.0)
    point = Point(*size, result.rate.median, result.gflops, peak, memory)
    points.append(point)
  return points


def dream(config: config_lib.Config, codebook: int, repeats: int) -> Rate:
  """Dreamed pictures a second, one at a time: `speed.dream_speed`."""
  agent = fresh_agent(config, codebook)
  hz = tuple(speed.dream_speed(agent, 200) for _ in range(repeats))
  return Rate(
    "dream step with picture, batch 1", "Hz", hz, targets.DREAM_HZ.must
  )


def _setting(config: config_lib.WorldModelConfig, codebook: int) -> tuple:
  """A model and a full replay."""
  patterns = np.random.default_rng(0).integers(0, 256, (codebook, 16))
  model = WorldModel(config, patterns.astype(np.uint8))
  return model, made_replay(codebook)


def _optimizer(config: config_lib.WorldModelConfig, state) -> Callable:
  """One step of the optimizer on gradients that are there already."""
  optimizer = learner.make_optimizer(config)
  grads = jax.tree.map(lambda x: jnp.full_like(x, 1e-3), state.params)
  step = jax.jit(
    lambda params, opt, grads: optimizers.apply(optimizer, grads, opt, params),
    donate_argnums=(0, 1),
  )
  box = [jax.tree.map(jnp.copy, (state.params, state.opt))]

  def call():
    box[0] = step(*box[0], grads)
    return box[0]

  return call


def _gradients(
  model: WorldModel,
  params: dict,
  config: config_lib.WorldModelConfig,
  batch: Batch,
) -> dict[str, Callable]:
  """Each part of the loss with its own gradient, as a call."""
  key = jax.random.PRNGKey(0)
  size, length = batch.action.shape
  tokens = jax.jit(model.encode)(params, batch.tiles)
  latents, _ = jax.jit(model.observe)(
    params, model.initial(size), tokens, batch.action, batch.is_first, key
  )
  flat = lambda x: x.reshape(size * length, *x.shape[2:])
  features = flat(feat(latents))
  frames = functools.partial(loss_lib.some_frames, key, size * length)
  drawn, read = (
    frames(config.sampling.decoded_frames),
    frames(config.sampling.read_frames),
  )
  pictures = flat(batch.tiles)[drawn]
  some = jax.tree.map(
    lambda x: flat(x)[read],
    batch.replace(weight=jnp.ones((size, length))),
  )

  def encode(p):
    return model.encode(p, batch.tiles).sum()

  def scan(p, tokens):
    out, _ = model.observe(
      p, model.initial(size), tokens, batch.action, batch.is_first, key
    )
    return feat(out).sum() + out.logits.sum()

  def decode(p, features):
    weight = jnp.ones(pictures.shape)
    return picture_loss(
      model, p, features[drawn], pictures, weight, key, config
    )[0]

  def heads(p, features):
    out = model.heads(p, features[read])
    return loss_lib.head_loss(out, some, config)[0]

  def divergence(p, deter, logits):
    prior = model.prior(p, deter)
    return loss_lib.kl_loss(logits, prior, config, 1.0, batch.weight)[0]

  def members(p, deter):
    logits = model.ensemble(p, flat(deter)[read])
    return ensemble_loss(logits, flat(latents.logits)[read], key)

  part = functools.partial(_part, params)
  calls = {
    "encoder": part(encode, ("encoder",)),
    "RSSM scan": part(scan, ("rssm",), tokens),
    "decoder, tile loss": part(decode, ("decoder", "logits"), features),
    "heads": part(heads, ("heads",), features),
    "prior, KL": part(divergence, ("rssm",), latents.deter, latents.logits),
  }
  if config.network.ensemble:
    calls["ensemble"] = part(members, ("members",), latents.deter)
  return calls


def _part(
  params: dict, loss: Callable, modules: tuple[str, ...], *inputs
) -> Callable:
  """The gradient of `loss` by those modules' parameters and its inputs."""
  own = {name: params[name] for name in modules}
  merged = lambda own, *x: loss({**params, **own}, *x)
  numbers = tuple(range(len(inputs) + 1))
  gradient = jax.jit(jax.value_and_grad(merged, numbers))
  return lambda: gradient(own, *inputs)
