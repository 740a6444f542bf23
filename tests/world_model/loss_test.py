"""Parts of the world model's loss, by hand."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.contract import BADGE, PROBES, XP
from dreamer_jax.types import Latent
from dreamer_jax.world_model import heads, loss
from tests.world_model.model_test import make_batch

CONFIG = dataclasses.replace(
  presets.debug().world, reward_scale=1.0, probe_scale=1.0, goal_scale=1.0
)


def flat(batch):
  """Steps `[N, ...]` of windows `[B, T, ...]`."""
  return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), batch)


def steps(**changes):
  """Two steps; the second is an episode's first."""
  batch = flat(make_batch(1, 2).replace(weight=jnp.ones((1, 2))))
  first = jnp.array([False, True])
  return batch.replace(is_first=first, **changes)


def silent(count=2):
  """Heads that hold everything for as likely."""
  out = {name: jnp.zeros(count) for name in (*heads.EVENTS, "cont")}
  out |= {name: jnp.zeros((count, heads.BINS)) for name in heads.AMOUNTS}
  for name, probe in PROBES.items():
    shape = (count, probe.size) if probe.size > 1 else (count,)
    out[f"probe_{name}"] = jnp.zeros(shape)
  return out


def test_heads_that_know_nothing_pay_the_entropy():
  total, parts = loss.head_loss(silent(), steps(), CONFIG)
  assert parts["badge"] == pytest.approx(np.log(2) / 2)  # one step is a first
  assert parts["xp"] == pytest.approx(np.log(heads.BINS) / 2, rel=1e-5)
  assert parts["cont"] == pytest.approx(np.log(2))
  for name, probe in PROBES.items():
    want = np.log(probe.size) if probe.kind == "class" else 0.0
    assert parts[f"probe_{name}"] == pytest.approx(want, rel=1e-5), name
  assert total == pytest.approx(sum(float(x) for x in parts.values()), rel=1e-5)


def test_heads_learn_what_happened():
  """Downhill is towards a badge that came, its points, and the map."""
  batch = steps()
  terms = batch.terms.at[0, BADGE].set(1.0).at[0, XP].set(60.0)
  labels = {**batch.labels, "map": jnp.array([5, 5])}
  batch = batch.replace(terms=terms, labels=labels)
  grads = jax.grad(lambda out: loss.head_loss(out, batch, CONFIG)[0])(silent())
  assert grads["badge"][0] < 0 < grads["species"][0]
  assert not grads["badge"][1] and not grads["xp"][1].any()
  points = -grads["xp"][0] @ jnp.arange(heads.BINS)
  assert points > 0 and grads["probe_map"][0].argmin() == 5


def test_what_cannot_be_trusted_weighs_nothing():
  batch = steps()
  batch = batch.replace(labels={**batch.labels, "valid": jnp.array([1.0, 0.0])})
  grads = jax.grad(lambda out: loss.head_loss(out, batch, CONFIG)[0])(silent())
  assert grads["probe_x"][0].any() and not grads["probe_x"][1].any()


def test_a_schedule_is_a_line_to_its_end():
  config = dataclasses.replace(
    CONFIG, decay_updates=100, free_nats=1.0, free_nats_end=0.0
  )
  at = [float(loss.free_nats(config, jnp.array(n))) for n in (0, 25, 100, 300)]
  np.testing.assert_allclose(at, [1.0, 0.75, 0.0, 0.0])
  unknown = dataclasses.replace(config, decay_updates=0)
  assert float(loss.free_nats(unknown, jnp.array(50))) == 1.0


class Counting:
  """A world whose latent counts dreamed steps; its prior is what it is told."""

  def __init__(self, logits):
    self._logits = logits

  def predict(self, params, latent, action, rng):
    del params, action, rng
    return Latent(latent.deter + 1, latent.stoch, self._logits)


@pytest.mark.parametrize(("right", "nats"), [(True, 1.0), (False, None)])
def test_overshooting_asks_dreamed_priors_for_posteriors(right, nats):
  """Of a dream that is right only the floor of a nat is left."""
  batch = make_batch(2, 6).replace(is_first=jnp.zeros((2, 6), bool))
  shape = (2, 6, 3, 4)
  best = jax.nn.one_hot(jnp.zeros(shape[:3], int), 4)
  posterior = jax.nn.log_softmax(10 * best)
  latents = Latent(jnp.zeros((2, 6, 8)), jnp.zeros(shape), posterior)
  flat_prior = jnp.full((2, 3, 4), -np.log(4))
  prior = posterior[:, 0] if right else flat_prior
  config = dataclasses.replace(
    CONFIG, overshoot_steps=3, decay_updates=10, overshoot_scale=1.0
  )
  run = lambda updates: float(
    loss.overshoot_loss(
      {}, Counting(prior), config, batch, latents, jax.random.PRNGKey(0),
      updates,
    )
  )  # fmt: skip
  for updates in (0, 10):
    got = run(updates)
    assert got == pytest.approx(nats) if nats else got > 3.0
