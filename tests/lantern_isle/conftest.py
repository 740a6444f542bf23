"""A driver for the cartridge on PyBoy, and save states to start tests from."""

import io

import numpy as np
import pytest
from pyboy import PyBoy

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game import memory
from dreamer_jax.game.ram import GameRam, decode
from dreamer_jax.lantern_isle.build import build
from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.players.itinerary import LEADERS
from dreamer_jax.lantern_isle.world import maps, tables, trainers
from dreamer_jax.lantern_isle.world.events import EVENTS
from dreamer_jax.lantern_isle.world.text import CODES

_TABLE = {**memory.SNAPSHOT, **memory.UNREAD}


class Game:
  """One emulator with the cartridge; variables are read and set by name."""

  def __init__(self, battery: bytes = bytes(32768)):
    self.battery = io.BytesIO(battery.ljust(32768, b"\0"))
    self.pyboy = PyBoy(
      io.BytesIO(build.ROM.read_bytes()),
      window="null",
      sound_emulated=False,
      no_input=True,
      log_level="ERROR",
      cgb=False,
      ram_file=self.battery,
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

  def peek(self, name: str, at: int) -> int:
    """Byte `at` of a variable."""
    return self.pyboy.memory[_TABLE[name].address + at]

  def poke(self, name: str, at: int, *data: int) -> None:
    """Writes bytes inside a variable."""
    for i, byte in enumerate(data):
      self.pyboy.memory[_TABLE[name].address + at + i] = byte

  def set_event(self, name: str) -> None:
    """Sets a story flag."""
    at, bit = divmod(EVENTS[name], 8)
    self.poke("wEventFlags", at, self.peek("wEventFlags", at) | 1 << bit)

  def beat_trainers(self) -> None:
    """No trainer challenges the player any more; leaders do if talked to."""
    for trainer in trainers.TRAINERS:
      if not trainer.gym:
        self.set_event(trainer.event)

  def set_bag(self, *pairs: tuple[int, int]) -> None:
    """The bag: (item, count) pairs."""
    flat = [v for pair in pairs for v in pair]
    self["wNumBagItems"] = len(pairs)
    self.poke("wBagItems", 0, *flat, 0xFF)

  def put_mon(self, slot: int, species: str, level: int, hp=None) -> None:
    """Writes a whole member; the party grows to hold it."""
    s = tables.SPECIES[tables.species_id(species) - 1]
    stat = lambda base: base * 2 * level // 100 + 5
    most = s.stats[0] * 2 * level // 100 + level + 10
    moves = [move for at, move in s.learns if at <= level]
    data = bytearray(44)
    data[0] = tables.species_id(species)
    data[1:3] = (most if hp is None else hp).to_bytes(2, "big")
    data[5:7] = bytes(s.types)
    data[8 : 8 + len(moves)] = bytes(moves)
    data[12:14] = bytes([7, slot + 1])
    data[14:17] = (level**3).to_bytes(3, "big")
    data[27:29] = bytes([slot + 1, 99])
    data[29 : 29 + len(moves)] = bytes(tables.MOVES[m - 1].pp for m in moves)
    data[33] = level
    values = [most, *(stat(b) for b in s.stats[1:]), stat(s.stats[1])]
    for i, value in enumerate(values):
      data[34 + 2 * i : 36 + 2 * i] = value.to_bytes(2, "big")
    self.poke("wPartyMons", 44 * slot, *data)
    self.poke("wPartySpecies", slot, data[0], 0xFF)
    name = [CODES[c] for c in species] + [0x50]
    self.poke("wPartyMonNicks", 11 * slot, *name)
    self["wPartyCount"] = max(self["wPartyCount"], slot + 1)
    self.poke("wPartySpecies", self["wPartyCount"], 0xFF)

  def words(self, row: int) -> str:
    """The letters of one screen row, from the tile buffer."""
    letters = {code: letter for letter, code in CODES.items()}
    tiles = [self.peek("wTileMap", 20 * row + x) for x in range(20)]
    return "".join(letters.get(tile, " ") for tile in tiles).strip()

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
    for _ in range(500):
      if self.place() == (map_id, x, y) and self.ram().can_act:
        return self.ram()
      self["wNumberOfNoRandomBattleStepsLeft"] = 99
      if not self.ram().can_act:
        self.act()
        continue
      open_ = routes.passes(self.ram())
      actions = routes.best_actions(self.place(), (map_id, x, y), open_)
      self.act(BUTTONS[actions[0]])
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


def _make_states(game: Game) -> dict[str, bytes]:
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
  game.beat_trainers()
  game.walk_to(maps.SECOND_TOWN, 12, 12)
  found["town"] = game.save()
  game.walk_to(*LEADERS[0][0])
  game.act("up")
  found["leader"] = game.save()
  return found


@pytest.fixture(scope="session")
def states(_emulator) -> dict[str, bytes]:
  """States by name.

  title; home: play begins; starter: WICKIT was taken; grass: on Fern Road;
  battle: a wild battle's menu; town: Brightwater, trainers beaten; leader:
  before the first leader, in the same.
  """
  return _make_states(_emulator)


@pytest.fixture
def game(_emulator, states) -> Game:
  """The session's emulator, at the title screen."""
  _emulator.load(states["title"])
  return _emulator
