import sys

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game.env import GameBoyEnv, StateError

BANKS = 4


@pytest.fixture
def battery_rom(tmp_path, rom):
  """The game on a cartridge with a battery, with files beside it."""
  with open(rom.path, "rb") as file:
    data = bytearray(file.read())
  data[0x147] = 0x10  # MBC3 with clock, RAM and battery
  data[0x149] = 3  # 4 banks of RAM
  data[0x14D] = -sum(byte + 1 for byte in data[0x134:0x14D]) % 256
  path = tmp_path / "game.gb"
  path.write_bytes(data)
  (tmp_path / "game.gb.ram").write_bytes(b"\xaa" * 8192 * BANKS)
  (tmp_path / "game.gb.rtc").write_bytes(b"\xaa" * 48)
  return rom._replace(path=str(path))


def contents(folder):
  return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_files_beside_the_rom_are_neither_read_nor_written(
  battery_rom, tmp_path
):
  before = contents(tmp_path)
  env = GameBoyEnv(battery_rom)
  env.reset(seed=0)
  env.step(0)
  env.load_state(env.save_state())
  assert env.battery() == bytes(8192 * BANKS)
  env.close()
  env.close()
  assert contents(tmp_path) == before


def test_no_file_appears_beside_the_rom(battery_rom, tmp_path):
  for name in ("game.gb.ram", "game.gb.rtc"):
    (tmp_path / name).unlink()
  env = GameBoyEnv(battery_rom)
  env.reset(seed=0)
  env.close()
  assert list(contents(tmp_path)) == ["game.gb"]


def test_battery_holds_what_it_was_given(battery_rom):
  given = bytes(range(256)) * 32 * BANKS
  env = GameBoyEnv(battery_rom, battery=given)
  env.reset(seed=0)
  env.step(0)
  assert env.battery() == given
  env.close()


@pytest.mark.parametrize("size", [1, 8192, 8192 * BANKS - 1, 153_525])
def test_what_is_no_battery_of_this_cartridge_is_refused(battery_rom, size):
  with pytest.raises(UserError, match=f"has {size:,} bytes, and .* 32,768"):
    GameBoyEnv(battery_rom, battery=bytes(size))
  GameBoyEnv(battery_rom, battery=bytes(8192 * BANKS + 48)).close()


def test_cartridge_without_a_battery_has_an_empty_one(tmp_path, battery_rom):
  data = bytearray((tmp_path / "game.gb").read_bytes())
  data[0x147] = data[0x149] = 0
  data[0x14D] = -sum(byte + 1 for byte in data[0x134:0x14D]) % 256
  (tmp_path / "game.gb").write_bytes(data)
  env = GameBoyEnv(battery_rom)
  assert env.battery() == b""
  env.close()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's variables")
def test_window_without_a_display_is_a_sentence(rom, monkeypatch):
  for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
    monkeypatch.delenv(name, raising=False)
  with pytest.raises(UserError, match="no display"):
    emulators.power_on(rom, window="SDL2")


def test_pyboys_own_states_are_taken_with_no_button_held(rom):
  source = emulators.power_on(rom)
  source.tick(100, True, False)
  source.button_press("left")
  source.tick(1, True, False)
  dumped = emulators.dump(source)
  source.stop(save=False)
  env = GameBoyEnv(rom)
  env.reset(seed=0)
  env.load_foreign(dumped)
  assert env.peek("hJoyHeld") == b"\0"
  state, shown = env.save_state(), env.frame().tobytes()
  for junk in (b"", b"junk", dumped[:1000]):
    with pytest.raises(StateError, match=r"no save state|cut short"):
      env.load_foreign(junk)
  assert env.save_state() == state and env.frame().tobytes() == shown
  env.close()
