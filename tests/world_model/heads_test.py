"""What heads say in rewards: events that are likely, amounts by their mean."""

import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.contract import BADGE, BATTLE_WIN, HP_LOST, SPECIES, XP
from dreamer_jax.nn import functions
from dreamer_jax.world_model import heads


def bins_of(**shares):
  """Logits `[1, BINS]` with these shares, by the number of a bin."""
  chance = np.full(heads.BINS, 1e-9)
  for name, share in shares.items():
    chance[int(name[1:])] = share
  return jnp.log(jnp.asarray(chance))[None]


def said(badge=0.0, species=0.0, battle_win=0.0, xp=None, hp_lost=None):
  logit = lambda p: jnp.log(jnp.array([max(p, 1e-9) / max(1 - p, 1e-9)]))
  nothing = bins_of(b0=1.0)
  return {
    "badge": logit(badge), "species": logit(species),
    "battle_win": logit(battle_win), "cont": jnp.zeros(1),
    "xp": nothing if xp is None else xp,
    "hp_lost": nothing if hp_lost is None else hp_lost,
  }  # fmt: skip


def test_an_amount_is_the_mean_of_what_bins_stand_for():
  """Half of 60 points is 30, and not what half of their logarithm is."""
  points = functions.symexp(heads.amount_bins())
  last = heads.BINS - 1
  got = heads.expected_amount(bins_of(b0=0.5, **{f"b{last}": 0.5}))
  np.testing.assert_allclose(got, points[last] / 2, rtol=1e-4)
  assert points[0] == 0 and points[last] == pytest.approx(664, abs=1)


def test_an_event_counts_where_it_is_likely():
  doubtful = heads.expected_terms(said(badge=heads.LIKELY - 0.01))[0]
  assert not doubtful[BADGE]
  out = said(badge=0.9, species=0.4, battle_win=0.1)
  terms = heads.expected_terms(out)[0]
  np.testing.assert_allclose(terms[BADGE], 0.9, rtol=1e-5)
  np.testing.assert_allclose(terms[SPECIES], 0.4, rtol=1e-5)
  assert terms[BATTLE_WIN] == 0


def test_terms_are_in_their_places():
  points = functions.symexp(heads.amount_bins())
  terms = heads.expected_terms(said(xp=bins_of(b7=1.0), hp_lost=bins_of(b3=1)))
  want = np.zeros(7)
  want[XP], want[HP_LOST] = points[7], points[3]
  np.testing.assert_allclose(terms[0], want, rtol=1e-3, atol=1e-4)
