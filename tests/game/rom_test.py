import hashlib

import pytest

from dreamer_jax.game import rom as roms


def cartridge(title=b"SOME GAME", size=0x8000) -> bytearray:
  """A ROM with a valid header and nothing to run."""
  data = bytearray(size)
  data[0x134 : 0x134 + len(title)] = title
  data[0x148] = (size // 0x8000).bit_length() - 1
  data[0x14D] = -sum(byte + 1 for byte in data[0x134:0x14D]) % 256
  return data


@pytest.fixture
def write(tmp_path):
  def write(data):
    path = tmp_path / "game.gb"
    path.write_bytes(data)
    return str(path)

  return write


def test_default_is_lantern_isle(monkeypatch):
  monkeypatch.delenv(roms.ENV_VARIABLE, raising=False)
  for path in (None, ""):
    assert roms.find(path).name == "Lantern Isle"


def test_unknown_rom_is_refused_with_the_remedy(write):
  path = write(cartridge())
  with pytest.raises(roms.RomError) as error:
    roms.find(path)
  for part in (path, "SOME GAME", roms.RED_SHA1, "--rom"):
    assert part in str(error.value)


def test_unknown_rom_may_be_allowed(write):
  data = cartridge(size=0x20000)
  found = roms.find(write(data), allow_unknown=True)
  assert found.sha1 == hashlib.sha1(data).hexdigest()
  assert (found.title, found.name) == ("SOME GAME", "unknown")


def test_known_by_sha1_alone(write, monkeypatch):
  data = cartridge()
  monkeypatch.setattr(roms, "RED_SHA1", hashlib.sha1(data).hexdigest())
  assert roms.find(write(data)).name == "Pokémon Red (US)"


def test_flag_goes_before_the_variable(write, monkeypatch):
  monkeypatch.setenv(roms.ENV_VARIABLE, "/no/such/file")
  assert roms.find(write(cartridge()), allow_unknown=True)
  with pytest.raises(roms.RomError, match="/no/such/file"):
    roms.find()


@pytest.mark.parametrize(
  ("change", "reason"),
  [
    (lambda d: d[:100], "100 bytes"),
    (lambda d: d + b"\0", "what its header says"),
    (lambda d: b"\1" * len(d), "header checksum"),
  ],
)
def test_damaged_rom_is_refused(write, change, reason):
  with pytest.raises(roms.RomError, match=reason):
    roms.find(write(change(bytes(cartridge()))), allow_unknown=True)


def test_folder_is_no_rom(tmp_path):
  with pytest.raises(roms.RomError, match="check --rom"):
    roms.find(str(tmp_path))
