import hashlib

import pytest

from dreamer_jax.game import rom as roms

RED_SHA1 = "ea9bcae617fdf159b045185467ae58b2e4a48b9a"
BLUE_SHA1 = "d7037c83e1ae5b39bde3c30787637ba1d4c48ce2"
YELLOW_SHA1 = "cc7d03262ebfaf2f06772c1a480c7d9d5f4a38e1"


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
  for part in (path, "SOME GAME", RED_SHA1, "--rom"):
    assert part in str(error.value)


def test_unknown_rom_may_be_allowed(write):
  data = cartridge(size=0x20000)
  found = roms.find(write(data), allow_unknown=True)
  assert found.sha1 == hashlib.sha1(data).hexdigest()
  assert (found.title, found.name) == ("SOME GAME", "unknown")


@pytest.fixture
def known(monkeypatch):
  """Files a cartridge under a known game's entry; its own SHA-1 is unusable."""

  def known(data, sha1):
    entry = roms.KNOWN[sha1]
    digest = hashlib.sha1(data).hexdigest()
    monkeypatch.setitem(roms.KNOWN, digest, entry)

  return known


def test_red_is_known_by_sha1_alone(write, known):
  data = cartridge()
  known(data, RED_SHA1)
  found = roms.find(write(data))
  assert (found.name, found.warning) == ("Pokémon Red (US)", "")


@pytest.mark.parametrize(
  ("sha1", "name", "reason"),
  [
    (BLUE_SHA1, "Pokémon Blue (US)", "other wild creatures"),
    (YELLOW_SHA1, "Pokémon Yellow (US)", "other addresses"),
  ],
)
def test_sister_games_are_refused_or_come_with_a_warning(
  write, known, sha1, name, reason
):
  path = write(cartridge())
  known(cartridge(), sha1)
  with pytest.raises(roms.RomError) as error:
    roms.find(path)
  for part in (name, reason, "--allow_unknown_rom"):
    assert part in str(error.value)
  found = roms.find(path, allow_unknown=True)
  assert found.name == name and reason in found.warning


def test_known_games_have_distinct_sha1s():
  assert len(roms.KNOWN) == 3 and all(len(sha1) == 40 for sha1 in roms.KNOWN)


@pytest.mark.parametrize(
  ("damage", "reason"), [(0, "another language"), (1, "damaged or patched")]
)
def test_reds_title_with_another_sha1_is_explained(write, damage, reason):
  data = cartridge(b"POKEMON RED")
  data[0x4000] = 7
  whole = (sum(data) - sum(data[0x14E:0x150])) % 65536
  data[0x14E:0x150] = whole.to_bytes(2, "big")
  data[0x5000] = damage
  with pytest.raises(roms.RomError, match=reason):
    roms.find(write(data))


def test_embedded_game_needs_no_permission():
  assert roms.find(str(roms._EMBEDDED)).warning == ""


@pytest.mark.parametrize(("code", "banks"), [(0, 0), (3, 4), (99, 0)])
def test_battery_banks(code, banks):
  data = cartridge()
  data[0x149] = code
  assert roms.battery_banks(data) == banks


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
