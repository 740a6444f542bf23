"""One PyBoy: started so that it touches no file, and its states as bytes.

PyBoy opens a ROM's `.ram` and `.rtc` files by itself when it is given a path,
and writes them when it stops. It is therefore given bytes, never a path: what
the cartridge's battery holds at power-on is an argument, and what it holds
later is returned, and nobody else decides about files.
"""

import importlib.metadata
import io
import os
import pathlib
import tempfile
import warnings
import zlib

from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.game import savestates
from dreamer_jax.game.savestates import StateError

with warnings.catch_warnings():  # pysdl2 tells where its library lies
  warnings.simplefilter("ignore")
  import pyboy
  import pyboy.utils

PYBOY_VERSION = importlib.metadata.version("pyboy")
IS_COMPILED = bool(pyboy.utils.cython_compiled)  # or PyBoy is slow
FRAMES_HZ = 59.73  # frames a second of a Game Boy
_UNSEEN = (b"offscreen", b"dummy")  # drivers of SDL that draw nowhere
_STATE_MAGIC = b"DJS1"
_BANK_BYTES = 8192
_MOST_BANKS = 16
_CLOCK_BYTES = (0, 44, 48)  # that emulators write behind a battery's RAM
_CARTRIDGE_RAM = 0xA000
_TILES = slice(0x8000, 0x9800)  # 384 of 16 bytes
_KIND, _RAM_SIZE = 0x147, 0x149  # in a ROM's header


def power_on(
  rom: roms.Rom,
  *,
  battery: bytes = b"",
  window: str = "null",
  scale: int = 4,
  sound: bool = False,
) -> pyboy.PyBoy:
  """An emulator that neither reads nor writes any file.

  Keys do not reach it: whoever opens a window reads them, so that what is
  pressed is known.

  Args:
    rom: a checked ROM.
    battery: what the cartridge's own RAM holds, all of it; empty for zeros.
    window: "null", or "SDL2" to show the game.
    scale: of the window, screen pixels a pixel.
    sound: emulate it, which costs 40 %. A game may read its sound registers,
      so a replay does as the recording did.

  Returns:
    A PyBoy at frame 0, at unlimited speed; end it with `stop(save=False)`.

  Raises:
    UserError: there is no display to open a window on, or the battery is not
      this cartridge's.
  """
  data = pathlib.Path(rom.path).read_bytes()
  _check_battery(battery, roms.battery_banks(data) * _BANK_BYTES)
  headless = window == "null"
  if not headless:
    check_display(
      "log in to a desktop, forward X11, or give a script of inputs instead"
    )
  emulator = pyboy.PyBoy(
    io.BytesIO(data),
    ram_file=io.BytesIO(battery.ljust(_MOST_BANKS * _BANK_BYTES, b"\0")),
    window=window,
    scale=scale,
    sound_emulated=sound,
    no_input=True,
    log_level="ERROR",
    cgb=False,
  )
  emulator.set_emulation_speed(0)
  return emulator


def _check_battery(battery: bytes, wanted: int) -> None:
  """Refuses what is no saved game; a clock may follow it."""
  if battery and len(battery) - wanted not in _CLOCK_BYTES:
    raise UserError(
      f"the saved game (--battery) has {len(battery):,} bytes, and this ROM's "
      f"cartridge keeps {wanted:,}: it is another game's, or no battery file "
      "(.sav) but a save state, say."
    )


def check_display(remedy: str) -> None:
  """Checks that a window can be seen here, by asking SDL 2 for one.

  Without a display it does not fail: it draws where nobody looks. That is
  taken where SDL_VIDEODRIVER asks for it.

  Args:
    remedy: what else a person can do.

  Raises:
    UserError: there is none.
  """
  with warnings.catch_warnings():  # pysdl2 tells where its library lies
    warnings.simplefilter("ignore")
    import sdl2
  driver = None
  # Else Wayland's library, which SDL asks too, says on stderr that it lacks it.
  os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
  if sdl2.SDL_InitSubSystem(sdl2.SDL_INIT_VIDEO) == 0:
    driver = sdl2.SDL_GetCurrentVideoDriver()
    sdl2.SDL_QuitSubSystem(sdl2.SDL_INIT_VIDEO)
  is_asked_for = bool(os.environ.get("SDL_VIDEODRIVER"))
  if driver is None or (driver in _UNSEEN and not is_asked_for):
    raise UserError(f"there is no display to open a window on: {remedy}")


def read_battery(emulator: pyboy.PyBoy, rom: roms.Rom) -> bytes:
  """What the cartridge's own RAM holds now, to be written by who wants to."""
  banks = roms.battery_banks(pathlib.Path(rom.path).read_bytes())
  last = _CARTRIDGE_RAM + _BANK_BYTES - 1  # PyBoy refuses a slice up to it
  return b"".join(
    bytes([*emulator.memory[bank, _CARTRIDGE_RAM:last],
           emulator.memory[bank, last]])
    for bank in range(banks)
  )  # fmt: skip


def read_tiles(emulator: pyboy.PyBoy) -> bytes:
  """The tiles that the game has put into video memory, 16 bytes each."""
  return bytes(emulator.memory[_TILES])


def dump(emulator: pyboy.PyBoy) -> bytes:
  """The emulator's state as PyBoy writes it, about 210 kB."""
  buffer = io.BytesIO()
  emulator.save_state(buffer)
  return buffer.getvalue()


def restore(emulator: pyboy.PyBoy, state: bytes, own: bytes = b"") -> None:
  """Goes to a state of `dump`, or to one that another PyBoy saved.

  Args:
    emulator: of the state's ROM.
    state: what was saved.
    own: any state of this emulator, to compare with; saves the time of one.

  Raises:
    StateError: it is no state, or of another cartridge; the sentence says
      why. The emulator may be neither here nor there: restore another.
  """
  header = [emulator.memory[0, at] for at in (_KIND, _RAM_SIZE)]
  cartridge = savestates.Cartridge(header[0], roms.ram_banks(header[1]))
  fitted = savestates.fitted(state, own or dump(emulator), cartridge)
  if problem := _load(emulator, fitted):
    raise StateError(
      f"PyBoy {PYBOY_VERSION} cannot load this state of "
      f"{savestates.release(state[0])} (layout {state[0]}; {problem}): it is "
      "damaged, or no state; save it again with the ROM that is given."
    )


def _load(emulator: pyboy.PyBoy, state: bytes) -> str:
  """Loads a state as it is; what PyBoy says against it, or ""."""
  file = io.BytesIO(state)
  try:
    emulator.load_state(file)
  except Exception as error:  # whatever PyBoy makes of it
    return str(error)
  left = len(state) - file.tell()
  return f"{left} bytes are left over" if left else ""


def pack_state(dumped: bytes, sha1: str) -> bytes:
  """A state of `dump`, compressed, with the name of its ROM."""
  return _STATE_MAGIC + bytes.fromhex(sha1) + zlib.compress(dumped, 1)


def open_state(state: bytes, sha1: str) -> bytes:
  """The inverse of `pack_state`.

  Raises:
    StateError: the state is damaged, another game's, or of a newer PyBoy.
  """
  magic, game = state[:4], state[4:24].hex()
  if magic != _STATE_MAGIC or len(state) < 24:
    raise StateError(
      "this is no state of GameBoyEnv.save_state: save it again with it."
    )
  if game != sha1:
    raise StateError(
      f"this state belongs to the ROM with SHA-1 {game}, not to {sha1}: "
      "load it with the ROM that it was saved with."
    )
  try:
    dumped = zlib.decompress(state[24:])
  except zlib.error as error:
    raise StateError(
      f"this state is damaged ({error}): use another copy or save it again."
    ) from None
  savestates.refuse_newer(dumped, pyboy.utils.STATE_VERSION)
  return dumped
