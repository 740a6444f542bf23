"""The scripted demonstrator, determinism, and play at random."""

import time

import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game import frames, memory
from dreamer_jax.game.ram import decode
from dreamer_jax.lantern_isle.players import battling, routes
from dreamer_jax.lantern_isle.players import expert as expert_lib
from dreamer_jax.lantern_isle.players.explorer import Explorer
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP
from dreamer_jax.lantern_isle.world import maps
from dreamer_jax.lantern_isle.world.events import EVENTS

_BOXES = (battling.MESSAGE, battling.BATTLE_MENU, battling.BAG,
          battling.YES_NO, battling.START_MENU, battling.PARTY,
          battling.MOVES, battling.SHOP, battling.AMOUNT, 0)  # fmt: skip
_CALM = ("wWalkCounter", "wJoyIgnore", "wStatusFlags5",
         "wSimulatedJoypadStatesIndex",
         "wNPCMovementScriptPointerTableNum")  # fmt: skip


def _play(game, expert, limit, until=lambda ram: ram.badges):
  """Actions until the first badge, or what else is wanted; or None."""
  for i in range(limit):
    ram = game.ram()
    if until(ram):
      return i
    game.act(BUTTONS[expert.act(ram)])
  return None


def _is_done(ram) -> bool:
  return ram.badge_count == 2 and ram.owned_count >= 10


@pytest.mark.parametrize("seed", range(2))
def test_expert_earns_the_first_badge(game, seed):
  expert = expert_lib.Expert(np.random.default_rng(seed), epsilon=0.05)
  assert _play(game, expert, 1500) is not None


def test_expert_finishes_the_game(game):
  """Both badges, ten species, and the great lamp."""
  expert = expert_lib.Expert(np.random.default_rng(5), epsilon=0.05)
  patterns = set()

  def until(ram) -> bool:
    if len(patterns) < 2000:
      tiles = frames.pack(game.screen()).reshape(-1, 16)
      patterns.update(map(bytes, tiles))
    return _is_done(ram)

  assert _play(game, expert, 3500, until) is not None
  assert len(patterns) <= 900  # a modest codebook holds the game
  lit = lambda ram: ram.event(EVENTS["lit_great_lamp"])
  assert _play(game, expert, 1000, lit) is not None


@pytest.mark.slow
def test_expert_finishes_from_power_on_on_most_seeds(game, states):
  """At least 95 of 100."""
  first, done = [], []
  for seed in range(100, 200):
    game.load(states["title"])
    game.act(frames=1 + seed % 60)
    expert = expert_lib.Expert(np.random.default_rng(seed), epsilon=0.05)
    first.append(_play(game, expert, 2000))
    done.append(_play(game, expert, 4000, _is_done))
  assert sum(n is not None for n in done) >= 95
  assert np.mean([n for n in first if n is not None]) < 800
  assert np.mean([n for n in done if n is not None]) < 2200


def test_experts_differ(game, states):
  """Starters, aims and ways are drawn by seed."""
  styles = [
    expert_lib.Expert(np.random.default_rng(seed)).style for seed in range(30)
  ]
  assert {s.starter for s in styles} == {0, 1, 2}
  assert len({s.levels for s in styles}) > 3
  assert len({s.detours for s in styles}) > 3


def test_expert_is_reproducible_and_quick(game, states):
  plays = []
  for _ in range(2):
    game.load(states["title"])
    expert = expert_lib.Expert(np.random.default_rng(7), epsilon=0.2)
    actions, secs = [], 0.0
    for _ in range(200):
      ram = game.ram()
      start = time.perf_counter()
      actions.append(expert.act(ram))
      secs += time.perf_counter() - start
      game.act(BUTTONS[actions[-1]])
    plays.append(actions)
  assert plays[0] == plays[1]
  assert secs / 200 < 1e-3  # the second play: ways are known by then


def test_expert_without_chance_presses_no_stray_buttons(game):
  expert = expert_lib.Expert(np.random.default_rng(0), epsilon=0.0)
  for _ in range(150):
    action = expert.act(game.ram())
    assert action != expert_lib.SELECT
    assert action != expert_lib.START or game.ram().party_hp[0] > 0
    game.act(BUTTONS[action])


@pytest.mark.parametrize("name", ["battle", "leader", "grass", "home"])
def test_expert_recovers_from_random_play(game, states, name):
  game.load(states[name])
  rng = np.random.default_rng(3)
  for _ in range(60):
    game.act(BUTTONS[rng.integers(8)])
  expert = expert_lib.Expert(rng, epsilon=0.05)
  assert _play(game, expert, 2000) is not None


# Where things lie that can be taken: cells in no way.
_SPOTS = [
  (m.id, thing.x, thing.y)
  for m in maps.MAPS.values()
  for thing in m.people
  if thing.script.startswith("item:")
]


@pytest.mark.parametrize("place", [*_SPOTS, (200, 3, 3)])
def test_expert_goes_on_where_no_way_is_known(place):
  """It stands where a thing lay, in need of a healer, or anywhere at all."""
  map_id, x, y = place
  ram = decode(
    memory.build(
      wCurMap=map_id, wXCoord=x, wYCoord=y, wStatusFlags4=8, wStatusFlags6=1,
      hWY=0x90, wObtainedBadges=1,
    )
  )  # fmt: skip
  assert ram.can_act
  expert = expert_lib.Expert(np.random.default_rng(0), epsilon=0.0)
  actions = {expert.act(ram) for _ in range(60)}
  assert actions == {UP, DOWN, LEFT, RIGHT}


def test_expert_comes_back_to_its_ways(game, states):
  """From the very cell, with a party that needs a healer."""
  game.load(states["town"])
  game.set_event("item_fern_road")
  thing = next(t for t in maps.MAPS[maps.ROUTE].people if t.x and t.gone)
  spot, face = routes.beside(maps.ROUTE, thing.script)
  game.walk_to(*spot)
  game.press(" ".join([BUTTONS[face]] * 2))
  assert game.place() == (maps.ROUTE, thing.x, thing.y)
  assert game.place() not in routes.graph()
  game.set_mon(0, 1, 0, 1)  # one point of health
  expert = expert_lib.Expert(np.random.default_rng(0), epsilon=0.0)
  back = lambda ram: game.place() in routes.graph()
  assert _play(game, expert, 60, back) is not None


def _any_ram(rng, i: int):
  """Any bytes, at a moment when much is decided; of some, likely ones."""
  data = rng.integers(256, size=memory.RAM_SIZE).astype(np.uint8)
  values = dict.fromkeys(_CALM, 0)
  values |= dict(wStatusFlags6=1, hWY=0x90, wFontLoaded=i % 5 == 0)
  values |= dict(wIsInBattle=i % 3, wTextBoxID=int(rng.choice(_BOXES)))
  if i % 2:
    places = sorted(routes.graph())
    map_id, x, y = places[rng.integers(len(places))]
    values |= dict(wCurMap=map_id, wXCoord=x, wYCoord=y)
    values |= dict(wPartyCount=i % 7, wPlayerMonNumber=i % 6)
    values |= dict(wEnemyMonSpecies=1 + i % 16, wBattleMonSpecies=i % 17)
    values["wPartyMons"] = rng.integers(1, 17, size=264)
  for name, value in values.items():
    data[memory.OFFSETS[name]] = value
  return decode(data)


@pytest.mark.parametrize("player", [expert_lib.Expert, Explorer])
def test_no_ram_makes_a_script_raise(player):
  rng = np.random.default_rng(0)
  script = player(rng, epsilon=0.0)
  for i in range(1500):
    assert 0 <= script.act(_any_ram(rng, i)) < 8


def test_same_state_and_inputs_give_the_same_game(game, states):
  rng = np.random.default_rng(0)
  actions = rng.integers(8, size=60)
  ends = []
  for _ in range(2):
    game.load(states["battle"])
    for action in actions:
      game.act(BUTTONS[action])
    wram = bytes(game.pyboy.memory[0xC000:0xE000])
    ends.append((game.screen().tobytes(), wram))
  assert ends[0] == ends[1]


def test_waiting_changes_chance(game, states):
  """The same inputs a frame later meet other numbers."""
  ends = set()
  for wait in range(8):
    game.load(states["battle"])
    game.act(frames=1 + wait)
    ends.add((game["hRandomAdd"], game["hRandomSub"]))
  assert len(ends) > 4


@pytest.mark.parametrize("seed", range(2))
def test_random_play_keeps_the_game_whole(game, states, seed):
  rng = np.random.default_rng(seed)
  game.load(states["grass"])
  clock = -1
  for _ in range(1200):
    ram = game.act(BUTTONS[rng.integers(8)])
    assert ram.play_time_frames > clock
    clock = int(ram.play_time_frames)
    count = int(ram.party_count)
    assert np.all(ram.party_hp <= ram.party_max_hp)
    assert game["hSCX"] % 8 == game["hSCY"] % 8 == 0  # tiles on the grid
    assert game.pyboy.memory[0xD164 + count] == 0xFF
    if not ram.can_act:
      continue
    assert game.place() in routes.graph()
    assert np.all(ram.party_exp[:count] >= ram.party_level[:count] ** 3)


def test_screen_shows_the_tile_buffer(game, states):
  """After a scrolled walk the picture in video RAM is wTileMap's."""
  game.load(states["starter"])
  game.walk_to(0, 9, 8)
  memory = game.pyboy.memory
  rows = (memory[0xFF42] // 8 + np.arange(18)) % 32
  columns = (memory[0xFF43] // 8 + np.arange(20)) % 32
  shown = np.array(memory[0x9800:0x9C00]).reshape(32, 32)
  buffer = np.array(memory[0xC3A0 : 0xC3A0 + 360]).reshape(18, 20)
  assert np.array_equal(shown[np.ix_(rows, columns)], buffer)
