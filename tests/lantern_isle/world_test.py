"""The overworld: boot, walking, collision, warps, dialogs, story."""

import numpy as np

from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.world import maps


def test_power_on_looks_like_map_zero(game):
  ram = game.ram()
  assert (ram.map_id, ram.x, ram.y) == (0, 0, 0)
  assert not ram.is_playing
  assert not ram.dialog_open
  assert not ram.can_act
  assert ram.play_time_frames == 0


def test_intro_shows_the_first_map_before_play_begins(game):
  game.act("start")
  ram = game.act()
  assert ram.map_id == maps.HOME
  assert not ram.is_playing
  assert ram.text_waits
  for _ in range(4):
    ram = game.act("a")
  assert ram.is_playing
  assert ram.can_act
  assert game.place() == maps.START


def test_play_time_runs(game, states):
  game.load(states["home"])
  before = int(game.ram().play_time_frames)
  game.act(frames=24)
  assert game.ram().play_time_frames == before + 24


def test_a_step_takes_sixteen_frames(game, states):
  game.load(states["home"])
  rows = game.frames("down", 24, "wWalkCounter", "wYCoord", "hSCY")
  walking = [i for i, row in enumerate(rows) if row[0]]
  assert 15 <= len(walking) <= 16
  counts = [rows[i][0] for i in walking]
  assert counts[:3] == [8, 8, 7]
  assert sorted(counts, reverse=True) == counts
  assert counts[-1] == 1
  assert {rows[i][1] for i in walking} == {3}  # changes at the step's end
  assert rows[-1][1] == 4
  assert rows[-1][2] % 8 == 0


def test_held_direction_walks_without_pause(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME_TOWN, 9, 8)
  game.pyboy.button_press("down")
  game.pyboy.tick(16 * 5 + 2, True)
  game.pyboy.button_release("down")
  assert game.place()[2] == 8 + 5


def test_bump_turns_and_stays(game, states):
  game.load(states["home"])
  game.act("left")
  ram = game.act("left")
  place = game.place()
  ram = game.act("left")  # a table
  assert ram.facing == 2
  assert game.place() == place
  ram = game.act("up")
  assert ram.facing == 1


def test_walks_match_the_python_maps(game, states):
  """Every bump and step of a random walk is what the graph foretells."""
  game.load(states["starter"])
  rng = np.random.default_rng(0)
  names = {4: "up", 5: "down", 6: "left", 7: "right"}
  game.beat_trainers()
  open_ = routes.passes(game.ram())
  for _ in range(250):
    game["wNumberOfNoRandomBattleStepsLeft"] = 99
    place = game.place()
    action = int(rng.integers(4, 8))
    expected = routes.graph(open_)[place].get(action, place)
    game.act(names[action])
    while not game.ram().can_act:
      game.act()
    assert game.place() == expected


def test_warp_shows_the_new_map_with_old_coordinates(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME, 3, 7)
  rows = game.frames("down", 60, "wCurMap", "wXCoord", "wYCoord", "wJoyIgnore")
  stale = [row for row in rows if row[:3] == (maps.HOME_TOWN, 3, 7)]
  assert 28 <= len(stale) <= 40
  assert all(row[3] for row in stale)
  assert rows[-1] == (maps.HOME_TOWN, 3, 5, 0)
  assert game["wLastMap"] == 0
  assert game.ram().can_act


def test_door_leads_in(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME_TOWN, 3, 6)
  game.act("up")
  for _ in range(3):
    game.act()
  assert game.place() == (maps.HOME, 3, 7)


def test_map_edge_changes_map_and_position_together(game, states):
  game.load(states["starter"])
  game.walk_to(maps.HOME_TOWN, 9, 0)
  rows = game.frames("up", 24, "wCurMap", "wXCoord", "wYCoord")
  assert set(rows) == {(0, 9, 0), (maps.ROUTE, 9, 27)}
  ram = game.ram()
  assert (ram.map_width, ram.map_height) == (20, 28)


def test_person_speaks_in_a_box(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME, 2, 5)
  game.act("up")
  ram = game.act("a")
  assert ram.dialog_open
  assert not ram.can_act
  assert ram.text_waits
  assert game["wFontLoaded"] & 1
  assert game["hWY"] == 0
  assert game.words(14) == "Rest a bit, dear."
  game.act("down")  # no fresh A or B: the page stays
  assert game.ram().dialog_open
  game.act("b")
  assert game.words(14) == "There! All your"
  game.act("a")
  ram = game.act()
  assert not ram.dialog_open
  assert ram.can_act
  assert game["hWY"] == 0x90


def test_held_button_turns_one_page_only(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME, 2, 5)
  game.act("up")
  game.pyboy.button_press("a")
  game.pyboy.tick(120, True)
  game.pyboy.button_release("a")
  assert game.words(14) == "Rest a bit, dear."


def test_sign_is_read(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME_TOWN, 5, 7)
  game.act("up")
  assert game.act("a").dialog_open
  assert game.words(14) == "LUMI's house"


def test_box_frame_is_red_s(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME, 2, 5)
  game.press("up a")
  assert game.pyboy.memory[0xC490] == 0x79
  assert game.pyboy.memory[0xC507] == 0x7E


def test_guard_sends_back_without_a_starter(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME_TOWN, 9, 2)
  ram = game.act("up")
  assert ram.dialog_open
  assert game["wJoyIgnore"]
  game.act("a")
  rows = game.frames("a", 24, "wSimulatedJoypadStatesIndex", "wStatusFlags5")
  assert (1, 0x80) in rows
  assert rows[-1] == (0, 0)
  game.act()
  assert game.place() == (maps.HOME_TOWN, 9, 2)
  assert game.ram().event(39)


def test_starter_is_given(game, states):
  game.load(states["starter"])
  ram = game.ram()
  assert ram.got_starter
  assert ram.party_count == 1
  assert ram.party_level[0] == 5
  assert ram.party_exp[0] == 125
  assert ram.party_hp[0] == ram.party_max_hp[0] > 0
  assert ram.owned_count == 1
  assert ram.bag[0].tolist() == [4, 10]
  assert ram.event(34)
  assert game["wPlayerStarter"] == ram.party_species[0]
  game.act("up")
  assert game.act("a").dialog_open  # the lamp is dim now
  game.act("a")
  assert game.act().party_count == 1


def test_starter_can_be_declined(game, states):
  game.load(states["home"])
  game.walk_to(maps.KEEPER_HOUSE, 7, 4)
  game.press("up a down")
  assert game.ram().menu_item == 1
  game.act("a")
  ram = game.act()
  assert ram.can_act
  assert ram.party_count == 0


def test_healer_heals_and_moves_the_blackout_map(game, states):
  game.load(states["grass"])
  game.set_mon(0, 1, 0, 3)
  game.walk_to(maps.HEALING_HOUSE, 5, 3)
  game.press("up a a a")
  ram = game.act()
  assert ram.can_act
  assert ram.party_hp[0] == ram.party_max_hp[0]
  assert ram.last_blackout_map == maps.SECOND_TOWN


def test_step_right_after_a_door_ends_within_its_action(game, states):
  """The picture at an action's end is tile-aligned, at rest."""
  game.load(states["home"])
  game.walk_to(maps.HOME_TOWN, 3, 6)
  game.press("up up up")
  assert game.place() == (maps.HOME, 3, 6)
  shown = game.screen()
  game.act()
  assert np.array_equal(game.screen(), shown)
