"""Battles fought badly, and what the demonstrator would have done in them."""

import collections

import numpy as np
import pytest

from dreamer_jax.cartridge import errands, routes
from dreamer_jax.cartridge import expert as expert_lib
from dreamer_jax.cartridge.expert import ACTIONS
from dreamer_jax.cartridge.fighting import BAG, BATTLE_MENU, MOVES, PARTY, A

STEPS = 2500


def at(ram):
  return int(ram.map_id), int(ram.x), int(ram.y)


def healer(ram):
  return errands.healer(at(ram), routes.passes(ram))[0]


@pytest.fixture(name="play")
def fixture_play(game):
  """`play(chance)`: what was counted over `STEPS` steps."""

  def run(chance):
    expert = expert_lib.Expert(np.random.default_rng(3), 0.0, blunders=chance)
    found, stays = collections.Counter(), 0
    for _ in range(STEPS):
      ram = game.ram()
      action = expert.act(ram)
      where = "battle" if ram.in_battle else "elsewhere"
      found[where] += 1
      overruled = action != expert.intent
      found[where, "overruled"] += overruled
      if overruled and not ram.in_battle:  # no carelessness is cloned
        assert errands.health(ram) < expert.style.careful
        way = routes.best_actions(at(ram), healer(ram), routes.passes(ram))
        found["means the healer"] += expert.intent in way
      forced = ram.in_battle and ram.text_box_id == PARTY and not ram.active_hp
      stays = stays + 1 if forced else 0
      found["stays"] = max(found["stays"], stays)
      if forced:
        hp = ram.live_party_hp[: int(ram.party_count)]
        found["fallen"] = max(found["fallen"], int((hp == 0).sum()))
        if expert.intent == A:  # it means to send one that stands
          found["sends"] += 1
          assert hp[int(ram.menu_item)] > 0
      game.act(ACTIONS[action])
    return found

  return run


def test_without_a_chance_nothing_is_overruled(play):
  found = play(0.0)
  assert found["battle"] > 100
  assert not found["battle", "overruled"] + found["elsewhere", "overruled"]


def test_battles_are_lost_member_by_member(play):
  found = play(1.0)
  assert found["battle", "overruled"] > found["battle"] / 10
  assert found["fallen"] >= 2 and found["sends"]
  assert found["stays"] > 10  # longer than what opened the list is remembered


def test_fumbling_decides_nothing(game):
  """Whoever fumbles stays in the battle: health and bag are as they were."""
  expert = expert_lib.Expert(np.random.default_rng(3), 0.0, blunders=1.0)
  seen = collections.Counter()
  kept = lambda ram: (
    ram.live_party_hp.tolist(), int(ram.enemy_hp), ram.bag.tolist(),
    int(ram.active_slot),
  )  # fmt: skip
  for _ in range(2 * STEPS):
    ram, left = game.ram(), expert._blunders._presses
    game.act(ACTIONS[expert.act(ram)])
    if expert._blunders._presses == left - 1:  # one was pressed
      after = game.ram()
      assert after.in_battle and kept(after) == kept(ram), ram.text_box_id
      seen[int(ram.text_box_id)] += 1
  assert all(seen[box] > 5 for box in (BATTLE_MENU, BAG, MOVES, PARTY)), seen


def test_a_chance_leaves_most_battles_as_they_were(play):
  found = play(0.05)
  assert 0 < found["battle", "overruled"] < found["battle"] / 5


def test_a_hurt_team_walks_on_but_means_to_be_healed(play):
  found = play(1.0)
  assert found["elsewhere", "overruled"] > 10
  # Besides: a balm from the menu, turning to the healer, talking to him.
  assert found["means the healer"] > found["elsewhere", "overruled"] / 2
