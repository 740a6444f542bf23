"""The game's pad, frame by frame: a bit field, bit i for `BUTTONS[i]`."""

from collections.abc import Iterable

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.errors import UserError

_SHORT = dict(zip("ABsSUDLR", range(8), strict=True))  # s start, S select


def bits(names: Iterable[str]) -> int:
  """The bit field of buttons that are held together."""
  return sum(1 << BUTTONS.index(name) for name in set(names))


def held(pad: int) -> list[str]:
  """The inverse of `bits`."""
  return [name for i, name in enumerate(BUTTONS) if pad >> i & 1]


def turn(emulator, before: int, pad: int) -> None:
  """Presses and releases what changed, for the next frame on."""
  for i in range(len(BUTTONS)):
    if (before ^ pad) >> i & 1:
      if pad >> i & 1:
        emulator.button_press(BUTTONS[i])
      else:
        emulator.button_release(BUTTONS[i])


def let_go(emulator) -> None:
  """Releases everything, such as what a state was saved with."""
  turn(emulator, 2 ** len(BUTTONS) - 1, 0)


def of_actions(
  actions: Iterable[int], press_frames: int = 8, action_frames: int = 24
) -> np.ndarray:
  """The frames of an environment's actions.

  Returns:
    `[len(actions) * action_frames]` u8.
  """
  actions = np.asarray(list(actions), np.int64)
  pads = np.zeros((len(actions), action_frames), np.uint8)
  pads[:, :press_frames] = (1 << actions)[:, None]
  return pads.reshape(-1)


def parse_script(text: str, where: str = "the script") -> np.ndarray:
  """Reads a script of inputs: words such as `A8 .16 RB40`.

  A word is the buttons held together (A, B, s for start, S for select, U, D,
  L, R; a point for none) and for how many frames (1 where there is no
  number). `#` begins a comment.

  Returns:
    `[F]` u8.

  Raises:
    UserError: it has a word that is none of these.
  """
  pads: list[int] = []
  for number, line in enumerate(text.splitlines(), 1):
    for word in line.split("#")[0].split():
      buttons = word.rstrip("0123456789")
      count = word[len(buttons) :] or "1"
      if not buttons or set(buttons) - set(_SHORT) - {"."}:
        raise UserError(
          f"{where}, line {number}: {word!r} is no input; write buttons of "
          f"{''.join(_SHORT)}, or a point for none, and a number of frames, "
          "such as A8 .16 R40."
        )
      pad = sum(1 << _SHORT[b] for b in set(buttons) - {"."})
      pads += [pad] * int(count)
  return np.asarray(pads, np.uint8)
