"""The battery: saving, going on after a power cycle, a damaged save."""

import pytest

from dreamer_jax.lantern_isle.world import maps
from tests.lantern_isle.conftest import Game

SAVE_ENTRY = 3


def _save(game):
  game.act("start")
  game.press("down " * SAVE_ENTRY + "a")
  game.act()
  game.press("a")
  game.act()
  assert "saved" in game.words(14)
  game.press("a")
  assert game.act().can_act


def _sram(game) -> bytes:
  return bytes(game.pyboy.memory[0, 0xA000:0xBFFF])


@pytest.fixture
def cold():
  """Boots the game with a battery."""
  booted = []

  def boot(battery: bytes) -> Game:
    booted.append(Game(battery))
    for _ in range(20):
      booted[-1].act()
    return booted[-1]

  yield boot
  for game in booted:
    game.pyboy.stop(save=False)


@pytest.fixture
def saved(game, states) -> bytes:
  """The battery after saving in Brightwater."""
  game.load(states["town"])
  game.put_mon(1, "LUMOLL", 6, hp=3)
  _save(game)
  return _sram(game)


def test_continue_restores_everything(cold, saved, game):
  before, place = game.ram(), game.place()
  again = cold(saved)
  ram = again.ram()
  assert (ram.map_id, ram.party_count, ram.is_playing) == (0, 0, False)
  again.act("start")
  assert "CONTINUE" in again.words(12)
  # The menu shows with the save in RAM: party, map and the playing bit.
  ram = again.act()
  assert ram.party_count == 2 and ram.is_playing
  clock = ram.play_time_frames
  assert again.act().play_time_frames == clock
  again.act("a")
  ram = again.act()
  assert ram.can_act
  assert again.place() == place
  assert ram.party_id.tolist() == before.party_id.tolist()
  assert ram.party_hp.tolist() == before.party_hp.tolist()
  assert ram.bag.tolist() == before.bag.tolist()
  assert ram.events.tolist() == before.events.tolist()
  assert ram.play_time_frames > clock
  again.walk_to(maps.SECOND_TOWN, 10, 12)


def test_new_game_forgets_the_save(cold, saved):
  game = cold(saved)
  game.act("start")
  game.press("down a")
  for _ in range(12):
    if game.ram().can_act:
      break
    game.act("a")
  ram = game.ram()
  assert game.place() == maps.START
  assert (ram.party_count, ram.owned_count, ram.badges) == (0, 0, 0)
  assert not ram.events.any()
  assert _sram(game) == saved  # until the next save


@pytest.mark.parametrize("at", [0, 2, 200])
def test_damaged_save_is_not_offered(cold, saved, at):
  game = cold(saved[:at] + bytes([saved[at] ^ 1]) + saved[at + 1 :])
  game.act("start")
  game.act()
  assert game.words(14) == "Night is long on"


def test_no_save_without_a_yes(game, states):
  game.load(states["town"])
  game.act("start")
  game.press("down " * SAVE_ENTRY + "a")
  game.act()
  game.press("down a a")
  assert game.act().can_act
  assert not any(_sram(game))
