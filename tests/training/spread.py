"""Run by `mesh_test` on emulated devices; prints what it found as JSON.

The same windows, the same chance: once spread over four devices, once one
part after the other on one.
"""

import json
import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.data import replay as replay_lib
from dreamer_jax.data import sampling
from dreamer_jax.data.episodes import SOURCES
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import programs
from dreamer_jax.training.checkpoint import Checkpointer
from dreamer_jax.training.devices import Devices, repeat
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel

PARTS, STEPS = 4, 64
_COLLECTIVES = (
  "all-reduce", "all-gather", "all-to-all", "collective-permute",
  "reduce-scatter", "collective-broadcast",
)  # fmt: skip
_HOST = ("infeed", "outfeed", "send", "recv")


def make_config() -> config_lib.Config:
  config = change(
    presets.debug(),
    {
      "world_model.sampling.batch": PARTS,
      "policy.imagination.batch": PARTS,
      "world_model.schedule.log_every": 1,
      "policy.schedule.log_every": 1,
      "policy.cloning.batch": 2 * PARTS,
    },
  )
  return config


def make_part(seed: int, device) -> replay_lib.Replay:
  """A replay of chance, half of it of an expert."""
  rng = np.random.default_rng(seed)
  half = STEPS // 2
  with jax.default_device(device):
    empty = replay_lib.create(STEPS)
    source = [SOURCES.index(name) for name in ("expert", "random")]
    return empty.replace(
      tiles=jnp.asarray(rng.integers(0, 40, empty.tiles.shape), jnp.int16),
      action=jnp.asarray(rng.integers(0, 8, STEPS), jnp.uint8),
      intent=jnp.asarray(rng.integers(0, 8, STEPS), jnp.uint8),
      is_first=jnp.arange(STEPS) % half == 0,
      source=jnp.repeat(jnp.asarray(source, jnp.uint8), half),
      run=half - jnp.arange(STEPS, dtype=jnp.int32) % half,
      size=jnp.asarray(STEPS, jnp.int32),
    )


def count(text: str) -> dict[str, int]:
  """Operations of a compiled program that leave the device."""
  found = {
    name: len(re.findall(rf" {name}(?:-start)?\(", text))
    for name in _COLLECTIVES + _HOST
  }
  calls = re.findall(r'custom_call_target="([^"]*)"', text)
  found["callback"] = sum("callback" in call.lower() for call in calls)
  return {name: number for name, number in found.items() if number}


def is_same(state) -> bool:
  """Every device has the same, but for streams."""
  for path, leaf in jax.tree_util.tree_leaves_with_path(state):
    if getattr(path[0], "name", "") != "streams":
      first, *rest = (np.asarray(s.data) for s in leaf.addressable_shards)
      if not all(np.array_equal(first, x, equal_nan=True) for x in rest):
        return False
  return True


def difference(a, b) -> float:
  """Largest relative difference of two trees, leaf by leaf."""
  norms = [
    np.linalg.norm(np.asarray(x) - np.asarray(y)) / np.linalg.norm(y)
    for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    if np.linalg.norm(y)
  ]
  return float(max(norms))


def check_gradient(config, world, devices) -> dict:
  """The gradient of four devices and of one; collectives on the way."""
  keep = optax.chain(optax.trace(0.0), optax.scale(0.0))  # keeps the gradient
  world_learner.make_optimizer = lambda _: keep
  start = jax.tree.map(
    np.asarray, world_learner.init(world, config.world_model, 0)
  )
  fresh = lambda: jax.tree.map(jnp.asarray, start)
  own = devices.part(config).world_model
  parts = [make_part(k, d) for k, d in enumerate(devices.local)]
  replay = devices.join(parts)
  read = sampling.reader(own, devices.count)
  update = repeat(
    world_learner.make_update(world, own, read), own.schedule.log_every, devices
  )
  state = devices.put(fresh())
  program = update.lower(state, replay).compile()
  after, metrics = program(state, replay)
  again, _ = program(devices.put(fresh()), replay)

  one = Devices(devices.local[:1])
  alone = repeat(
    world_learner.make_update(world, own, read), own.schedule.log_every, one
  )
  key = jax.random.split(jnp.asarray(start.rng))[1]
  grads = []
  for k in range(PARTS):
    streams = jax.tree.map(lambda x, k=k: x[k : k + 1], fresh().streams)
    part = fresh().replace(streams=streams, rng=jax.random.fold_in(key, k))
    grads.append(alone(part, make_part(k, one.local[0]))[0].opt[0].trace)
  mean = jax.tree.map(lambda *x: sum(map(np.asarray, x)) / PARTS, *grads)
  return {
    "difference": difference(after.opt[0].trace, mean),
    "between_parts": difference(grads[0], grads[1]),
    "world": count(program.as_text()),
    "world_same": is_same(after),
    "loss": float(metrics["loss"]),
    "same_bits": difference(after, again) == 0,
  }


def check_policy(config, world, devices) -> dict:
  """Clone and dream: what they send, and that no device goes its own way."""
  replay = devices.join([make_part(k, d) for k, d in enumerate(devices.local)])
  weights = devices.put(
    world_learner.init(world, config.world_model, 0)
  ).weights
  dim = world_learner.feat_dim(config.world_model)
  net = ActorCritic(config.policy)
  state = devices.put(policy_learner.init(net, config.policy, dim, 0))
  part = devices.part(config)
  made = programs.make(
    world, net, part.world_model, part.policy, part.rewards, devices
  )
  found = {}
  for name in ("clone", "behavior"):
    program = getattr(made, name).lower(state, weights, replay).compile()
    state, _ = program(state, weights, replay)
    found |= {name: count(program.as_text()), f"{name}_same": is_same(state)}
  return found


def check_restore(config, world, devices, folder: str) -> dict:
  """A checkpoint of four devices, on one and on eight, and in halves."""
  make = lambda: world_learner.init(world, config.world_model, 7)
  wide = jax.tree.map(lambda x: jnp.concatenate([x, x]), make().streams)
  state = devices.put(make().replace(streams=wide))  # for eight devices
  saver = Checkpointer(folder)
  saver.save(1, state, {"x": np.zeros(1)}, np.zeros((1, 16), np.uint8), {})
  saver.wait()
  found = {}
  blank = jax.tree.map(jnp.zeros_like, make().replace(streams=wide))
  for number in (1, 8):
    target = Devices(jax.devices()[:number]).put(blank)
    there = saver.restore(1, "world", target)
    same = jax.tree.map(lambda a, b: bool((np.asarray(a) == b).all()),
                        there, make().replace(streams=wide))  # fmt: skip
    spread = there.streams.place.sharding.num_devices
    found[f"on_{number}"] = all(jax.tree.leaves(same)) and spread == number
  half = jax.tree.map(
    lambda x: jax.ShapeDtypeStruct(x.shape, jnp.bfloat16), state.params
  )
  read = saver.part(1, "world", {"params": half})
  found["fields"] = sorted(read)
  leaf = jax.tree.leaves(read)[0]
  found["dtype"] = str(leaf.dtype)
  saver.close()
  return found


def main() -> None:
  config = make_config()
  world = WorldModel(config.world_model, np.eye(40, 16, dtype=np.uint8))
  devices = Devices(jax.devices()[:PARTS])
  found = check_policy(config, world, devices)
  found |= check_restore(config, world, devices, sys.argv[1])
  found |= check_gradient(config, world, devices)
  print(json.dumps(found))


if __name__ == "__main__":
  main()
