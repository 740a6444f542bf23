"""The ROM's data banks: where assets lie, and how the program reaches them.

The program (code and small tables) fills banks 0 and 1, which stay mapped.
Everything bulky is laid out here, from bank 2 on, at 16-bit *data offsets*:
offset 0 is the first byte of bank 2, offset 0x4000 that of bank 3, and so on.
C copies from an offset with `far_copy`; nothing else switches banks.
"""

BANK_SIZE = 0x4000
CODE_BANKS = 2
_MOST = 4 * BANK_SIZE  # offsets have 16 bits


class DataBanks:
  """Lays assets out one after another, none across two banks."""

  def __init__(self):
    self._data = bytearray()

  def add(self, data: bytes, slack: int = 0) -> int:
    """Places an asset; `slack` more bytes behind it stay in its bank.

    Raises:
      ValueError: it is larger than a bank, or the offsets have run out.
    """
    size = len(data) + slack
    if size > BANK_SIZE:
      raise ValueError(f"an asset of {size} bytes does not fit a bank")
    left = BANK_SIZE - len(self._data) % BANK_SIZE
    if size > left:
      self._data += bytes(left)
    at = len(self._data)
    self._data += data
    if at + size > _MOST:
      raise ValueError(f"the data banks hold {_MOST} bytes, not {at + size}")
    return at

  @property
  def used(self) -> int:
    """Bytes up to the last asset's end."""
    return len(self._data)

  def image(self, code: bytes, size: int) -> bytes:
    """The whole ROM: 32 KiB of code, then the data, then zeros.

    Raises:
      ValueError: they do not fit in `size`.
    """
    room = size - CODE_BANKS * BANK_SIZE
    if self.used > room:
      raise ValueError(f"the ROM has room for {room} bytes of data only")
    return code + bytes(self._data) + bytes(room - self.used)


def with_checksums(rom: bytes) -> bytes:
  """The ROM with its header's two checksums set."""
  data = bytearray(rom)
  check = 0
  for byte in data[0x134:0x14D]:
    check = (check - byte - 1) & 0xFF
  data[0x14D] = check
  data[0x14E:0x150] = bytes(2)
  data[0x14E:0x150] = (sum(data) & 0xFFFF).to_bytes(2, "big")
  return bytes(data)
