"""Many emulators stepped together: worker processes and shared memory.

Each worker owns several environments, writes what they show into memory that
all share, and exchanges one small message a step. Nothing resets itself: the
caller sees `is_last`, and resets. Workers import no JAX.
"""

import contextlib
import multiprocessing
import sys
import types
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dreamer_jax.errors import UserError
from dreamer_jax.game import worker
from dreamer_jax.game.rom import Rom, find


class WorkerError(UserError):
  """A worker process died, or an environment in it failed."""


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


class VectorEnv:
  """`num_envs` environments in `num_workers` processes; a context manager."""

  def __init__(
    self,
    num_envs: int,
    *,
    num_workers: int = 2,
    rom: str | Rom | None = None,
    **env_options: Any,
  ):
    """Starts the workers and boots every environment.

    Args:
      num_envs: environments in all.
      num_workers: processes that they are shared out to; 0 keeps them in
        this one.
      rom: a path or a checked ROM; None finds one, see `rom.find`.
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
    spans = np.array_split(np.arange(num_envs), max(num_workers, 1))
    self._spans = [slice(int(s[0]), int(s[-1]) + 1) for s in spans]
    self._owner = np.repeat(np.arange(len(spans)), [len(s) for s in spans])
    self._started = np.zeros(num_envs, bool)
    context = multiprocessing.get_context("spawn")
    buffers = worker.allocate(num_envs, context if num_workers else None)
    self._arrays = worker.views(buffers, num_envs)
    make = (self.rom, self.env_options)
    self._slots = self._processes = self._pipes = None
    if num_workers == 0:
      self._slots = worker.Slots(self._arrays, self._spans[0], *make)
      self._finalizer = weakref.finalize(self, self._slots.close)
      return
    self._processes, self._pipes = [], []
    self._finalizer = weakref.finalize(
      self, _shut_down, self._processes, self._pipes
    )
    with _without_main():
      for span in self._spans:
        self._start(context, (buffers, num_envs, span, *make))
    try:
      for index in range(num_workers):
        self._receive(index)  # it booted
    except BaseException:
      self.close()
      raise

  def reset(
    self,
    indices: Sequence[int] | None = None,
    seeds: Sequence[int | None] | None = None,
    states: Sequence[bytes | None] | None = None,
  ) -> VectorStep:
    """Starts episodes.

    Args:
      indices: of the environments to reset; None for all.
      seeds: one for each of them; None leaves it to chance.
      states: one for each of them, from `save_state`, to start there; None
        for power-on.

    Returns:
      What all environments show; `is_first` where they were reset.

    Raises:
      StateError: a state is damaged or another game's.
    """
    indices = range(self.num_envs) if indices is None else list(indices)
    seeds = [None] * len(indices) if seeds is None else list(seeds)
    states = [None] * len(indices) if states is None else list(states)
    if not len(indices) == len(seeds) == len(states):
      raise ValueError("as many seeds and states as indices are needed")
    orders: dict[int, list] = {}
    for index, seed, state in zip(indices, seeds, states, strict=True):
      owner = int(self._owner[index])
      local = int(index) - self._spans[owner].start
      orders.setdefault(owner, []).append((local, seed, state))
      self._started[index] = True
    self._call({owner: ("reset", order) for owner, order in orders.items()})
    return self._observe()

  def step(self, actions: np.ndarray) -> VectorStep:
    """Plays one action in each environment.

    Args:
      actions: `[N]` int, indices of `env.BUTTONS`; a negative one leaves its
        environment alone, whose fields then stay as they were.

    Returns:
      What all environments show.

    Raises:
      ValueError: an episode is over and was not reset, or a wrong action.
      WorkerError: a worker died.
    """
    actions = np.asarray(actions, np.int64)
    if actions.shape != (self.num_envs,):
      raise ValueError(f"{self.num_envs} actions wanted, not {actions.shape}")
    over = (actions >= 0) & (self._arrays["is_last"] | ~self._started)
    if over.any():
      raise ValueError(
        f"environments {np.flatnonzero(over).tolist()} have no running "
        "episode: reset them first"
      )
    self._call(
      {
        owner: ("step", actions[span])
        for owner, span in enumerate(self._spans)
        if (actions[span] >= 0).any()
      }
    )
    return self._observe()

  def save_state(self, index: int) -> bytes:
    """The state of one environment's emulator, for `reset`'s `states`."""
    owner = int(self._owner[index])
    local = int(index) - self._spans[owner].start
    return self._call({owner: ("save", local)})[owner]

  def close(self) -> None:
    """Ends the workers; may be called again."""
    self._finalizer()

  def __enter__(self) -> "VectorEnv":
    return self

  def __exit__(self, *exc_info) -> None:
    self.close()

  def _observe(self) -> VectorStep:
    return VectorStep(**{k: v.copy() for k, v in self._arrays.items()})

  def _start(self, context, args: tuple) -> None:
    ours, theirs = context.Pipe()
    process = context.Process(
      target=worker.main, args=(theirs, *args), daemon=True
    )
    process.start()
    theirs.close()
    self._processes.append(process)
    self._pipes.append(ours)

  def _call(self, messages: dict[int, tuple]) -> dict[int, Any]:
    """Sends a message to some workers, then waits for all the answers."""
    if not self._finalizer.alive:
      raise ValueError("this VectorEnv is closed")
    if self._slots is not None:
      return {owner: self._slots.handle(m) for owner, m in messages.items()}
    for owner, message in messages.items():
      try:
        self._pipes[owner].send(message)
      except OSError:
        self._fail(owner)
    return {owner: self._receive(owner) for owner in messages}

  def _receive(self, owner: int) -> Any:
    try:
      kind, answer, text = self._pipes[owner].recv()
    except (EOFError, OSError):
      self._fail(owner)
    if kind == "ok":
      return answer
    self.close()
    if answer is not None:  # an error that already is a sentence
      raise answer
    raise WorkerError(f"{self._describe(owner)} failed:\n{text}")

  def _fail(self, owner: int) -> None:
    process = self._processes[owner]
    process.join(5)
    code = process.exitcode
    self.close()
    raise WorkerError(
      f"{self._describe(owner)} died with exit code {code}: a negative one "
      "is the signal that killed it, -9 often for want of memory (then use "
      "fewer environments or workers). Start again; what was saved stays."
    )

  def _describe(self, owner: int) -> str:
    span = self._spans[owner]
    return f"worker {owner} (environments {span.start} to {span.stop - 1})"


@contextlib.contextmanager
def _without_main():
  """Hides `__main__` from starting processes.

  `spawn` imports the main module again in every child, and with it whatever
  it imports: in a training program that is JAX.
  """
  main = sys.modules["__main__"]
  sys.modules["__main__"] = types.ModuleType("__main__")
  try:
    yield
  finally:
    sys.modules["__main__"] = main


def _shut_down(processes: list, pipes: list) -> None:
  """Asks workers to end, and makes them."""
  for pipe in pipes:
    with contextlib.suppress(OSError):
      pipe.send(("close", None))
  for process in processes:
    process.join(2)
    if process.is_alive():
      process.kill()
      process.join(5)
  for pipe in pipes:
    pipe.close()
