import dataclasses
import pathlib

import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.evaluation.checks import doctor
from dreamer_jax.game import rom as roms
from dreamer_jax.game import world_map
from dreamer_jax.game.env import GameBoyEnv


@pytest.fixture(scope="module")
def rom():
  return roms.find(str(roms._EMBEDDED))


@pytest.fixture(scope="module")
def page(rom):
  return doctor.examine(rom, secs=0.1)


def by_name(page):
  return {check.name: check for check in page.checks}


def test_our_own_game_works(page):
  checks = by_name(page)
  assert page.ok and list(checks) == [
    "game", "machine", "intro", "RAM", "clock", "menu", "determinism", "speed",
    "battery",
  ]  # fmt: skip
  for name in ("game", "intro", "RAM", "determinism", "battery"):
    assert checks[name].ok, checks[name]
  assert "Lantern Isle" in checks["game"].text


def test_picture_has_three_different_screens(page):
  assert page.picture.dtype == np.uint8 and page.picture.shape[2] == 3
  third = page.picture.shape[1] // 3
  parts = [page.picture[40:200, i * third :][:, :third] for i in range(3)]
  assert (parts[0] != parts[1]).any() and (parts[1] != parts[2]).any()


def test_page_stands_alone(page, tmp_path):
  doctor.write_html(page, tmp_path / "doctor.html")
  text = (tmp_path / "doctor.html").read_text()
  assert "will work" in text and "data:image/png;base64," in text
  assert all(check.name in text for check in page.checks)


def test_a_game_without_reds_ram_fails(rom, monkeypatch):
  other = world_map.build({37: (10, 8)}, [], [], {}, start=37)
  real = games.get
  monkeypatch.setattr(
    doctor.games, "get",
    lambda rom: dataclasses.replace(real(rom), world=lambda: other),
  )  # fmt: skip
  page = doctor.examine(rom, secs=0.1)
  assert not page.ok and not by_name(page)["RAM"].ok


def test_an_intro_that_does_not_end_is_told(rom):
  page = doctor.examine(rom, secs=0.1, max_actions=3)
  checks = by_name(page)
  assert not page.ok and "after 3 actions" in checks["intro"].text
  assert checks["determinism"].ok and "RAM" not in checks


def test_play_that_does_not_repeat_fails(rom, monkeypatch):
  real, count = GameBoyEnv.read_ram, iter(range(10**6))

  def noisy(self):
    ram = real(self).copy()
    ram[0] = next(count) % 251
    return ram

  env = GameBoyEnv(rom)
  assert doctor._determinism(env).ok
  monkeypatch.setattr(GameBoyEnv, "read_ram", noisy)
  assert not doctor._determinism(env).ok
  env.close()


def test_files_beside_the_rom_are_watched(rom, tmp_path):
  path = tmp_path / "game.gb"
  path.write_bytes(pathlib.Path(rom.path).read_bytes())
  there = rom._replace(path=str(path))
  (tmp_path / "game.sav").write_bytes(b"save")
  before = doctor._files_beside(there)
  assert doctor._battery(there, before).ok
  assert "game.sav" in doctor._battery(there, before).text
  (tmp_path / "game.gb.ram").write_bytes(b"new")
  assert not doctor._battery(there, before).ok
