"""Estimates what the programs would cost on a TPU that is not here.

The executable of `tpu.programs` says its memory, its text the rest (`tpu.hlo`).
Nothing runs, so all times are estimates.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.config import change
from dreamer_jax.data import replay as replay_lib
from dreamer_jax.evaluation.benchmarks.tpu import hlo
from dreamer_jax.evaluation.benchmarks.tpu.matmuls import products
from dreamer_jax.evaluation.benchmarks.tpu.programs import (
  PROGRAMS,
  Chip,
  Work,
  devices_of,
  works,
)

GIB = 2**30
_FACTORS = (8, 2)  # of the batch, to see what a sequence takes


def examine(
  config: config_lib.Config, topology: str, say: Callable[[str], None]
) -> dict[str, Any]:
  """Compiles a run's programs for a topology.

  Args:
    config: of the run. Each device has its batches and its replay; products
      are made in bfloat16, as accelerators want.
    topology: "v5e:2x4" say.
    say: takes what is being done.

  Returns:
    JSON: "chip", "devices", "programs" by name, "largest_batch" of a device,
    "larger" (a world update of eight times the batch, or two; both are not
    there where that does not fit), "replay".

  Raises:
    UserError: see `devices_of`.
  """
  config = _in_bfloat16(config)
  chip, devices = devices_of(topology)
  results = {}
  for work in works(config, devices):
    say(f"{config.name} for {topology}: compiling {work.name}")
    results[work.name] = analyse(work, chip, config.data.capacity, len(devices))
  tree = {"chip": chip._asdict(), "devices": len(devices), "programs": results}
  say(f"{config.name} for {topology}: the largest batch")
  batch = _largest_batch(config, devices, chip, results[PROGRAMS[0]])
  return {**tree, **batch, "replay": _replay_room(config, chip, results)}


def analyse(
  work: Work, chip: Chip, capacity: int, devices: int
) -> dict[str, Any]:
  """Compiles a program and says what an update costs each device; JSON.

  Args:
    work: the program.
    chip: that it is for.
    capacity: of the replay among its arguments, steps.
    devices: that it is spread over.
  """
  found = products(work.function, *work.args)
  began = time.monotonic()
  compiled = work.function.lower(*work.args).compile()
  secs = time.monotonic() - began
  program = hlo.Program(compiled.as_text())
  cost = program.cost()
  gflop = sum(p.flops for p in found) / work.updates / 1e9
  padded = sum(p.padded for p in found) / work.updates / 1e9
  ms = {
    "estimate": cost.cycles / chip.clock_ghz / 1e6 / work.updates,
    "compute": padded / chip.tflops,
    "memory": cost.hbm_bytes / work.updates / chip.hbm_gbs / 1e6,
  }
  travels = sum(c["bytes"] for c in cost.collectives.values()) / work.updates
  ms["collectives"] = 2 * travels * (devices - 1) / devices / chip.ici_gbs / 1e6
  waste = sorted(found, key=lambda p: p.flops - p.padded)[:4]
  return {
    "updates": work.updates,
    "compile_secs": secs,
    "hbm_mb": _memory_mb(compiled),
    "arguments_logical_mb": _logical_mb(work.args),
    "replay_copies_mb": program.copies_bytes(capacity) / 1e6,
    "gflop": gflop,
    "hbm_gb": cost.hbm_bytes / work.updates / 1e9,
    "kernels": cost.kernels / work.updates,
    "ms": ms,
    "bound": bound(ms),
    "collectives": {
      kind: {k: v / work.updates for k, v in entry.items()}
      for kind, entry in cost.collectives.items()
    },
    "host_ops": cost.host_ops,
    "padding": {
      "products": padded / gflop - 1 if gflop else 0.0,
      "worst": [
        {
          "rows": p.rows, "inner": p.inner, "columns": p.columns,
          "padding": p.padded / p.flops - 1,
          "share": p.padded / work.updates / 1e9 / padded,
        }
        for p in waste
      ],
      "buffers": [
        {"shape": x.shape, "mb": x.bytes / 1e6, "logical_mb": x.logical / 1e6}
        for x in cost.padded
      ],
    },
  }  # fmt: skip


def bound(ms: dict[str, float]) -> str:
  """What holds a program up: compute, memory, or the number of its kernels.

  The last, where neither arithmetic nor traffic would take half of the time
  that the compiler expects: many small kernels, one after another.
  """
  name = max(("compute", "memory"), key=ms.get)
  return name if ms[name] > 0.5 * ms["estimate"] else "kernels"


def _largest_batch(
  config: config_lib.Config, devices: list, chip: Chip, small: dict
) -> dict[str, Any]:
  """The largest power of two of sequences of a world update that fits.

  Temporaries grow with the batch: two sizes are compiled, a line is drawn.
  """
  for factor in _FACTORS:
    batch = factor * config.world_model.sampling.batch
    larger = change(config, {"world_model.sampling.batch": batch})
    work = next(works(larger, devices))
    try:
      large = analyse(work, chip, config.data.capacity, len(devices))
      break
    except jax.errors.JaxRuntimeError as error:
      if "RESOURCE_EXHAUSTED" not in str(error):
        raise
  else:
    return {}
  sizes = [sum(x["hbm_mb"].values()) for x in (small, large)]
  per = (sizes[1] - sizes[0]) / (batch - config.world_model.sampling.batch)
  free = chip.hbm_gib * GIB / 1e6 - (
    sizes[0] - per * config.world_model.sampling.batch
  )
  most = 2 ** int(np.log2(max(free / per, 1.0))) if per > 0 else batch
  return {
    "largest_batch": {
      "sequences": most, "mb_a_sequence": per,
      "compiled": [config.world_model.sampling.batch, batch],
    },
    "larger": {
      key: large[key] for key in ("hbm_mb", "gflop", "hbm_gb", "ms", "bound")
    },
  }  # fmt: skip


def _replay_room(
  config: config_lib.Config, chip: Chip, results: dict
) -> dict[str, float]:
  """How many steps of replay fit beside the learners and their programs."""
  capacity = config.data.capacity
  replay = jax.eval_shape(lambda: replay_lib.create(capacity))
  update = results[PROGRAMS[0]]
  step = _logical_mb(replay) / capacity
  padding = max(
    update["hbm_mb"]["arguments"] - update["arguments_logical_mb"], 0.0
  )
  step += (padding + update["replay_copies_mb"]) / capacity
  behavior = results[PROGRAMS[1]]
  fixed = sum(update["hbm_mb"].values()) - step * capacity
  step += (
    2 * config.world_model.network.deter + config.world_model.network.stoch
  ) / 1e6  # its memory
  fixed += sum(behavior["hbm_mb"].values()) - step * capacity
  room = chip.hbm_gib * GIB / 1e6 - max(fixed, 0.0)
  return {"bytes_a_step": step * 1e6, "steps": int(room / step)}


def _in_bfloat16(config: config_lib.Config) -> config_lib.Config:
  return change(config, {"world_model.network.dtype": "bfloat16"})


def _memory_mb(compiled) -> dict[str, float]:
  """Of HBM; outputs that take the place of arguments count once."""
  m = compiled.memory_analysis()
  return {
    "arguments": m.argument_size_in_bytes / 1e6,
    "outputs": (m.output_size_in_bytes - m.alias_size_in_bytes) / 1e6,
    "temporaries": m.temp_size_in_bytes / 1e6,
    "code": m.generated_code_size_in_bytes / 1e6,
  }


def _logical_mb(tree: Any) -> float:
  """Of a device's part of shapes, without padding."""
  total = 0
  for x in jax.tree.leaves(tree):
    shape = x.sharding.shard_shape(x.shape) if x.sharding else x.shape
    total += math.prod(shape) * x.dtype.itemsize
  return total / 1e6
