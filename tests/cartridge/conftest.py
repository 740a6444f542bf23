"""A driver for the cartridge on PyBoy, and save states to start tests from."""

import io

import numpy as np
import pytest
from pyboy import PyBoy

from dreamer_jax.cartridge import build, maps, routes
from dreamer_jax.types import ACTIONS
from dreamer_jax.game import memory
from dreamer_jax.game.ram import GameRam, decode

_TABLE = {**memory.SNAPSHOT, **memory.UNREAD}


class Game:
  """One emulator with the cartridge; variables are read and set by name."""

  def __init__(self):
    self.pyboy = PyBoy(
      str(build.ROM),
      window="null",
      sound_emulated=False,
      no_input=True,
      log_level="ERROR",
      cgb=False,
      ram_file=io.BytesIO(bytes(32768)),
    )

  def act(self, button: str | None = None, frames: int = 24) -> GameRam:
    """Holds a button for 8 frames of `frames`; returns the RAM after."""
    if button is None:
      self.pyboy.tick(frames, True)
      return self.ram()
    self.pyboy.button_press(button)
    self.pyboy.tick(8, False)
    self.pyboy.button_release(button)
    self.pyboy.tick(frames - 8, True)
    return self.ram()

  def press(self, buttons: str) -> GameRam:
    """Several actions: names separated by spaces."""
    for button in buttons.split():
      self.act(button)
    return self.ram()

  def frames(self, button: str | None, count: int, *names: str) -> list[tuple]:
    """Holds a button 8 frames; the named variables after each frame."""
    rows = []
    for i in range(count):
      if button and i == 0:
        self.pyboy.button_press(button)
      if button and i == 8:
        self.pyboy.button_release(button)
      self.pyboy.tick(1, True)
      rows.append(tuple(self[name] for name in names))
    return rows

  def ram(self) -> GameRam:
    """The decoded RAM now."""
    read = lambda start, stop: self.pyboy.memory[start:stop]
    return decode(memory.snapshot(read))

  def __getitem__(self, name: str) -> int:
    """A variable, high byte first."""
    var = _TABLE[name]
    data = self.pyboy.memory[var.address : var.address + var.size]
    return int.from_bytes(bytes(data), "big")

  def __setitem__(self, name: str, value: int) -> None:
    """Writes a variable, high byte first."""
    var = _TABLE[name]
    for i, byte in enumerate(value.to_bytes(var.size, "big")):
      self.pyboy.memory[var.address + i] = byte

  def set_mon(self, slot: int, offset: int, *data: int) -> None:
    """Writes bytes of a party struct."""
    start = _TABLE["wPartyMons"].address + 44 * slot + offset
    for i, byte in enumerate(data):
      self.pyboy.memory[start + i] = byte

  def screen(self) -> np.ndarray:
    """[144, 160] u8: the shades on the screen."""
    return (
      (297 - self.pyboy.screen.ndarray[:, :, 0].astype(int)) // 85
    ).astype(np.uint8)

  def save(self) -> bytes:
    """The emulator's state."""
    out = io.BytesIO()
    self.pyboy.save_state(out)
    return out.getvalue()

  def load(self, state: bytes) -> None:
    """Restores a state."""
    self.pyboy.load_state(io.BytesIO(state))

  def place(self) -> tuple[int, int, int]:
    """(map, x, y)."""
    ram = self.ram()
    return int(ram.map_id), int(ram.x), int(ram.y)

  def walk_to(self, map_id: int, x: int, y: int) -> GameRam:
    """Walks on the shortest way, with no wild battles."""
    for _ in range(300):
      if self.place() == (map_id, x, y) and self.ram().can_act:
        return self.ram()
      self["wNumberOfNoRandomBattleStepsLeft"] = 99
      if not self.ram().can_act:
        self.act()
        continue
      actions = routes.best_actions(self.place(), (map_id, x, y))
      self.act(ACTIONS[actions[0]])
    raise AssertionError(f"stuck at {self.place()}")

  def meet_wild(self) -> GameRam:
    """Steps about in tall grass until a battle's menu is open."""
    for i in range(400):
      if self.ram().in_battle:
        break
      self["wNumberOfNoRandomBattleStepsLeft"] = 0
      self.act(("left", "right")[i % 2])
    return self.until_menu()

  def until_menu(self) -> GameRam:
    """Presses A through texts until the battle menu waits."""
    for _ in range(40):
      ram = self.ram()
      if ram.text_box_id == 0x0B or not ram.in_battle:
        return ram
      self.act("a")
    raise AssertionError("no battle menu")


@pytest.fixture(scope="session")
def _emulator():
  game = Game()
  yield game
  game.pyboy.stop(save=False)


@pytest.fixture(scope="session")
def states(_emulator) -> dict[str, bytes]:
  """States by name: title, home, starter, grass, battle, leader."""
  game = _emulator
  for _ in range(20):
    game.act()
  found = {"title": game.save()}
  while not game.ram().can_act:
    game.act("a")
  found["home"] = game.save()
  game.walk_to(maps.KEEPER_HOUSE, 6, 4)
  game.press("up a a")
  while not game.ram().can_act:
    game.act("a")
  found["starter"] = game.save()
  game.walk_to(maps.ROUTE, 9, 23)
  found["grass"] = game.save()
  game.meet_wild()
  found["battle"] = game.save()
  game.load(found["grass"])
  game.walk_to(maps.GYM, 4, 3)
  game.act("up")
  found["leader"] = game.save()
  return found


@pytest.fixture
def game(_emulator, states) -> Game:
  """The session's emulator, at the title screen."""
  _emulator.load(states["title"])
  return _emulator
