"""What a game's chance can do: the same moment with other random numbers.

Wild encounters, misses and damage hang on a generator that no picture shows.
Both games show its latest two numbers as `hRandomAdd` and `hRandomSub`. In
Pokémon Red these are the generator's state, together with the divider; other
games keep their state elsewhere in work RAM and only show it there. Wherever
a neighbouring pair of bytes follows them frame by frame is such a state.
"""

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game.env import GameBoyEnv

_SHOWN = ("hRandomAdd", "hRandomSub")
_IDLE = BUTTONS.index("b")


def find_state(env: GameBoyEnv, state: bytes) -> np.ndarray:
  """Where in work RAM the generator keeps the numbers that it shows.

  Args:
    env: is left one action after the state.
    state: of `save_state`.

  Returns:
    `[n]` offsets of the first byte of each pair; none for Red.
  """
  env.load_state(state)
  follows = None
  for _ in env.press_by_frame(_IDLE):
    first, second = (env.peek(name)[0] for name in _SHOWN)
    ram = np.frombuffer(env.peek("wWorkRam"), np.uint8)
    same = (ram[:-1] == first) & (ram[1:] == second)
    follows = same if follows is None else follows & same
  return np.flatnonzero(follows)


def reroll(
  env: GameBoyEnv,
  state: bytes,
  pairs: np.ndarray,
  rng: np.random.Generator,
  count: int = 1,
) -> list[bytes]:
  """The same moment, after which chance goes other ways.

  Args:
    env: is left at that moment.
    state: of `save_state`.
    pairs: of `find_state`.
    rng: draws the numbers.
    count: ways.

  Returns:
    Other states of `save_state`; only the generator's bytes differ.
  """
  env.load_state(state)
  ram = np.frombuffer(env.peek("wWorkRam"), np.uint8).copy()
  states = []
  for _ in range(count):
    numbers = rng.integers(0, 256, len(_SHOWN), dtype=np.uint8)
    for offset in pairs:
      ram[offset : offset + len(_SHOWN)] = numbers
    env.poke("wWorkRam", ram.tobytes())
    for name, number in zip(_SHOWN, numbers, strict=True):
      env.poke(name, bytes([number]))
    states.append(env.save_state())
  return states
