"""Battles fought badly, and what the demonstrator would have done in them."""

import collections

import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.lantern_isle.players import expert as expert_lib
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.battling import (
  BAG,
  BATTLE_MENU,
  MOVES,
  OTHER,
  PARTY,
  START_MENU,
  A,
  B,
)

STEPS, SEED = 2500, 3


def at(ram):
  return int(ram.map_id), int(ram.x), int(ram.y)


def healer(ram):
  return itinerary.healer(at(ram), routes.passes(ram))[0]


@pytest.fixture(name="play")
def fixture_play(game):
  """`play(chance)`: what was counted over `STEPS` steps."""

  def run(chance):
    expert = expert_lib.Expert(np.random.default_rng(SEED), 0.0, 0.0, chance)
    found, stays = collections.Counter(), 0
    for _ in range(STEPS):
      ram = game.ram()
      browses = expert._browsing._presses
      action = expert.act(ram)
      where = "battle" if ram.in_battle else "elsewhere"
      where = "menus" if browses or expert._browsing._presses else where
      found[where] += 1
      overruled = action != expert.intent
      found[where, "overruled"] += overruled
      if overruled and where == "elsewhere":  # no carelessness is cloned
        assert itinerary.health(ram) < expert.style.careful
        way = routes.best_actions(at(ram), healer(ram), routes.passes(ram))
        found["means the healer"] += expert.intent in way
      hp = ram.live_party_hp[: int(ram.party_count)]
      is_list = ram.in_battle and ram.text_box_id == PARTY and not hp.all()
      stays = stays + 1 if is_list else 0
      forced = is_list and not ram.active_hp
      key = "stays" if forced else "stays for nothing"
      found[key] = max(found[key], stays)
      if forced:
        found["fallen"] = max(found["fallen"], int((hp == 0).sum()))
        if expert.intent == A:  # it means to send one that stands
          found["sends"] += 1
          assert hp[int(ram.menu_item)] > 0
      game.act(BUTTONS[action])
    return found

  return run


def test_without_a_chance_nothing_is_overruled(play):
  found = play(0.0)
  assert found["battle"] > 100
  assert not found["battle", "overruled"] + found["elsewhere", "overruled"]
  assert not found["menus"]


def test_battles_are_lost_member_by_member(play):
  found = play(1.0)
  assert found["battle", "overruled"] > found["battle"] / 10
  assert found["fallen"] >= 2 and found["sends"]
  # Longer than what opened the list is remembered.
  assert found["stays"] > 6 and found["stays for nothing"] > 5


def test_fumbling_decides_nothing(game):
  """Whoever fumbles stays in the battle: health and bag are as they were."""
  expert = expert_lib.Expert(np.random.default_rng(SEED), 0.0, 0.0, 1.0)
  seen = collections.Counter()
  kept = lambda ram: (
    ram.live_party_hp.tolist(), int(ram.enemy_hp), ram.bag.tolist(),
    int(ram.active_slot),
  )  # fmt: skip
  for _ in range(3 * STEPS):
    ram, left = game.ram(), expert._blunders._presses
    game.act(BUTTONS[expert.act(ram)])
    if expert._blunders._presses == left - 1:  # one was pressed
      after = game.ram()
      assert after.in_battle and kept(after) == kept(ram), ram.text_box_id
      seen[int(ram.text_box_id)] += 1
  assert all(seen[box] > 5 for box in (BATTLE_MENU, BAG, MOVES, PARTY)), seen


def test_a_chance_leaves_most_battles_as_they_were(play):
  found = play(0.1)
  assert 0 < found["battle", "overruled"] < found["battle"] / 2


def test_a_hurt_team_walks_on_but_means_to_be_healed(play):
  found = play(1.0)
  assert found["elsewhere", "overruled"] > 10
  # Besides: a balm from the menu, turning to the healer, talking to him.
  assert found["means the healer"] > found["elsewhere", "overruled"] / 2


def test_what_lies_behind_the_start_menu_is_seen_and_left_with_b(game):
  expert = expert_lib.Expert(np.random.default_rng(SEED), 0.0, 0.0, 1.0)
  seen, left, open_for = collections.Counter(), 0, 0
  for _ in range(3 * STEPS):
    ram = game.ram()
    browsed = expert._browsing._presses
    action = expert.act(ram)
    if browsed and not ram.in_battle and ram.dialog_open:
      box = int(ram.text_box_id)
      seen[box] += 1
      if box in (START_MENU, OTHER) and not expert._mending:
        assert expert.intent == B
    ends = browsed and not expert._browsing._presses
    open_for = 1 if ends else open_for + bool(open_for)
    if open_for and not ram.dialog_open:  # out again, as was meant
      left, open_for = left + 1, 0
    assert open_for < 40
    game.act(BUTTONS[action])
  assert all(seen[box] > 5 for box in (START_MENU, PARTY, BAG, OTHER)), seen
  assert left > 3


def test_an_empty_bag_does_not_hold_the_battle_up(game):
  """It opens nothing, so another plan is drawn each time that A is pressed."""
  expert = expert_lib.Expert(np.random.default_rng(SEED), 0.0, 0.0, 1.0)
  for _ in range(STEPS):
    ram = game.ram()
    action = expert.act(ram)
    if ram.in_battle and ram.text_box_id == BATTLE_MENU and action == A:
      break
    game.act(BUTTONS[action])
  plans = set()
  for _ in range(200):  # the same moment: nothing has opened
    expert.act(ram)
    plans.add(expert._blunders._plan)
  assert len(plans) > 1  # another one, which the cursor would go to
