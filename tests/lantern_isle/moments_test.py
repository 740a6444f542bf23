"""The awkward moments of Red, on purpose: each is played in the emulator.

`wBattleResult` in mid-battle and the late loss are in `outcome_test.py` and
`battle_test.py` too, from the side of the battle; here is what a reader sees.
"""

import itertools

import numpy as np

from dreamer_jax.contract import TERMS
from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rewards import RewardTracker
from dreamer_jax.lantern_isle.players.battling import YES_NO
from dreamer_jax.lantern_isle.world import maps


def _trace(game, button, frames):
  """The decoded RAM after each frame of a press."""
  read = lambda start, stop: game.pyboy.memory[start:stop]
  rows = []
  for i in range(frames):
    if button and i == 0:
      game.pyboy.button_press(button)
    if button and i == 8:
      game.pyboy.button_release(button)
    game.pyboy.tick(1, True)
    rows.append(memory.snapshot(read))
  return decode(np.stack(rows))


def _hopeless(game):
  """A foe that wins at once."""
  game["wEnemyMonHP"] = game["wEnemyMonMaxHP"] = 300
  game["wEnemyMonAttack"] = 90
  game["wEnemyMonSpeed"] = 200
  game["wBattleMonHP"] = 1


def test_power_on_zeros_look_like_a_place(game):
  ram = game.ram()
  assert (ram.map_id, ram.x, ram.y) == (maps.HOME_TOWN, 0, 0)
  assert (ram.party_count, ram.money, ram.badges) == (0, 0, 0)
  assert (ram.map_width, ram.map_height) == (0, 0)
  assert not (ram.is_playing or ram.can_act or ram.dialog_open)


def test_result_byte_turns_with_each_fainting(game, states):
  """1 when mine falls, 0 when the foe falls, and the battle goes on."""
  game.load(states["leader"])
  game.put_mon(1, "FERNGARD", 30)
  while game.ram().text_box_id != 0x0B:
    game.act("a")
  _hopeless(game)
  seen = []
  for _ in range(60):
    ram = game.act("a")
    if ram.in_battle and int(ram.battle_result) not in seen[-1:]:
      seen.append(int(ram.battle_result))
    if ram.text_box_id == 0x41 and ram.menu_item == 0:
      game.act("down")
    if not ram.in_battle:
      break
  assert seen[:3] == [0, 1, 0]


def test_late_look_at_a_loss_sees_a_healthy_winner(game, states):
  """1, 0 with result 1, 0xFF, then 0 with result 0 and full health."""
  game.load(states["battle"])
  _hopeless(game)
  rows = []
  for _ in range(25):
    trace = _trace(game, "a", 24)
    rows += list(zip(trace.battle.tolist(), trace.battle_result.tolist(),
                     trace.party_hp[:, 0].tolist(), strict=True))  # fmt: skip
    if game.ram().can_act:
      break
  order = [rows[0][0]]
  order += [b[0] for a, b in itertools.pairwise(rows) if a[0] != b[0]]
  assert order == [1, 0, 0xFF, 0]
  fading = [row for row in rows if row[0] == 0xFF]
  assert len(fading) > 24  # longer than an action: some sample shows it
  assert fading[0] == (0xFF, 1, 0)
  ram = game.ram()
  assert (ram.battle, ram.battle_result) == (0, 0)
  assert ram.party_hp[0] == ram.party_max_hp[0]


def test_rewards_are_not_fooled_by_the_loss(game, states):
  """Sampled at each action: one defeat, no win, no health regained."""
  for start in (1, 7, 13, 19):
    game.load(states["battle"])
    _hopeless(game)
    tracker = RewardTracker()
    tracker.reset(game.ram())
    game.act(frames=start)
    outcomes, wins = [], 0.0
    for _ in range(25):
      terms = tracker.update(game.act("a"))
      wins += terms[TERMS.index("battle_win")]
      outcomes += [tracker.outcome] if tracker.outcome else []
      if game.ram().can_act:
        break
    assert outcomes == ["lost"]
    assert wins == 0


def test_warp_pairs_the_new_map_with_the_old_place(game, states):
  game.load(states["home"])
  game.walk_to(maps.HOME, 3, 7)
  trace = _trace(game, "down", 60)
  stale = (trace.map_id == maps.HOME_TOWN) & (trace.y == 7)
  assert 28 <= stale.sum() <= 40
  assert not trace.can_act[stale].any()
  assert (trace.x[-1], trace.y[-1], trace.map_id[-1]) == (3, 5, 0)


def test_new_member_counts_before_its_data_is_there(game, states):
  """While its nickname is asked, the slot still holds an older one's bytes."""
  game.load(states["battle"])
  game.put_mon(1, "ANGLOW", 12)
  game["wPartyCount"] = 1  # as after a deposit: old bytes stay behind
  game["wEnemyMonHP"] = 1
  game["wEnemyMonCatchRate"] = 255
  tracker = RewardTracker()
  tracker.reset(game.ram())
  xp = 0.0
  asked = False
  for button in ["down", "a", "a"] + ["a"] * 14:
    ram = game.act(button)
    xp += tracker.update(ram)[TERMS.index("xp")]
    if ram.text_box_id == YES_NO and not asked:
      asked = True
      assert ram.party_count == 2
      assert ram.party_exp[1] == 12**3  # ANGLOW's, not the new one's
      assert ram.owned[int(ram.enemy_species) - 1]
    if ram.can_act:
      break
  assert asked
  assert ram.party_species[1] == ram.enemy_species
  assert ram.party_exp[1] == int(ram.enemy_level) ** 3
  assert xp == 0


def test_owned_bits_blink_while_a_starter_is_looked_at(game, states):
  game.load(states["home"])
  game.walk_to(maps.KEEPER_HOUSE, 7, 4)
  tracker = RewardTracker()
  tracker.reset(game.ram())
  game.press("up")
  species, counts = 0.0, []
  for button in ("a", None, "b", None, None):
    ram = game.act(button)
    counts.append(int(ram.owned_count))
    species += tracker.update(ram)[TERMS.index("species")]
  assert max(counts) == 4  # bits 0, 1, 3 and 6
  assert counts[-1] == 0
  assert species == 0
  assert not ram.got_starter


def test_dialog_bytes_come_and_go_together(game, states):
  """Font bit and window while a box is open; the arrow only blinks."""
  game.load(states["home"])
  game.walk_to(maps.HOME, 2, 5)
  game.act("up")
  assert (game["wFontLoaded"] & 1, game["hWY"]) == (0, 0x90)
  trace = _trace(game, "a", 96)
  shown = trace.dialog_open
  assert shown.any() and shown[-1]
  assert (~trace.text_waits[30:]).any() and trace.text_waits[30:].any()
  assert not trace.can_act[shown].any()
  assert (game["wFontLoaded"] & 1, game["hWY"]) == (1, 0)
  game.press("a a")
  ram = game.act()
  assert not ram.dialog_open and ram.can_act
  assert ram.text_box_id == 1  # stays, stale


def test_battle_keeps_the_font_bit_clear(game, states):
  game.load(states["battle"])
  assert game["wFontLoaded"] & 1 == 0
  assert game["hWY"] == 0
  ram = game.ram()
  assert ram.in_battle and not ram.dialog_open and not ram.can_act


def test_old_values_stay_behind_a_battle(game, states):
  game.load(states["battle"])
  game["wBattleMonSpeed"] = 200
  species = game["wEnemyMonSpecies"]
  game.press("right down a a a")
  for _ in range(4):
    ram = game.act()
  assert ram.can_act
  assert ram.enemy_species == species
  assert ram.active_species == ram.party_species[0]
  assert game["wNumberOfNoRandomBattleStepsLeft"] == 3
