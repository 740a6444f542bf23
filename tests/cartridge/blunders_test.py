"""Battles fought badly, and what the demonstrator would have done in them."""

import numpy as np
import pytest

from dreamer_jax.cartridge import expert as expert_lib
from dreamer_jax.cartridge.expert import ACTIONS
from dreamer_jax.cartridge.fighting import PARTY


def play(game, chance, steps):
  """(steps of battles, overruled there, elsewhere, most fallen ones seen)."""
  expert = expert_lib.Expert(np.random.default_rng(3), 0.0, blunders=chance)
  battles = bad = elsewhere = fallen = 0
  for _ in range(steps):
    ram = game.ram()
    action = expert.act(ram)
    overruled = action != expert.intent
    battles += bool(ram.in_battle)
    bad += overruled and bool(ram.in_battle)
    elsewhere += overruled and not ram.in_battle
    chooses = ram.in_battle and ram.text_box_id == PARTY and not ram.active_hp
    if chooses:
      party = ram.live_party_hp[: int(ram.party_count)]
      fallen = max(fallen, int((party == 0).sum()))
      # It means to send out one that stands, whichever was aimed at.
      assert expert.intent in (0, 4, 5)
    game.act(ACTIONS[action])
  return battles, bad, elsewhere, fallen


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_only_battles_are_fought_badly(game, chance):
  battles, bad, elsewhere, fallen = play(game, chance, 1500)
  assert battles > 100 and not elsewhere
  assert (bad > battles / 10 and fallen >= 2) if chance else not bad


def test_some_battles_are(game):
  _, some, _, _ = play(game, 0.3, 1500)
  assert some
