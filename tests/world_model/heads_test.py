"""What heads say in rewards: events that are likely, amounts by their mean."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.contract import (
  BADGE,
  BATTLE_WIN,
  HP_LOST,
  PROBES,
  SPECIES,
  XP,
)
from dreamer_jax.nn import functions
from dreamer_jax.world_model import heads
from tests.conftest import made


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


def test_an_amount_is_blind_to_what_is_added_to_all_logits():
  """The mean over bins by hand, of logits of any height."""
  rng = np.random.default_rng(0)
  logits = 3 * rng.normal(size=(4, heads.BINS))
  points = np.expm1(6.5 * np.arange(33) / 32)
  chance = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
  for shift in (0.0, 50.0, -1000.0):
    got = heads.expected_amount(jnp.asarray(logits + shift, jnp.float32))
    np.testing.assert_allclose(got, chance @ points, rtol=2e-3)


def test_what_was_learned_of_an_amount_is_said_again():
  """Between two bins it comes out half a percent high, never low."""
  amounts = jnp.array([0.0, 1.0, 7.0, 23.0, 60.0, 250.0, 660.0])
  target = functions.two_hot(functions.symlog(amounts), heads.amount_bins())
  said_again = heads.expected_amount(jnp.log(target))
  off = (said_again - amounts) / (1 + amounts)
  assert off.min() > -1e-3 and off.max() < 6e-3
  target = functions.two_hot(functions.symlog(5000.0), heads.amount_bins())
  most = heads.expected_amount(jnp.log(target))  # more there is no bin for
  assert most == pytest.approx(np.expm1(6.5), rel=1e-4)


@functools.lru_cache
def small(**options):
  """Heads of five hidden units on 6 features, and their parameters."""
  options = {"probe_grad": True, "goals": 4} | options
  model = heads.Heads(width=5, **options)
  features = jnp.zeros((1, 6))
  return model, made(
    lambda: model.init(jax.random.PRNGKey(0), features)["params"]
  )


def run(model, params, features):
  return jax.jit(lambda p, x: model.apply({"params": p}, x))(params, features)


def features(*lead):
  rng = np.random.default_rng(1)
  return jnp.asarray(rng.normal(size=(*lead, 6)), jnp.float32)


def test_there_is_a_head_for_all_that_is_asked():
  """A logit of an event, bins of an amount, classes or a number of a probe."""
  model, params = small()
  out = run(model, params, features(2, 3))
  shapes = {name: x.shape[2:] for name, x in out.items()}
  want = {"badge": (), "species": (), "battle_win": (), "cont": ()}
  want |= {"xp": (33,), "hp_lost": (33,), "goal_done": (4,)}
  for name, (kind, size) in PROBES.items():
    want[f"probe_{name}"] = (size,) if kind == "class" else ()
  assert shapes == want
  assert all(x.shape[:2] == (2, 3) for x in out.values())
  np.testing.assert_allclose(
    out["xp"][1, 2], run(model, params, features(2, 3)[1:, 2])["xp"][0],
    atol=1e-5,
  )  # fmt: skip
  model, params = small(goals=0)
  assert "goal_done" not in run(model, params, features(1))


@pytest.mark.parametrize("allowed", [True, False])
def test_probes_shape_the_latent_only_where_they_may(allowed):
  """Their own layers learn in any case, and rewards always shape it."""
  model, params = small(probe_grad=allowed)

  def gradient(is_probe):
    def total(params, x):
      out = model.apply({"params": params}, x)
      return sum(
        y.sum() for k, y in out.items() if k.startswith("probe_") == is_probe
      )

    return jax.jit(jax.grad(total, (0, 1)))(params, features(2))

  weights, latent = gradient(True)
  assert latent.any() == allowed
  assert weights["probe_hidden"]["Linear_0"]["kernel"].any()
  weights, latent = gradient(False)
  assert latent.any()
  assert not weights["probe_hidden"]["Linear_0"]["kernel"].any()
