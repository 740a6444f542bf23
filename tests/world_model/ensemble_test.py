"""Disagreement is about what is not known, not about chance."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dreamer_jax.world_model import ensemble


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
