"""Behaviour cloning: alignment, weights, and that it fits what it is shown."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dreamer_jax.config import Behavior
from dreamer_jax.policy import behavior_cloning
from dreamer_jax.policy.networks import ActorCritic


def test_cloning_answers_with_the_action_that_follows():
  """`action[t]` led to t, so step t is taught `action[t + 1]`."""
  action = jnp.array([[0, 3, 5, 0, 2]])
  is_first = jnp.array([[True, False, False, True, False]])
  every = jnp.ones((1, 5))
  right = jax.nn.one_hot(jnp.array([[3, 5, 7, 2, 7]]), 8) * 50
  loss, metrics = behavior_cloning.bc_loss(right, action, is_first, every, 0.0)
  assert metrics["bc_accuracy"] == 1 and loss < 1e-3
  # Step 2 ends its episode: whatever it says weighs nothing.
  gradient = jax.grad(
    lambda x: behavior_cloning.bc_loss(x, action, is_first, every, 0.0)[0]
  )(jnp.zeros((1, 5, 8)))
  assert (gradient[0, 2] == 0).all() and (gradient[0, 4] == 0).all()
  assert (gradient[0, 1] != 0).all()


def test_a_step_that_is_not_to_be_cloned_teaches_nothing():
  action = jnp.array([[0, 3, 5, 1]])
  is_first = jnp.zeros((1, 4), bool)
  weight = jnp.array([[1.0, 0.0, 1.0, 1.0]])
  gradient = jax.grad(
    lambda x: behavior_cloning.bc_loss(x, action, is_first, weight, 0.0)[0]
  )(jnp.zeros((1, 4, 8)))
  taught = (np.asarray(gradient) != 0).any(-1)[0]
  assert taught.tolist() == [True, False, True, False]


def test_ten_sequences_are_learned_by_heart():
  """Ten windows of chance: features tell the step, so all can be right."""
  rng = np.random.default_rng(0)
  feat = jnp.asarray(rng.normal(size=(10, 16, 24)), jnp.float32)
  goal = jnp.asarray(rng.normal(size=(10, 16, 8)), jnp.float32)
  intent = jnp.asarray(rng.integers(0, 8, (10, 16)))
  is_first = jnp.zeros((10, 16), bool).at[:, 0].set(True)
  net = ActorCritic(Behavior(width=64, goal_dim=8))
  key, weight = jax.random.PRNGKey(0), jnp.ones((10, 16))
  params, _ = net.init(key, key, feat.shape[-1])
  optimizer = optax.adam(3e-3)

  def loss(params):
    logits = net.logits(params, feat, goal)
    return behavior_cloning.bc_loss(logits, intent, is_first, weight, 0.0)

  def update(carry, _):
    params, opt = carry
    (_, metrics), grads = jax.value_and_grad(loss, has_aux=True)(params)
    step, opt = optimizer.update(grads, opt)
    return (optax.apply_updates(params, step), opt), metrics

  _, metrics = jax.jit(
    lambda p: jax.lax.scan(update, (p, optimizer.init(p)), length=300)
  )(params)
  assert metrics["bc_accuracy"][0] < 0.3
  assert metrics["bc_accuracy"][-1] == 1 and metrics["bc_loss"][-1] < 0.05
