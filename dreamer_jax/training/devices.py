"""Devices: one axis, `data`, over which experience is spread.

Each device holds a part of the replay, reads its own windows from it and takes
their gradient; the gradients' mean is what travels (`functions.shared`).
Parameters and optimizers are the same on every device. The same programs run on
one device, where nothing is spread, and on those of several hosts.

There is no second axis for parts of the model: all that `large` learns with,
weights, their average and Adam's moments, is 0.36 GB, a twentieth of a TPU v2
core's memory, and its widest product would be too thin to divide.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P
from orbax.checkpoint import multihost

from dreamer_jax import config as config_lib
from dreamer_jax import domains
from dreamer_jax.config import change
from dreamer_jax.data.replay import Replay
from dreamer_jax.errors import UserError

AXIS = "data"
_BARRIER_SECS = 24 * 3600  # the others may still be playing


class Devices:
  """The devices of a run, in this process and in others."""

  def __init__(self, devices: list | None = None):
    """Takes `devices`, or all that there are."""
    devices = jax.devices() if devices is None else devices
    self.count = len(devices)
    self.mesh = jax.sharding.Mesh(np.asarray(devices), (AXIS,))
    mine, all_ = jax.process_index(), {d.process_index for d in devices}
    self.process, self.processes = sorted(all_).index(mine), len(all_)
    self.local = [d for d in devices if d.process_index == mine]

  def __eq__(self, other: object) -> bool:
    return isinstance(other, Devices) and self.mesh == other.mesh

  def __hash__(self) -> int:
    return hash(self.mesh)

  @property
  def is_lead(self) -> bool:
    """This process writes what there is one of: logs, the codebook."""
    return self.process == 0

  def describe(self) -> dict:
    """JSON: on what a run runs."""
    kind = self.local[0].device_kind
    return {
      "devices": self.count, "processes": self.processes, "kind": kind,
      "platform": self.local[0].platform,
    }  # fmt: skip

  def is_like(self, there: dict) -> bool:
    """As many devices and processes as those of a `describe()`."""
    then = there.get("devices", 1), there.get("processes", 1)
    return then == (self.count, self.processes)

  def __str__(self) -> str:
    kind = self.local[0].device_kind
    more = f" of {self.processes} processes" if self.processes > 1 else ""
    return f"{self.count} {kind} device{'s' * (self.count > 1)}{more}"

  # ---- where arrays lie

  def put(self, state: Any) -> Any:
    """Places a state that every process has: whole, but for its streams."""
    if self.count == 1:
      return jax.device_put(state, self.local[0])

    def place(spec, leaf):
      sharding = NamedSharding(self.mesh, spec)
      if leaf.sharding.is_equivalent_to(sharding, leaf.ndim):
        return leaf
      leaf = np.asarray(leaf)
      return jax.make_array_from_callback(
        leaf.shape, sharding, lambda index: leaf[index]
      )

    return jax.tree.map(place, _specs(state), state)

  def join(self, parts: list[Any]) -> Any:
    """Makes one tree of this process's, a part for each of its devices.

    Args:
      parts: trees of `[...]` arrays, each on its device.

    Returns:
      `[devices, ...]`, spread over all devices; `[...]` where there is one.
    """
    if self.count == 1:
      return parts[0]
    sharding = NamedSharding(self.mesh, P(AXIS))

    def joined(*leaves):
      rows = [
        jax.device_put(leaf[None], device)
        for leaf, device in zip(leaves, self.local, strict=True)
      ]
      shape = (self.count, *leaves[0].shape)
      return jax.make_array_from_single_device_arrays(shape, sharding, rows)

    return jax.tree.map(joined, *parts)

  def split(self, tree: Any) -> list[tuple[Any, Any]]:
    """The inverse of `join`: this process's devices, and the part of each."""
    if self.count == 1:
      return [(self.local[0], tree)]
    part = lambda x, device: next(
      s.data[0] for s in x.addressable_shards if s.device == device
    )
    return [
      (device, jax.tree.map(functools.partial(part, device=device), tree))
      for device in self.local
    ]

  def here(self, tree: Any) -> Any:
    """What is the same everywhere, on this process's first device."""
    if self.count == 1:
      return tree
    return jax.tree.map(lambda x: x.addressable_data(0), tree)

  def total(self, x: jax.Array) -> int:
    """The sum over all devices of a number that each has."""
    if self.count == 1:
      return int(x)
    whole = NamedSharding(self.mesh, P())
    return int(jax.jit(lambda x: x.sum(), out_shardings=whole)(x))

  # ---- programs

  def compile(self, run: Callable) -> Callable:
    """Compiles `run(state, *data) -> (state, metrics)` for these devices.

    Each has its own chance, its own streams and its own part of the replay;
    the rest of the state must come out the same on all: whatever is computed
    from a device's own windows goes through `functions.shared` first.

    Args:
      run: the state has an `rng`; metrics are averaged.

    Returns:
      The same function, which gives up (donates) its state.
    """
    if self.count == 1:
      return jax.jit(run, donate_argnums=0)

    def own(state, *data):
      rng, key = jax.random.split(state.rng)
      key = jax.random.fold_in(key, jax.lax.axis_index(AXIS))
      data = [_squeeze(x) if isinstance(x, Replay) else x for x in data]
      state, metrics = run(state.replace(rng=key), *data)
      return state.replace(rng=rng), jax.lax.pmean(metrics, AXIS)

    def spread(state, *data):
      specs = _specs(state)
      where = [P(AXIS) if isinstance(x, Replay) else P() for x in data]
      return jax.shard_map(
        own, mesh=self.mesh, in_specs=(specs, *where), out_specs=(specs, P()),
        check_vma=False,
      )(state, *data)  # fmt: skip

    return jax.jit(spread, donate_argnums=0)

  def part(self, config: config_lib.Config) -> config_lib.Config:
    """The configuration of one device: its part of each batch.

    Raises:
      UserError: a batch cannot be divided by the number of devices, or a
        device's part breaks a rule.
    """

    def divided(path: str, by: int) -> int:
      size = domains.get(config, path)
      if size % by:
        raise UserError(
          f"--config.{path} is {size} and there are {self.count} devices: give "
          f"it a multiple of {by}, or choose fewer with --devices"
        )
      return size // self.count

    if self.count == 1:
      return config
    multiples = {
      "world_model.sampling.batch": 1, "policy.imagination.batch": 1,
      "policy.cloning.batch": 2,
      "policy.critic.ground_batch": config.policy.actor.minibatches,
    }  # fmt: skip
    parts = {p: divided(p, n * self.count) for p, n in multiples.items()}
    parts["data.capacity"] = config.data.capacity // self.count
    try:
      return change(config, parts)
    except UserError as error:
      raise UserError(
        f"of each of {self.count} devices, {error}, or fewer --devices"
      ) from None

  # ---- processes

  def is_ours(self, seed: int) -> bool:
    """This process plays that seed's episode, and learns from it."""
    return seed % self.processes == self.process

  def wait(self, name: str) -> None:
    """Returns once every process has come here; `name` is never used twice."""
    if self.processes > 1:
      barrier = multihost.get_barrier_sync_fn()
      barrier(key=f"dreamer_jax {name}", timeout_ms=_BARRIER_SECS * 1000)

  def agree(self, flag: bool) -> bool:
    """The first process's `flag`: what all must do together, or none."""
    if self.processes == 1:
      return flag
    return bool(multihost_utils.broadcast_one_to_all(np.asarray(flag)))

  @contextlib.contextmanager
  def together(self) -> Iterator[None]:
    """What one process is refused within, none goes on from.

    Raises:
      UserError: this process's own, or that another had one.
    """
    refused = None
    try:
      yield
    except UserError as error:
      refused = error
    if self.processes > 1:
      all_ = multihost_utils.process_allgather(np.asarray(refused is None))
      if refused is None and not all_.all():
        refused = UserError(
          "another process of this run was refused, and says why: mend that, "
          "and start all of them again"
        )
    if refused is not None:
      raise refused


def choose(count: int | None = None) -> list:
  """The first `count` devices; None for all of them.

  Raises:
    UserError: there are fewer, or a process would be left without one.
  """
  there = jax.devices()
  if count and count > len(there):
    raise UserError(
      f"--devices={count}, and JAX finds {len(there)}: give at most "
      "that many, or leave the flag out for all"
    )
  if count and count < len(there) and jax.process_count() > 1:
    raise UserError(
      f"--devices={count} would leave processes idle: with several, leave "
      "the flag out"
    )
  return there[:count]


def _specs(state: Any) -> Any:
  """How each leaf is spread: streams over the devices, the rest whole."""
  return jax.tree_util.tree_map_with_path(
    lambda path, _: P(AXIS) if _name(path[0]) == "streams" else P(), state
  )


def _name(key: Any) -> str:
  return getattr(key, "name", getattr(key, "key", ""))


def _squeeze(tree: Any) -> Any:
  return jax.tree.map(lambda x: x[0], tree)


def repeat(
  update: Callable, count: int, devices: Devices | None = None
) -> Callable:
  """Compiles `count` updates as one program, so that the host waits for none.

  Args:
    update: `(state, *data) -> (state, metrics)`.
    count: of updates a call.
    devices: that it runs on; None for this process's first.

  Returns:
    The same function, which gives up (donates) its state; metrics are averaged.
  """

  def run(state, *data):
    step = lambda carry, _: update(carry, *data)
    state, metrics = jax.lax.scan(step, state, length=count)
    return state, jax.tree.map(lambda x: x.mean(0), metrics)

  return (devices or Devices(jax.local_devices()[:1])).compile(run)
