"""Worker processes: started, spoken to, watched, replaced, ended.

A pool knows nothing of games: it hands messages to `worker.main` and answers
back, in order. `InProcess` is the pool of no processes, with the same methods.
"""

import collections
import contextlib
import multiprocessing
import select
import sys
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from absl import logging

from dreamer_jax.errors import UserError
from dreamer_jax.game import worker

_SLICES = 20  # of the time that a worker may be silent
LOST = object()  # the answer of a worker that died and was replaced


class WorkerError(UserError):
  """A worker process died, or an environment in it failed."""


class WorkerPool:
  """One process for each tuple of `worker.main`'s arguments."""

  def __init__(
    self,
    arguments: Sequence[tuple],
    names: Sequence[str],
    *,
    max_restarts: int,
    timeout_secs: float,
  ):
    """Starts the workers and waits until all are ready.

    Args:
      arguments: of `worker.main` after the pipe, for each worker.
      names: of the workers, for messages.
      max_restarts: how many deaths are made good, of all workers together.
      timeout_secs: a worker that keeps one message longer is killed.

    Raises:
      WorkerError: one did not start.
    """
    self._arguments, self._names = arguments, names
    self._restarts_left = self._max_restarts = max_restarts
    self._timeout_secs = timeout_secs
    self.processes: list[multiprocessing.Process] = []
    self._pipes: list = []
    self._finalizer = weakref.finalize(
      self, _shut_down, self.processes, self._pipes
    )
    for owner in range(len(arguments)):
      self._start(owner)
    for owner in range(len(arguments)):
      self._check(owner, self._answer(owner))

  @property
  def is_open(self) -> bool:
    """Whether it was not closed."""
    return self._finalizer.alive

  @property
  def restarts(self) -> int:
    """Workers replaced so far."""
    return self._max_restarts - self._restarts_left

  def send(self, owner: int, message: tuple) -> None:
    """Hands a worker a message; a death shows in `receive`."""
    with contextlib.suppress(OSError):
      self._pipes[owner].send(message)

  def receive(self, owner: int) -> Any:
    """The answer to the oldest message to that worker.

    Returns:
      The answer; `LOST` if the worker died and another took its place, which
      knows of no message.

    Raises:
      WorkerError: it failed, or died once too often; the pool is closed.
    """
    answer = self._answer(owner)
    if answer is not None:
      return self._check(owner, answer)
    reason = self._bury(owner)
    if not self._restarts_left:
      self.close()
      raise WorkerError(
        f"{self._names[owner]} {reason}. Start again; what was saved stays."
      )
    self._restarts_left -= 1
    logging.warning(
      "%s %s. Its episodes are dropped; worker started again (%d of %d).",
      self._names[owner], reason, self.restarts, self._max_restarts,
    )  # fmt: skip
    self._start(owner)
    self._check(owner, self._answer(owner))
    return LOST

  def close(self) -> None:
    """Ends the workers; may be called again."""
    self._finalizer()

  def _start(self, owner: int) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
      target=worker.main, args=(theirs, *self._arguments[owner]), daemon=True
    )
    with _without_main():
      process.start()
    theirs.close()
    # In place: the finalizer holds these lists.
    self.processes[owner : owner + 1] = [process]
    self._pipes[owner : owner + 1] = [ours]

  def _answer(self, owner: int) -> tuple | None:
    """What a worker says next; None if it died or stays silent."""
    pipe = self._pipes[owner]
    poll = select.poll()  # `pipe.poll` costs ten times as much
    poll.register(pipe, select.POLLIN)
    try:
      # In slices: while this process is suspended, only one of them passes.
      for _ in range(_SLICES):
        if poll.poll(self._timeout_secs * 1e3 / _SLICES):
          return pipe.recv()
    except (EOFError, OSError):
      pass
    return None

  def _check(self, owner: int, answer: tuple | None) -> Any:
    """The content of an answer; raises what it says went wrong."""
    if answer is None:
      answer = "error", None, f"it {self._bury(owner)}"
    kind, content, text = answer
    if kind == "ok":
      return content
    self.close()
    if content is not None:  # an error that already is a sentence
      raise content
    raise WorkerError(f"{self._names[owner]} failed:\n{text}")

  def _bury(self, owner: int) -> str:
    """Ends what is left of a worker; says what it died of."""
    process = self.processes[owner]
    process.join(1)
    if process.is_alive():
      process.kill()
      process.join(5)
      return f"did not answer for {self._timeout_secs:.0f} s and was killed"
    self._pipes[owner].close()
    return (
      f"died with exit code {process.exitcode}: a negative one is the signal "
      "that killed it, -9 often for want of memory (then use fewer "
      "environments or workers)"
    )


class InProcess:
  """Does at once, in this process, what a worker would do."""

  def __init__(self, make_slots: Callable[[], worker.Slots]):
    """`make_slots` boots the environments."""
    self.processes: list = []
    self.restarts = 0
    self._slots = make_slots()
    self._answers: collections.deque = collections.deque()
    self._finalizer = weakref.finalize(self, self._slots.close)

  @property
  def is_open(self) -> bool:
    """Whether it was not closed."""
    return self._finalizer.alive

  def send(self, owner: int, message: tuple) -> None:
    """Obeys the message."""
    self._answers.append(self._slots.handle(message))

  def receive(self, owner: int) -> Any:
    """The answer to the oldest message."""
    return self._answers.popleft()

  def close(self) -> None:
    """Stops the emulators; may be called again."""
    self._finalizer()


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
