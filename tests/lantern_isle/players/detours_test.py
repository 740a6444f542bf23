"""Mistakes on purpose lead where they should, and are not what was meant."""

import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.lantern_isle.players import detours, routes
from dreamer_jax.lantern_isle.players import expert as expert_lib
from dreamer_jax.lantern_isle.players.routes import UP
from dreamer_jax.lantern_isle.world import maps

BEFORE_LAMPS = routes.ALL_OPEN - {routes.LOCK}
DOOR = max(  # of the gym
  (p for p in routes.graph(BEFORE_LAMPS) if p[0] == maps.GYM_2),
  key=lambda place: place[2],
)


def bars():
  """Cells before the gym's bars, on the door's side."""
  return {
    place: action
    for place, action in detours.shut(maps.GYM_2, BEFORE_LAMPS)
    if np.isfinite(routes.distance(DOOR, place, BEFORE_LAMPS))
  }


def test_what_is_shut_is_where_a_gate_is():
  assert bars() and set(bars().values()) == {UP}
  assert not detours.shut(maps.GYM_2, routes.ALL_OPEN)


def test_no_chance_no_strays():
  play = detours.Strays(np.random.default_rng(0), 0.0)
  assert all(play.act(DOOR, BEFORE_LAMPS) is None for _ in range(100))


def test_it_goes_to_the_bars_and_presses():
  """From the gym's door, many times: some strays press on, into the bars."""
  shut, pressed = bars(), set()
  for seed in range(40):
    play, place = detours.Strays(np.random.default_rng(seed), 1.0), DOOR
    for _ in range(60):
      action = play.act(place, BEFORE_LAMPS)
      if action is None:
        break
      if shut.get(place) == action:
        pressed.add(place)
      place = routes.graph(BEFORE_LAMPS)[place].get(action, place)
  assert pressed == set(shut)


@pytest.mark.parametrize("chance", [0.0, 0.1])
def test_the_intent_is_the_experts(game, chance):
  """A stray overrules the expert; what is cloned is what the expert meant."""
  expert = expert_lib.Expert(np.random.default_rng(1), 0.0, strays=chance)
  overruled = steps = 0
  while steps < 1500 and not game.ram().badges:
    action = expert.act(game.ram())
    overruled += action != expert.intent
    game.act(BUTTONS[action])
    steps += 1
  assert game.ram().badges  # it comes back from all of them
  assert (overruled > 20) if chance else (overruled == 0)
