"""Plays a game's intro: title, speech and names, until the player can act.

Only the RAM is looked at. A and Start lead through title, speech and naming
screens of Red and of Lantern Isle alike; a list of names is left by its second
entry, so that no letters are typed. Whether the player can act is not believed
from flags alone, which a save that is loaded for the main menu sets early:
a direction has to be obeyed.
"""

from collections.abc import Callable

from dreamer_jax.errors import UserError
from dreamer_jax.game.env import BUTTONS, GameBoyEnv
from dreamer_jax.game.ram import GameRam, decode

_CURSOR_TILE = 0xED  # the arrow of an open menu, in wTileMap
_NAMES_LAST = 3  # index of the last entry in a list of preset names
_FAST_TEXT, _NO_ANIMATION = 0x01, 0x80  # bits of wOptions
_SPEED_BITS = 0x0F
_STUCK = 12  # presses of A without effect before another button is tried
_CALM = 3  # samples in which the player can act, before it is put to the test
_DOUBT = 12  # actions without another test after a failed one


class IntroError(UserError):
  """The intro did not lead to a game that can be played."""


def play(
  env: GameBoyEnv,
  *,
  max_actions: int = 3000,
  on_action: Callable[[int, int], None] | None = None,
) -> int:
  """Plays from where `env` is until the player can act.

  Args:
    env: reset, at power-on or anywhere before play begins.
    max_actions: give up after so many.
    on_action: called after each with the number of actions and the last one.

  Returns:
    Actions played. The probe by which the player was moved is undone.

  Raises:
    IntroError: the player could not act after `max_actions`.
  """
  calm = still = doubt = 0
  ram = decode(env.read_ram())
  screen = b""
  for count in range(max_actions):
    doubt = max(0, doubt - 1)
    calm = calm + 1 if ram.can_act and not doubt else 0
    if calm >= _CALM:
      if obeys(env):
        return count
      calm, doubt = 0, _DOUBT
    before, screen = screen, env.frame().tobytes()
    still = still + 1 if screen == before else 0
    action = BUTTONS.index("b" if calm else _button(env, ram, still))
    env.press(action)
    ram = decode(env.read_ram())
    if on_action is not None:
      on_action(count + 1, action)
  raise IntroError(
    f"after {max_actions} actions the player still could not act (map "
    f"{int(ram.map_id)}, playing: {bool(ram.is_playing)}): look at a picture "
    "of it with dreamer-jax rom doctor; is this a game with Red's RAM?"
  )


def _button(env: GameBoyEnv, ram: GameRam, still: int) -> str:
  """What leads on from a screen that has stood still for so many actions."""
  at_first = ram.menu_max == _NAMES_LAST and ram.menu_item == 0
  if at_first and _CURSOR_TILE in env.peek("wTileMap"):
    return "down"
  if still and still % _STUCK == 0:
    return ("start", "b", "down")[still // _STUCK % 3 - 1]
  return "a"


def obeys(env: GameBoyEnv) -> bool:
  """Whether a direction turns or moves the player; leaves no trace."""
  state = env.save_state()
  before = decode(env.read_ram())
  moved = False
  for direction in ("down", "up", "left", "right"):
    env.press(BUTTONS.index(direction))
    now = decode(env.read_ram())
    fields = ("map_id", "x", "y", "facing")
    moved = any(getattr(now, f) != getattr(before, f) for f in fields)
    if moved and now.is_playing:
      break
  env.load_state(state)
  return bool(moved)


def quicken(env: GameBoyEnv) -> None:
  """Sets fast text and no battle animation, as the options menu would.

  It writes the byte of the options; nothing else is touched.
  """
  options = env.peek("wOptions")[0] & ~_SPEED_BITS
  env.poke("wOptions", bytes([options | _FAST_TEXT | _NO_ANIMATION]))
