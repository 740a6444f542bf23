"""Disagreement is about what is not known, not about chance."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax.world_model import ensemble
from tests.conftest import made


def test_members_that_agree_on_chance_do_not_disagree():
  uniform = jnp.log(jnp.full((3, 5, 2, 4), 0.25))
  np.testing.assert_allclose(ensemble.disagreement(uniform), 0, atol=1e-5)


def test_two_sure_members_of_different_minds_disagree_by_a_bit():
  sure = jnp.log(jnp.array([[1 - 3e-9, 1e-9, 1e-9, 1e-9]]))
  other = jnp.roll(sure, 1, -1)
  logits = jnp.stack([sure, other])[:, None]  # [2, 1, 1, 4]
  np.testing.assert_allclose(
    ensemble.disagreement(logits), [np.log(2)], atol=1e-4
  )


def test_disagreement_is_larger_where_nothing_was_learned():
  model = ensemble.Ensemble(members=4, width=16, stoch=2, classes=4)
  key = jax.random.PRNGKey(0)
  known = jax.random.normal(key, (64, 8))
  target = jnp.log(jax.nn.one_hot(jnp.ones((64, 2), int), 4) * 0.96 + 0.01)
  params = model.init(key, known)
  optimizer = optax.adam(1e-2)

  @jax.jit
  def train(params, opt):
    def step(carry, key):
      params, opt = carry
      grads = jax.grad(
        lambda p: ensemble.ensemble_loss(model.apply(p, known), target, key)
      )(params)
      updates, opt = optimizer.update(grads, opt, params)
      return (optax.apply_updates(params, updates), opt), None

    keys = jax.random.split(key, 150)
    return jax.lax.scan(step, (params, opt), keys)[0]

  params, _ = train(params, optimizer.init(params))
  nats = lambda x: ensemble.disagreement(model.apply(params, x)).mean()
  assert nats(10 * known[::-1] + 30) > 3 * nats(known)


def chances(members=3, frames=5, seed=0):
  """Log-probabilities `[K, N, 2, 4]`."""
  rng = np.random.default_rng(seed)
  shape = (members, frames, 2, 4)
  return np.log(rng.dirichlet(np.ones(4), shape[:-1])).astype(np.float32)


def test_disagreement_is_the_mean_distance_from_the_mean():
  """The Jensen-Shannon divergence, frame by frame, by hand."""
  logits = chances()
  p = np.exp(logits)
  mean = p.mean(0)
  kl = (p * (logits - np.log(mean))).sum((-2, -1))
  got = ensemble.disagreement(jnp.asarray(logits))
  np.testing.assert_allclose(got, kl.mean(0), atol=1e-5)
  order = ensemble.disagreement(jnp.asarray(logits[::-1]))
  np.testing.assert_allclose(got, order, atol=1e-6)
  assert (got > 0).all() and (got < 2 * np.log(3)).all()


@pytest.fixture(name="small", scope="module")
def fixture_small():
  model = ensemble.Ensemble(members=3, width=5, stoch=2, classes=4)
  deter = jnp.asarray(np.random.default_rng(0).normal(size=(6, 7)), jnp.float32)
  return model, made(lambda: model.init(jax.random.PRNGKey(0), deter)), deter


def test_members_have_no_weight_in_common_but_their_norm(small):
  """What one says does not move another's weights, nor the latent."""
  model, params, deter = small

  @jax.jit
  def gradient(params, deter, weight):
    weight = weight[:, None] * jnp.arange(4.0)
    said = lambda p, x: (model.apply(p, x).sum((1, 2)) * weight).sum()
    return jax.grad(said, (0, 1))(params, deter)

  for member in range(3):
    grads, latent = gradient(params, deter, jnp.eye(3)[member])
    hidden = grads["params"]["hidden"]["kernel"].reshape(7, 3, 5)
    outputs = grads["params"]["outputs"]["kernel"]  # [3, 5, 8]
    assert np.flatnonzero(hidden.any((0, 2))).tolist() == [member]
    assert np.flatnonzero(outputs.any((1, 2))).tolist() == [member]
    assert not latent.any()


def test_no_member_is_ever_quite_sure(small):
  """Else one surprise would be worth any number of nats."""
  model, params, deter = small
  sure = jax.tree.map(lambda x: 100 * x, params)
  chance = np.exp(jax.jit(model.apply)(sure, deter))
  assert chance.shape == (3, 6, 2, 4)
  np.testing.assert_allclose(chance.sum(-1), 1, rtol=1e-5)
  np.testing.assert_allclose(chance.min(), 0.01 / 4, rtol=1e-3)


def test_each_member_learns_from_its_own_half_of_the_frames():
  """Nats a frame by hand; which frames show in the gradient."""
  logits, posterior = jnp.asarray(chances(4, 64)), chances(1, 64, 9)[0]
  run = lambda logits, target: ensemble.ensemble_loss(
    logits, target, jax.random.PRNGKey(2)
  )
  nats, (error, to_latent) = jax.jit(jax.value_and_grad(run, (0, 1)))(
    logits, jnp.asarray(posterior)
  )
  own = np.asarray(error).any((2, 3))  # [4, 64]
  assert ((own.mean(1) > 0.3) & (own.mean(1) < 0.7)).all()
  assert len(np.unique(own, axis=0)) == 4
  cost = -(np.exp(posterior) * np.asarray(logits)).sum((-2, -1))
  want = sum(cost[k][own[k]].mean() for k in range(4))
  np.testing.assert_allclose(nats, want, rtol=1e-5)
  assert not to_latent.any()


def test_a_member_without_a_frame_of_its_own_costs_nothing():
  """So few frames, that some draws leave all to nobody."""
  logits, posterior = jnp.asarray(chances(1, 1)), chances(1, 1, 9)[0]
  run = jax.vmap(lambda key: ensemble.ensemble_loss(logits, posterior, key))
  nats = np.asarray(run(jax.random.split(jax.random.PRNGKey(0), 16)))
  assert np.isfinite(nats).all() and (nats == 0).any() and (nats > 0).any()
