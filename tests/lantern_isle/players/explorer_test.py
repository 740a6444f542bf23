"""The wanderer: everywhere, in menus, running, losing."""

import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game.rewards import RewardTracker
from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.players.explorer import MOODS, Explorer
from dreamer_jax.lantern_isle.world import maps, tables


def _wander(game, seed, limit, mood=None):
  """Plays; the maps, menus and outcomes that were met."""
  explorer = Explorer(np.random.default_rng(seed))
  seen, boxes, outcomes = set(), set(), set()
  tracker = RewardTracker()
  tracker.reset(game.ram())
  for _ in range(limit):
    if mood:
      explorer.mood, explorer._left = mood, 99
    ram = game.act(BUTTONS[explorer.act(game.ram())])
    tracker.update(ram)
    outcomes.add(tracker.outcome)
    if ram.can_act:
      seen.add(int(ram.map_id))
    if ram.dialog_open:
      boxes.add(int(ram.text_box_id))
  return seen, boxes, outcomes


@pytest.fixture
def all_open(game, states):
  """Both badges, a strong party, no trainer in the way."""
  game.load(states["town"])
  game["wObtainedBadges"] = 3
  game.set_event("gym_lock_open")
  game.set_bag((tables.BALL_ITEM, 9), (tables.LANTERN, 1))
  game.put_mon(0, "FERNGARD", 25)
  return game


def test_it_comes_round_the_whole_isle(all_open):
  seen, boxes, _ = _wander(all_open, 1, 2500)
  assert len(seen) >= 10
  assert len(boxes) >= 5


def test_it_walks_everywhere_when_it_roams(all_open):
  seen, _, _ = _wander(all_open, 0, 1500, "roam")
  assert len(seen) >= 13


def test_no_map_is_beyond_it():
  """With all gates open it sets out for every map, the last ones too."""
  explorer = Explorer(np.random.default_rng(0))
  place = (maps.HOME_TOWN, 9, 8)
  goals = [explorer._any_place(place, routes.ALL_OPEN) for _ in range(400)]
  assert {spot[0] for spot, _ in goals} == set(maps.MAPS)


def test_it_runs_away(game, states):
  game.load(states["battle"])
  _, _, outcomes = _wander(game, 0, 200, "flee")
  assert "fled" in outcomes


def test_it_loses_on_purpose(game, states):
  game.load(states["leader"])
  game.put_mon(0, "PIPWING", 4)
  _, _, outcomes = _wander(game, 3, 400, "lose")
  assert "lost" in outcomes


def test_it_opens_menus(game, states):
  game.load(states["starter"])
  _, boxes, _ = _wander(game, 0, 150, "menus")
  assert len(boxes) >= 4


def test_moods_are_shares():
  assert sum(MOODS.values()) == pytest.approx(1.0)


def test_it_is_reproducible(game, states):
  runs = []
  for _ in range(2):
    game.load(states["starter"])
    explorer = Explorer(np.random.default_rng(3))
    actions = []
    for _ in range(200):
      actions.append(explorer.act(game.ram()))
      game.act(BUTTONS[actions[-1]])
    runs.append(actions)
  assert runs[0] == runs[1]
