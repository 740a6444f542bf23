"""A person's keys, read from the window once a frame.

Arrow keys walk; A, S are the game's A and B; Return is Start, Backspace is
Select, as in PyBoy. Space held runs the game as fast as it can. Escape, or
closing the window, ends.
"""

import warnings

from dreamer_jax.contract import BUTTONS
from dreamer_jax.errors import UserError


class Keyboard:
  """Turns a window's events into the game's pad.

  Attributes:
    is_fast: Space is held.
    has_ended: the person wants to stop.
  """

  def __init__(self):
    """Needs a window that PyBoy has opened."""
    try:
      with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import sdl2
        import sdl2.ext
    except ImportError:
      raise UserError(
        "the window needs SDL2: pip install pysdl2 pysdl2-dll."
      ) from None
    self._sdl = sdl2
    names = dict(
      a=sdl2.SDLK_a, b=sdl2.SDLK_s, start=sdl2.SDLK_RETURN,
      select=sdl2.SDLK_BACKSPACE, up=sdl2.SDLK_UP, down=sdl2.SDLK_DOWN,
      left=sdl2.SDLK_LEFT, right=sdl2.SDLK_RIGHT,
    )  # fmt: skip
    self._bits = {key: 1 << BUTTONS.index(n) for n, key in names.items()}
    self._held = 0
    self.is_fast = self.has_ended = False

  def __call__(self) -> int:
    """The pad as it is held now."""
    sdl = self._sdl
    for event in sdl.ext.get_events():
      if event.type == sdl.SDL_QUIT:
        self.has_ended = True
      elif event.type in (sdl.SDL_KEYDOWN, sdl.SDL_KEYUP):
        self._key(event.key.keysym.sym, event.type == sdl.SDL_KEYDOWN)
    return self._held

  def _key(self, key: int, is_down: bool) -> None:
    if key == self._sdl.SDLK_ESCAPE:
      self.has_ended |= is_down
    elif key == self._sdl.SDLK_SPACE:
      self.is_fast = is_down
    bit = self._bits.get(key, 0)
    self._held = self._held | bit if is_down else self._held & ~bit
