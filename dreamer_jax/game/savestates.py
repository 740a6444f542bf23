"""PyBoy's save states as bytes: their version, their cartridge, old ones.

A state names neither its game nor its length. It begins with the number of
its layout; how long it is follows from that number, from the cartridge's own
RAM and from the sound buffer. PyBoy 2.8 wants bytes of older states that
their versions never wrote, so that it reads them shifted, or not at all;
`fitted` puts those bytes in.
"""

from typing import NamedTuple

from dreamer_jax.errors import UserError

# Layout -> the releases that wrote it. 16 to 28 were never released.
RELEASES = {
  8: "1.5", 9: "1.6", 10: "2.0 to 2.2", 11: "2.3", 12: "2.4", 14: "2.5",
  15: "2.6 or 2.7", 29: "2.8",
}  # fmt: skip
_OLD = (8, 9, 10, 11, 12, 14, 15)  # that PyBoy 2.8 does not read rightly
_BANK_BYTES = 8192
_BANKS = (0, 1, 4, 8, 16)  # of RAM that a cartridge may have
_KIND_BYTES = 40  # by which kinds of cartridges differ besides
_MBC1, _MBC5, _CLOCK = (1, 2, 3), range(0x19, 0x1F), (0x0F, 0x10)  # kinds
_WRAM_BYTES = 8192
_CYCLES = 23  # where layouts 12 to 15 keep the CPU's count
_FRAME = 2 * 70_224  # cycles, at double speed
_SCREEN = 144 * 160
_SHORTEST = 100_000  # bytes; every state since layout 6 holds the screen
_LOUDNESS = b"\x77"  # NR50 as the boot leaves it: both sides at full volume
_TONE, _SWEEP, _WAVE, _NOISE = 57, 20, 63, 65  # bytes of layouts 14 and 15
_CHANNELS = 2 * _TONE + _SWEEP + _WAVE + _NOISE
# What else a person may take for a state, by how it begins.
_STARTS = {
  b"\x1f\x8b": "a gzip file, such as a state of VisualBoyAdvance, or a packed "
  "one: unpack it",
  b"PK\x03\x04": "a zip file, such as a state of BizHawk, or a packed one: "
  "unpack it",
  b"\xfd7zXZ\0": "packed (xz): unpack it",
  b"BZh": "packed (bzip2): unpack it",
  b"\x28\xb5\x2f\xfd": "packed (zstd): unpack it",
  b"\x04\x22\x4d\x18": "packed (lz4): unpack it",
  b"7z\xbc\xaf\x27\x1c": "packed (7z): unpack it",
  b"Rar!\x1a\x07": "packed (rar): unpack it",
  b"\xff\xd8\xff": "a picture",
  b"\x7fELF": "a program",
  b"\x89PNG": "a picture, or a state of mGBA",
  **dict.fromkeys(
    (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"),
    "a zlib stream, such as PyBoy's .replay",
  ),
  b"DJS1": "a packed state of GameBoyEnv.save_state",
  b"DreamerJAX start state": "a start state of an archive already: give its "
  "folder with --start_states",
  b"DreamerJAX recording": "a recording: give it with --recordings",
  b"DreamerJAX episode": "an episode: give its folder with --episodes",
}
_BESS = b"BESS"  # how states of SameBoy, BGB and others end
_ROM_BYTES = 0x8000  # or a multiple of it
_CHECKED, _CHECKSUM = slice(0x134, 0x14D), 0x14D  # in a ROM's header
_BATTERIES = {
  kib * 1024 + clock for kib in (2, 8, 32, 64, 128) for clock in (0, 44, 48)
}


class StateError(UserError):
  """A saved emulator state that cannot be loaded."""


class Cartridge(NamedTuple):
  """What of a ROM's header shapes a state."""

  kind: int  # the byte at 147, hexadecimal
  banks: int  # of 8 KiB, of the cartridge's own RAM


def fitted(state: bytes, own: bytes, cartridge: Cartridge) -> bytes:
  """A state as the installed PyBoy wants it.

  Args:
    state: of any version, or no state at all.
    own: what the installed PyBoy saves, of the ROM that is played.
    cartridge: of that ROM.

  Returns:
    The state with the bytes that its version lacks, and with our sound buffer
    where it has one of another sample rate.

  Raises:
    StateError: it is no state of this cartridge that could be loaded.
  """
  number, newest = _readable(state, own)
  if number == newest and len(state) == len(own):
    return state
  if number not in (newest, *_OLD) or newest not in RELEASES:
    return state  # its length is not known: PyBoy may try
  at, mine = _sound_start(newest), _samples(own, newest)
  buffer = own[at : at + _buffer_bytes(mine)]
  if number != newest:
    return _converted(state, cartridge, buffer)
  samples = _samples(state, number)
  wanted = len(own) + 2 * (samples - mine)
  if len(state) != wanted:
    raise StateError(_wrong_length(state, wanted, cartridge))
  return state[:at] + buffer + state[at + _buffer_bytes(samples) :]


def release(number: int) -> str:
  """The PyBoy that writes a layout, in words."""
  if number in RELEASES:
    return f"PyBoy {RELEASES[number]}"
  if number < min(RELEASES):
    return "PyBoy 1.4 or older"
  return "a PyBoy that was never released"


def refuse_newer(state: bytes, newest: int) -> None:
  """Refuses a state of a layout above `newest`, the installed PyBoy's.

  Raises:
    StateError: it is of one.
  """
  if state[:1] > bytes([newest]):
    raise StateError(
      f"this is no save state of PyBoy, or one of a newer PyBoy than is "
      f"installed (layout {state[0]}, where {newest} is the newest known): "
      "install that PyBoy, or save the state again with this one."
    )


def not_a_state(data: bytes) -> str:
  """What a file is that is no state of PyBoy; "" if it may be one."""
  if not data:
    return "empty"
  if data[257:262] == b"ustar":
    return "packed (tar): unpack it"
  for start, name in _STARTS.items():
    if data.startswith(start):
      return name
  if data.endswith(_BESS):
    return "a state of another emulator, such as SameBoy or BGB"
  if len(data) % _ROM_BYTES == 0 and (
    -sum(byte + 1 for byte in data[_CHECKED]) % 256 == data[_CHECKSUM]
  ):
    return "a ROM: give it with --rom"
  if len(data) in _BATTERIES:
    return "as long as a battery file (.sav): give that with --battery"
  if len(data) > 1 and data.count(data[0]) == len(data):
    return f"a row of {len(data):,} times the same byte, as of a broken disk"
  if all(byte in b"\t\r\n" or byte >= 32 for byte in data[:512]):
    return "text, or a file of another program"
  return ""


def _readable(state: bytes, own: bytes) -> tuple[int, int]:
  """Layouts of a state and of the installed PyBoy; refuses what cannot be."""
  if kind := not_a_state(state):
    raise StateError(f"this is no save state of PyBoy; it is {kind}.")
  number, newest = state[0], own[0]
  refuse_newer(state, newest)
  color = state[5:6] if number >= 16 else state[4:5]
  if number >= min(_OLD) and color == b"\1":
    raise StateError(
      f"this state of {release(number)} was saved in Game Boy Color mode, and "
      "games run as on a Game Boy here: save it again with cgb=False."
    )
  if number > 5 and len(state) < _SHORTEST:
    raise StateError(
      f"this state was cut short, or is none of PyBoy: it has {len(state):,} "
      f"bytes, and one of this ROM has {len(own):,}; copy it again."
    )
  return number, newest


def _wrong_length(state: bytes, wanted: int, cartridge: Cartridge) -> str:
  extra = round((len(state) - wanted) / _BANK_BYTES)
  banks = cartridge.banks + extra
  rest = abs(len(state) - wanted - extra * _BANK_BYTES)
  who = f"this state of {release(state[0])}"
  if extra and rest <= _KIND_BYTES and banks in _BANKS:
    return (
      f"{who} is of another game: its cartridge has {banks * 8} KiB of RAM, "
      f"and this ROM's has {cartridge.banks * 8}; give its own ROM with --rom."
    )
  return (
    f"{who} has {len(state):,} bytes, and one of this ROM has {wanted:,}: it "
    "is of another kind of cartridge, was cut short, or is damaged; give its "
    "own ROM with --rom, or copy it again."
  )


def _sound_start(number: int) -> int:
  """Where the sound begins as saved: after header, CPU, DMA and LCD."""
  since = lambda first, size: size if number >= first else 0
  head = 5 + since(16, 1)
  cpu = 18 + since(12, 8) + since(19, 1)
  dma = since(19, 12)
  lcd = 8192 + 160 + 4 + 3 + 4 + since(16, 1) + since(11, 720) + 2
  lcd += since(17, 1) + since(13, 3) + since(12, 8) + 16 + 1 + since(16, 1)
  return head + cpu + dma + lcd


def _samples(state: bytes, number: int) -> int:
  """Samples a frame that a state's sound buffer is for."""
  at = _sound_start(number) + 8
  count = int.from_bytes(state[at : at + 8], "little")
  return count if number >= 14 and count < len(state) else 0


def _buffer_bytes(samples: int) -> int:
  """Bytes of the sound's first part: three numbers and the buffer."""
  return 24 + 2 * (samples + 1)


def _converted(state: bytes, cartridge: Cartridge, buffer: bytes) -> bytes:
  """An old state with the bytes put in that PyBoy 2.8 reads besides."""
  number = state[0]
  since = lambda first, size: size if number >= first else 0
  sound = _sound_start(number)
  samples = _samples(state, number)
  sound_bytes = since(14, _buffer_bytes(samples) + 67 + _CHANNELS)
  screen = (720 if number < 11 else 0) + _SCREEN * (4 + since(10, 1))
  timer = sound + sound_bytes + screen + _WRAM_BYTES + 96 + 76 + 127 + 52
  own_ram = 4 + cartridge.banks * _BANK_BYTES
  own_ram += 2 * (cartridge.kind in _MBC1)
  own_ram += (6 + since(13, 4)) * (cartridge.kind in _CLOCK)
  end = timer + 8 + since(12, 8) + since(13, 8) + own_ram
  length = end + 2 + since(15, 36)
  # PyBoy 2.7 wrote the loudness, in a layout of the same number.
  loudness = int(number == 15 and len(state) == length + 1)
  if len(state) != length + loudness:
    raise StateError(_wrong_length(state, length, cartridge))
  if number >= 12:
    _check_clocks(state, timer + loudness)
  after, end = sound + sound_bytes + loudness, end + loudness
  channels = b""
  if sound_bytes:
    rest = state[sound + _buffer_bytes(samples) : after]
    channels = buffer + _sound(rest, bool(loudness))
  rumble = b"\0" if cartridge.kind in _MBC5 else b""
  transition = b"\0"  # of the LCD's mode
  return (
    state[:sound] + transition + channels
    + state[after:end] + rumble + state[end:]
  )  # fmt: skip


def _check_clocks(state: bytes, timer: int) -> None:
  """The timer follows the CPU: in a state that is shifted it does not."""
  number = lambda at: int.from_bytes(state[at : at + 8], "little")
  if not number(_CYCLES) - _FRAME <= number(timer + 8) <= number(_CYCLES):
    raise StateError(
      f"this state of {release(state[0])} contradicts itself (its timer is "
      "not where its CPU is): it was cut short or is damaged; copy it again."
    )


def _sound(old: bytes, has_loudness: bool) -> bytes:
  """The sound behind its buffer, as 2.8 wants it of layouts 14 and 15."""
  front, channels = old[:-_CHANNELS], old[-_CHANNELS:]
  if not has_loudness:
    front += _LOUDNESS
  sweep, tone = channels[: _TONE + _SWEEP], channels[_TONE + _SWEEP :][:_TONE]
  wave, noise = channels[-_WAVE - _NOISE : -_NOISE], channels[-_NOISE:]
  at = _TONE + 3 + 8  # behind the sweep's own timer
  sweep = sweep[:at] + bytes(8) + b"\0" + sweep[at:]  # second check, negation
  wave = wave[:-8] + b"\0" + wave[-8:] + b"\0"  # suppressed, accessed
  return front + sweep + tone + wave + noise
