"""One change at a time: world models trained on the same data and CPU seconds.

CPU seconds, not updates and not wall time: a change that makes an update dearer
must pay for that, and a neighbour on the machine must not decide.
"""

import dataclasses
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
  "no streams": {"stream_windows": 0},
  "sequences of 64": {"batch": 8, "length": 64},
  "rep 0.1": {"rep_scale": 0.1},
  "rep 1.0": {"rep_scale": 1.0},
  "free bits 0.1": {"free_nats": 0.1, "free_nats_end": 0.1},
  "free bits 3": {"free_nats": 3.0, "free_nats_end": 3.0},
  "free bits 3 to 0.3": {"free_nats": 3.0, "free_nats_end": 0.3},
  "open-loop training": {"overshoot_scale": 0.5, "overshoot_steps": 25},
  "probes without gradient": {"probe_grad": False},
  "Gumbel-softmax": {"sampler": "gumbel"},
  "pixel decoder": {"decoder": "pixels"},
  "goal bits weigh 1": {"goal_scale": 1.0},
  "events as they come": {"event_share": 0.0},
  "changed tiles weigh 4": {"changed_scale": 3.0},
  "rare tiles weigh more": {"rare_power": 0.25},
  "256 + 16x16": {"deter": 256, "hidden": 256, "stoch": 16, "classes": 16},
  "512 + 32x32": {"deter": 512, "hidden": 512, "stoch": 32, "classes": 32},
  "deter 1024": {"deter": 1024, "blocks": 8},
  "LaProp with AGC": {"optimizer": "laprop", "agc": 0.3, "clip": 0.0},
}


class Trained(NamedTuple):
  """A model, and what it took."""

  params: dict  # averaged, where the configuration keeps an average
  config: config_lib.World
  updates: int
  cpu_secs: float
  metrics: dict[str, float]  # of the last dispatch


def changed(config: config_lib.World, name: str) -> config_lib.World:
  """The configuration of a variant.

  Raises:
    UserError: there is no such variant.
  """
  if name not in VARIANTS:
    raise UserError(f"no variant {name!r}: choose of {', '.join(VARIANTS)}")
  return dataclasses.replace(config, **VARIANTS[name])


def train(
  config: config_lib.World,
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
  updates = -(-updates // config.log_every) * config.log_every
  config = dataclasses.replace(config, decay_updates=updates)
  program, state = _compile(config, codebook, replay, seed)
  began, metrics = time.process_time(), {}
  for _ in range(updates // config.log_every):
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


def _update_secs(config: config_lib.World, codebook, replay) -> float:
  """CPU seconds of an update: the better of two dispatches."""
  program, state = _compile(config, codebook, replay, seed=0)
  secs = []
  for _ in range(3):
    began = time.process_time()
    state, _ = jax.block_until_ready(program(state, replay))
    secs.append(time.process_time() - began)
  return float(np.min(secs[1:])) / config.log_every


def _compile(
  config: config_lib.World, codebook, replay, seed: int
) -> tuple[Callable, Any]:
  """A program of `log_every` updates, and a fresh state for it."""
  model = WorldModel(config, codebook.patterns)
  state = learner.init(model, config, seed)
  update = learner.make_update(model, config, sampling.reader(config))
  update = repeat(update, config.log_every)
  return update.lower(state, replay).compile(), state
