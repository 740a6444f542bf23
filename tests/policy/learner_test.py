"""Learners begin fresh, at the clone, or at a round's dreams."""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import presets
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.networks import ActorCritic


def assert_equal(one, two):
  jax.tree.map(np.testing.assert_array_equal, one, two)


def test_a_policy_begins_again_at_the_clone():
  """With an optimizer that has seen nothing; the critic goes on."""
  config = presets.debug().behavior
  fresh = policy_learner.init(
    ActorCritic(config), config, 8, 0)
  spoilt = jax.tree.map(lambda x: x + jnp.ones_like(x), fresh)
  begun = policy_learner.begin_at_clone(spoilt)
  assert_equal(begun.actor, spoilt.clone)
  opt = policy_learner.actor_optimizer(config).init(spoilt.clone)
  assert_equal(begun.actor_opt, opt)
  assert_equal(begun.replace(actor=0, actor_opt=0), spoilt.replace(
    actor=0, actor_opt=0
  ))  # fmt: skip


def test_dreams_are_held_near_the_policy_they_begin_with():
  """Or near the clone, where that is asked for."""
  fresh = policy_learner.init(
    ActorCritic(presets.debug().behavior), presets.debug().behavior, 8, 0)
  later = fresh.replace(actor=jax.tree.map(lambda x: x + 1, fresh.actor))
  for leash, held in (("kept", later.actor), ("clone", later.clone)):
    begun = policy_learner.begin_dreams(later, leash)
    assert_equal(begun.reference, held)
    assert_equal(begun.replace(reference=0), later.replace(reference=0))
