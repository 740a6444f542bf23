"""Measures how fast policy and dream run, and how large the model is.

The policy's figure is the whole path on one core of the CPU, from a packed
frame to an action as a number: a fast network behind slow plumbing is slow.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.agent.agent import Agent, make_policy
from dreamer_jax.contract import GRID, NUM_ACTIONS, NUM_TERMS
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.vector import VectorStep


@contextlib.contextmanager
def one_core() -> Iterator[bool]:
  """Keeps every thread of this process on one core, then frees them.

  XLA's threads exist before anyone asks, so the process's own affinity is not
  enough: it is set on each thread.

  Yields:
    Whether it could be done; it cannot where the system has no affinity.
  """
  before = _affinities()
  for thread in before:
    _set_affinity(thread, {min(before[os.getpid()])})
  try:
    yield bool(before)
  finally:
    home = before.get(os.getpid())
    for thread in _affinities():
      _set_affinity(thread, before.get(thread, home))


def latencies(
  call: Callable[[], object], calls: int = 400, warm_up: int = 50
) -> np.ndarray:
  """Times `call`, which must wait for its own result.

  Args:
    call: what is timed.
    calls: how often.
    warm_up: calls before those, among them the one that compiles.

  Returns:
    `[calls]` f64 seconds.
  """
  for _ in range(warm_up):
    call()
  secs = np.empty(calls)
  for i in range(calls):
    began = time.perf_counter()
    call()
    secs[i] = time.perf_counter() - began
  return secs


def policy_speed(agent: Agent, calls: int = 400) -> dict[str, float]:
  """How often a second the policy can decide, on one core of the CPU.

  One decision: codebook look-up of a packed frame, filtering, actor, and the
  action back on the host, for one emulator.

  Returns:
    `median` in Hz, and `p99_ms`, the latency that 99 of 100 calls stay below.
  """
  cpu = jax.devices("cpu")[0]
  world_params, actor = jax.device_put((agent.world_params, agent.actor), cpu)
  agent = agent._replace(world_params=world_params, actor=actor)
  with jax.default_device(cpu):
    policy = make_policy(agent, 1)
    policy.reset([0], [0])
    steps = [_screen(agent, seed) for seed in range(16)]
    turn = iter(range(10**9))
    decide = lambda: policy(steps[next(turn) % len(steps)])
    with one_core():
      secs = latencies(decide, calls)
  return {
    "median": float(1 / np.median(secs)),
    "p99_ms": float(np.percentile(secs, 99) * 1e3),
  }


def dream_speed(agent: Agent, calls: int = 400) -> float:
  """Dreamed pictures a second, one dream at a time.

  One picture: a step of the model, its most likely tile ids, and their pixels
  on the host.
  """
  world = agent.world

  @jax.jit
  def step(params, latent, action):
    latent = world.forecast(params, latent, action)
    return latent, world.tiles(params, latent)

  state = {"latent": jax.tree.map(jnp.asarray, world.initial(1)), "step": 0}

  def picture() -> np.ndarray:
    action = np.full(1, state["step"] % NUM_ACTIONS, np.int32)
    state["latent"], ids = step(agent.world_params, state["latent"], action)
    state["step"] += 1
    return agent.codebook.frames(np.asarray(ids))

  return float(1 / np.median(latencies(picture, calls)))


def model_size(agent: Agent) -> tuple[int, float]:
  """World model and actor: parameters, and their megabytes (10^6) in f32."""
  leaves = jax.tree.leaves((agent.world_params, agent.actor))
  count = sum(leaf.size for leaf in leaves)
  return count, count * 4 / 1e6


def _screen(agent: Agent, seed: int) -> VectorStep:
  """One emulator's step with a screen of known tiles."""
  rng = np.random.default_rng(seed)
  ids = rng.integers(0, len(agent.codebook), (1, *GRID))
  flag = lambda value: np.full(1, value)
  return VectorStep(
    packed=agent.codebook.decode(ids),
    ram=np.zeros((1, RAM_SIZE), np.uint8),
    terms=np.zeros((1, NUM_TERMS), np.float32),
    is_first=flag(seed == 0),
    is_last=flag(False),
    is_terminal=flag(False),
    outcome=np.zeros(1, np.uint8),
    episode_step=np.full(1, seed, np.int32),
    is_lost=flag(False),
  )


def _affinities() -> dict[int, set[int]]:
  """The cores of each thread of this process; empty if unknown here."""
  if not hasattr(os, "sched_getaffinity") or not os.path.isdir("/proc/self"):
    return {}
  cores = {}
  for name in os.listdir("/proc/self/task"):
    with contextlib.suppress(OSError):  # a thread that has just ended
      cores[int(name)] = os.sched_getaffinity(int(name))
  return cores


def _set_affinity(thread: int, cores: set[int]) -> None:
  with contextlib.suppress(OSError):
    os.sched_setaffinity(thread, cores)
