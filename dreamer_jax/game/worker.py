"""What runs inside a worker process of `vector.py`."""

import contextlib
import ctypes
import signal
import sys
import traceback
from typing import Any

import numpy as np

from dreamer_jax.contract import NUM_TERMS
from dreamer_jax.errors import UserError
from dreamer_jax.game import frames
from dreamer_jax.game.battle import OUTCOMES
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.rom import Rom

_FRAME = (frames.ROWS, frames.COLUMNS, frames.TILE_BYTES)

# The shared arrays, each with one row an environment.
SPEC: dict[str, tuple[tuple[int, ...], type]] = {
  "packed": (_FRAME, np.uint8),
  "ram": ((RAM_SIZE,), np.uint8),
  "terms": ((NUM_TERMS,), np.float32),
  "is_first": ((), np.bool_),
  "is_last": ((), np.bool_),
  "is_terminal": ((), np.bool_),
  "outcome": ((), np.uint8),
  "episode_step": ((), np.int32),
}


def allocate(num_envs: int, context: Any | None) -> dict[str, Any]:
  """Zeroed buffers for `SPEC`, shared where a process context is given.

  A shared buffer is an unlinked file that dies with its last process: there
  is nothing to leak, even by a kill.
  """
  sizes = {
    name: num_envs * int(np.prod(shape)) * np.dtype(dtype).itemsize
    for name, (shape, dtype) in SPEC.items()
  }
  if context is None:
    return {name: bytearray(size) for name, size in sizes.items()}
  return {
    name: context.RawArray(ctypes.c_ubyte, size) for name, size in sizes.items()
  }


def views(buffers: dict[str, Any], num_envs: int) -> dict[str, np.ndarray]:
  """The buffers of `allocate` as arrays."""
  return {
    name: np.frombuffer(buffers[name], dtype).reshape(num_envs, *shape)
    for name, (shape, dtype) in SPEC.items()
  }


class Slots:
  """A span of the environments, and their rows of the shared arrays."""

  def __init__(
    self,
    arrays: dict[str, np.ndarray],
    span: slice,
    rom: Rom,
    env_options: dict[str, Any],
  ):
    self._rows = {name: array[span] for name, array in arrays.items()}
    count = span.stop - span.start
    self._envs: list[GameBoyEnv] = []
    for _ in range(count):
      self._envs.append(GameBoyEnv(rom, **env_options))

  def handle(self, message: tuple[str, Any]) -> Any:
    """Obeys one message of `VectorEnv`."""
    kind, argument = message
    if kind == "step":
      return self._step(argument)
    if kind == "reset":
      return self._reset(argument)
    if kind == "press":
      return self._press(argument)
    assert kind == "save", kind
    return self._envs[argument].save_state()

  def close(self) -> None:
    """Stops every emulator."""
    for env in self._envs:
      env.close()

  def _step(self, actions: bytes) -> None:
    rows = self._rows
    actions = np.frombuffer(actions, np.int8)
    played = np.flatnonzero(actions >= 0)
    for i in played:
      self._envs[i].press(int(actions[i]))
      judged = self._envs[i].judge(self._show(i))
      rows["terms"][i] = judged.terms
      rows["outcome"][i] = OUTCOMES.index(judged.outcome)
      rows["is_terminal"][i] = judged.is_terminal
      rows["is_last"][i] = judged.is_terminal or judged.is_cut
    rows["is_first"][played] = False
    rows["episode_step"][played] += 1

  def _press(self, actions: bytes) -> None:
    """Plays without looking; a reset must follow."""
    for row in np.frombuffer(actions, np.int8).reshape(-1, len(self._envs)):
      for env, action in zip(self._envs, row.tolist(), strict=True):
        env.press(action)

  def _reset(self, orders: list[tuple[int, int | None, bytes | None]]) -> None:
    for i, seed, state in orders:
      self._envs[i].start(seed, state)
      self._envs[i].begin(self._show(i))
      for name in ("terms", "outcome", "is_terminal", "is_last"):
        self._rows[name][i] = 0
      self._rows["is_first"][i] = True
      self._rows["episode_step"][i] = 0

  def _show(self, i: int) -> np.ndarray:
    """Puts the screen and the RAM into the rows; returns the RAM."""
    env = self._envs[i]
    self._rows["packed"][i] = env.packed()
    self._rows["ram"][i] = ram = env.read_ram()
    return ram


def main(
  pipe: Any,
  buffers: dict[str, Any],
  num_envs: int,
  span: slice,
  rom: Rom,
  env_options: dict[str, Any],
) -> None:
  """Serves one `VectorEnv` until it says "close" or is gone."""
  signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
  slots = None
  try:
    slots = Slots(views(buffers, num_envs), span, rom, env_options)
    assert "jax" not in sys.modules, "a worker must stay small and quick"
    pipe.send(("ok", None, ""))
    while (message := pipe.recv())[0] != "close":
      pipe.send(("ok", slots.handle(message), ""))
  except (EOFError, ConnectionError):
    pass  # the parent is gone
  except Exception as error:
    known = error if isinstance(error, UserError) else None
    with contextlib.suppress(OSError):
      pipe.send(("error", known, traceback.format_exc()))
  finally:
    if slots is not None:
      slots.close()
