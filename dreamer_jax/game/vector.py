"""Many emulators stepped together: worker processes and shared memory.

Each worker owns several environments, writes what they show into memory that
all share, and exchanges one small message a step. Nothing resets itself: the
caller sees `is_last`, and resets. Workers import no JAX.

`step` and `reset` wait for the workers. Whoever has other work meanwhile sends
to one part of the environments and receives from another, see `split`.
"""

import collections
import multiprocessing
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dreamer_jax.game import worker
from dreamer_jax.game.pool import LOST, InProcess, WorkerError, WorkerPool
from dreamer_jax.game.rom import Rom, find


class VectorStep(NamedTuple):
  """What `N` environments show after a step or a reset; copies."""

  packed: np.ndarray  # [N, 18, 20, 16] u8, see `frames.pack`
  ram: np.ndarray  # [N, RAM_SIZE] u8
  terms: np.ndarray  # [N, 7] f32, unweighted; zeros at is_first
  is_first: np.ndarray  # [N] bool
  is_last: np.ndarray  # [N] bool, to be reset before the next action
  is_terminal: np.ndarray  # [N] bool, ended for a reason, not cut off
  outcome: np.ndarray  # [N] u8, index of `battle.OUTCOMES`
  episode_step: np.ndarray  # [N] i32, actions since the reset
  is_lost: np.ndarray  # [N] bool, its worker died: the rest means nothing


class _Sent(NamedTuple):
  """A message that was not answered yet."""

  indices: np.ndarray  # of the environments it is for
  owners: list[int]  # the workers that have it


class VectorEnv:
  """`num_envs` environments in `num_workers` processes; a context manager."""

  def __init__(
    self,
    num_envs: int,
    *,
    num_workers: int = 2,
    rom: str | Rom | None = None,
    max_restarts: int = 0,
    timeout_secs: float = 120.0,
    **env_options: Any,
  ):
    """Starts the workers and boots every environment.

    Args:
      num_envs: environments in all.
      num_workers: processes that they are shared out to; 0 keeps them in
        this one.
      rom: a path or a checked ROM; None finds one, see `rom.find`.
      max_restarts: dead workers that are replaced before a death is an
        error; the episodes that ran in them are lost, see `is_lost`.
      timeout_secs: a worker that is silent for longer counts as dead.
      **env_options: of `GameBoyEnv`.

    Raises:
      RomError: no usable ROM. WorkerError: a worker did not start.
    """
    if num_envs < 1 or num_workers < 0:
      raise ValueError(f"num_envs={num_envs}, num_workers={num_workers}")
    self.num_envs = num_envs
    self.rom = rom if isinstance(rom, Rom) else find(rom)
    self.env_options = dict(env_options)
    num_workers = min(num_workers, num_envs)
    parts = np.array_split(np.arange(num_envs), max(num_workers, 1))
    self._spans = [slice(int(p[0]), int(p[-1]) + 1) for p in parts]
    self._owner = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    self._started = np.zeros(num_envs, bool)
    self._busy = np.zeros(num_envs, bool)
    self._lost = np.zeros(num_envs, bool)
    self._sent: collections.deque[_Sent] = collections.deque()
    context = multiprocessing.get_context("spawn") if num_workers else None
    buffers = worker.allocate(num_envs, context)
    self._arrays = worker.views(buffers, num_envs)
    make = (self.rom, self.env_options)
    if num_workers == 0:
      span = self._spans[0]
      self._pool = InProcess(lambda: worker.Slots(self._arrays, span, *make))
      return
    self._pool = WorkerPool(
      [(buffers, num_envs, span, *make) for span in self._spans],
      [
        f"worker {i} (environments {span.start} to {span.stop - 1})"
        for i, span in enumerate(self._spans)
      ],
      max_restarts=max_restarts,
      timeout_secs=timeout_secs,
    )

  @property
  def restarts(self) -> int:
    """Workers that died and were replaced."""
    return self._pool.restarts

  @property
  def pids(self) -> list[int]:
    """Of the worker processes."""
    return [process.pid for process in self._pool.processes]

  def split(self, parts: int = 2) -> list[np.ndarray]:
    """Parts of the environments that use every worker alike.

    While a policy thinks about one part, the workers play another.

    Returns:
      `parts` arrays of indices; fewer if there are too few environments.
    """
    shares = [
      np.array_split(np.arange(span.start, span.stop), parts)
      for span in self._spans
    ]
    groups = [np.concatenate(column) for column in zip(*shares, strict=True)]
    return [group for group in groups if len(group)]

  def reset(
    self,
    indices: Sequence[int] | None = None,
    seeds: Sequence[int | None] | None = None,
    states: Sequence[bytes | None] | None = None,
  ) -> VectorStep:
    """Starts episodes; `send_reset`, then what all environments show."""
    self.send_reset(indices, seeds, states)
    return self.receive()

  def step(self, actions: np.ndarray) -> VectorStep:
    """Plays one action in each; `send_step`, then what all show."""
    self.send_step(actions)
    return self.receive()

  def send_reset(
    self,
    indices: Sequence[int] | None = None,
    seeds: Sequence[int | None] | None = None,
    states: Sequence[bytes | None] | None = None,
  ) -> None:
    """Has episodes started.

    Args:
      indices: of the environments to reset; None for all.
      seeds: one for each of them; None leaves it to chance.
      states: one for each of them, from `save_state`, to start there; None
        for power-on.

    Raises:
      ValueError: as many seeds and states as indices are needed.
    """
    indices = self._check_free(indices)
    seeds = [None] * len(indices) if seeds is None else list(seeds)
    states = [None] * len(indices) if states is None else list(states)
    if not len(indices) == len(seeds) == len(states):
      raise ValueError("as many seeds and states as indices are needed")
    orders: dict[int, list] = {}
    for index, seed, state in zip(indices, seeds, states, strict=True):
      owner, local = self._place(index)
      orders.setdefault(owner, []).append((local, seed, state))
    self._started[indices] = True
    self._lost[indices] = False
    self._send(indices, {k: ("reset", order) for k, order in orders.items()})

  def send_step(
    self, actions: np.ndarray, indices: Sequence[int] | None = None
  ) -> None:
    """Has one action played in each environment.

    Args:
      actions: `[n]` int, indices of `env.BUTTONS`; a negative one leaves its
        environment alone, whose fields then stay as they were.
      indices: `[n]`, of the environments; None for all.

    Raises:
      ValueError: an episode is over and was not reset, or a wrong action.
    """
    indices = self._check_free(indices)
    actions = np.asarray(actions, np.int8)
    if actions.shape != indices.shape:
      raise ValueError(f"{len(indices)} actions wanted, not {actions.shape}")
    over = self._arrays["is_last"][indices] | ~self._started[indices]
    over &= actions >= 0
    if over.any():
      raise ValueError(
        f"environments {indices[over].tolist()} have no running episode: "
        "reset them first"
      )
    every = np.full(self.num_envs, -1, np.int8)
    every[indices] = actions
    parts = {i: every[span] for i, span in enumerate(self._spans)}
    played = {i: p.tobytes() for i, p in parts.items() if p.max() >= 0}
    self._send(indices, {i: ("step", p) for i, p in played.items()})

  def receive(self, indices: Sequence[int] | None = None) -> VectorStep:
    """Waits until environments have done what was sent.

    Args:
      indices: `[n]`; None for all.

    Returns:
      What they show, `[n, ...]`.

    Raises:
      StateError: a state to start from is damaged or another game's.
      WorkerError: a worker died, and none is left to replace it.
    """
    chosen = slice(None) if indices is None else np.asarray(indices, np.int64)
    while self._busy[chosen].any():
      sent = self._sent[0]
      while sent.owners:
        owner = sent.owners[0]
        if self._pool.receive(owner) is LOST:
          self._lose(owner)
        else:
          sent.owners.pop(0)
      self._busy[sent.indices] = False
      self._sent.popleft()
    arrays = {**self._arrays, "is_lost": self._lost}
    copy = lambda v: v.copy() if indices is None else v[chosen]
    return VectorStep(**{name: copy(v) for name, v in arrays.items()})

  def press(self, actions: np.ndarray) -> None:
    """Plays `[T, N]` actions without looking, to time the emulators alone.

    Every environment has to be reset afterwards.
    """
    every = self._check_free(None)
    actions = np.asarray(actions, np.int8)
    self._started[:] = False
    parts = {i: actions[:, span] for i, span in enumerate(self._spans)}
    self._send(every, {i: ("press", p.tobytes()) for i, p in parts.items()})
    self.receive()

  def save_state(self, index: int) -> bytes:
    """The state of one environment's emulator, for `reset`'s `states`."""
    self._check_free(None)
    owner, local = self._place(index)
    self._pool.send(owner, ("save", local))
    state = self._pool.receive(owner)
    if state is LOST:
      self._lose(owner)
      raise WorkerError("the worker died while it saved a state: try again.")
    return state

  def settle(self) -> None:
    """Waits for all that was sent, as before other use; closed, it is none."""
    if self._pool.is_open:
      self.receive()

  def close(self) -> None:
    """Ends the workers; may be called again."""
    self._sent.clear()
    self._busy[:] = False
    self._pool.close()

  def __enter__(self) -> "VectorEnv":
    return self

  def __exit__(self, *exc_info) -> None:
    self.close()

  def _place(self, index: int) -> tuple[int, int]:
    """An environment's worker, and its number there."""
    owner = int(self._owner[index])
    return owner, int(index) - self._spans[owner].start

  def _check_free(self, indices: Sequence[int] | None) -> np.ndarray:
    """The indices as an array; nothing may be on its way to them."""
    if not self._pool.is_open:
      raise ValueError("this VectorEnv is closed")
    indices = range(self.num_envs) if indices is None else indices
    indices = np.asarray(indices, np.int64)
    if self._busy[indices].any():
      busy = indices[self._busy[indices]].tolist()
      raise ValueError(f"environments {busy} are playing: receive them first")
    return indices

  def _send(self, indices: np.ndarray, messages: dict[int, tuple]) -> None:
    for owner, message in messages.items():
      self._pool.send(owner, message)
    self._busy[indices] = True
    self._sent.append(_Sent(indices, list(messages)))

  def _lose(self, owner: int) -> None:
    """Notes that a worker was replaced, and its episodes are gone."""
    self._lost[self._spans[owner]] = True
    self._started[self._spans[owner]] = False
    for sent in self._sent:
      if owner in sent.owners:
        sent.owners.remove(owner)
