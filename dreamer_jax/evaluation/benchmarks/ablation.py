"""One change at a time: world models trained on the same data and CPU seconds.

CPU seconds, not updates and not wall time: a change that makes an update dearer
must pay for that, and a neighbour on the machine must not decide.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.data import sampling
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.replay import Replay
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.world_model import openloop
from dreamer_jax.evaluation.world_model.openloop import Plan
from dreamer_jax.evaluation.world_model.windows import PlaceFn
from dreamer_jax.training.devices import repeat
from dreamer_jax.world_model import learner
from dreamer_jax.world_model.model import WorldModel

# What is changed of the preset, by name.
VARIANTS: dict[str, dict[str, Any]] = {
  "as it is": {},
  "no streams": {"sampling.stream_windows": None},
  "sequences of 64": {"sampling.batch": 8, "sampling.length": 64},
  "rep 0.1": {"loss.rep_scale": 0.1},
  "rep 1.0": {"loss.rep_scale": 1.0},
  "free bits 0.1": {"loss.free_nats": 0.1, "loss.free_nats_end": 0.1},
  "free bits 3": {"loss.free_nats": 3.0, "loss.free_nats_end": 3.0},
  "free bits 3 to 0.3": {"loss.free_nats": 3.0, "loss.free_nats_end": 0.3},
  "open-loop training": {
    "loss.overshoot_scale": 0.5,
    "loss.overshoot_steps": 25,
  },
  "probes without gradient": {"loss.probe_grad": False},
  "Gumbel-softmax": {"latent.sampler": "gumbel"},
  "pixel decoder": {"network.decoder": "pixels"},
  "goal bits weigh 1": {"loss.goal_scale": 1.0},
  "events as they come": {"sampling.event_share": 0.0},
  "moving tiles weigh more": {"loss.moving_scale": 1.0},
  "rare tiles weigh more": {"loss.rare_power": 0.25},
  "256 + 16x16": {
    "network.deter": 256,
    "network.hidden": 256,
    "network.stoch": 16,
    "network.classes": 16,
  },
  "512 + 32x32": {
    "network.deter": 512,
    "network.hidden": 512,
    "network.stoch": 32,
    "network.classes": 32,
  },
  "deter 1024": {"network.deter": 1024, "network.blocks": 8},
  "LaProp with AGC": {
    "optimizer.kind": "laprop",
    "optimizer.agc": 0.3,
    "optimizer.clip": None,
  },
}


class Trained(NamedTuple):
  """A model, and what it took."""

  params: dict  # averaged, where the configuration keeps an average
  config: config_lib.WorldModelConfig
  updates: int
  cpu_secs: float
  metrics: dict[str, float]  # of the last dispatch


def changed(
  config: config_lib.WorldModelConfig, name: str
) -> config_lib.WorldModelConfig:
  """The configuration of a variant.

  Raises:
    UserError: there is no such variant.
  """
  if name not in VARIANTS:
    raise UserError(f"no variant {name!r}: choose of {', '.join(VARIANTS)}")
  return config_lib.change(config, VARIANTS[name])


def train(
  config: config_lib.WorldModelConfig,
  codebook: TileCodebook,
  replay: Replay,
  cpu_secs: float,
  seed: int,
) -> Trained:
  """Trains a fresh world model for so many CPU seconds of this process.

  The cost of an update is measured first, so that the cosine ends with the
  time. Compiling is not counted.
  """
  updates = max(1, int(cpu_secs / _update_secs(config, codebook, replay)))
  updates = -(-updates // config.schedule.log_every) * config.schedule.log_every
  config = config_lib.change(config, {"optimizer.decay_updates": updates})
  program, state = _compile(config, codebook, replay, seed)
  began, metrics = time.process_time(), {}
  for _ in range(updates // config.schedule.log_every):
    state, metrics = program(state, replay)
  metrics = {name: float(value) for name, value in metrics.items()}
  spent = time.process_time() - began
  return Trained(state.weights, config, updates, spent, metrics)


def judge(
  trained: Trained,
  codebook: TileCodebook,
  episodes: Sequence[Episode],
  place: PlaceFn,
  plan: Plan,
) -> dict[str, float]:
  """The figures by which variants are compared."""
  model = WorldModel(trained.config, codebook.patterns)
  report = openloop.measure(
    openloop.prepare(model, trained.params, codebook), episodes, place, plan,
    None,
  )  # fmt: skip
  dream = report["dream"]["windows"]
  at = lambda group, figure, k: dream[group][figure]["tiles"][k]["mean"]
  return {
    "drift_15": at("all", "drift", "15"),
    "drift_50": at("all", "drift", "50"),
    "drift_50_no_battle": at("no_battle", "drift", "50"),
    "floor": report["drift_floor"]["50"]["mean"],
    "pixels_15": at("all", "pixels", "15"),
    "pixels_seen": report["pixel_accuracy"]["posterior"],
    "psnr_db": report["psnr_db"],
    "kl_nats": report["kl_nats"],
    "updates": trained.updates,
    "cpu_secs": trained.cpu_secs,
    "tile_nats": trained.metrics["tile"],
  }


def _update_secs(
  config: config_lib.WorldModelConfig, codebook, replay
) -> float:
  """CPU seconds of an update: the better of two dispatches."""
  program, state = _compile(config, codebook, replay, seed=0)
  secs = []
  for _ in range(3):
    began = time.process_time()
    state, _ = jax.block_until_ready(program(state, replay))
    secs.append(time.process_time() - began)
  return float(np.min(secs[1:])) / config.schedule.log_every


def _compile(
  config: config_lib.WorldModelConfig, codebook, replay, seed: int
) -> tuple[Callable, Any]:
  """A program of `log_every` updates, and a fresh state for it."""
  model = WorldModel(config, codebook.patterns)
  state = learner.init(model, config, seed)
  update = learner.make_update(model, config, sampling.reader(config))
  update = repeat(update, config.schedule.log_every)
  return update.lower(state, replay).compile(), state
