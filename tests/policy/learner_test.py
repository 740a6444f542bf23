"""Learners begin fresh, at the clone, or at a round's dreams."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.nn import optimizers
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.networks import ActorCritic


def assert_equal(one, two):
  jax.tree.map(np.testing.assert_array_equal, one, two)


def test_a_policy_begins_again_at_the_clone():
  """With an optimizer that has seen nothing; the critic goes on."""
  config = presets.debug().policy
  fresh = policy_learner.init(ActorCritic(config), config, 8, 0)
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
    ActorCritic(presets.debug().policy), presets.debug().policy, 8, 0
  )
  later = fresh.replace(actor=jax.tree.map(lambda x: x + 1, fresh.actor))
  for leash, held in (("kept", later.actor), ("clone", later.clone)):
    begun = policy_learner.begin_dreams(later, leash)
    assert_equal(begun.reference, held)
    assert_equal(begun.replace(reference=0), later.replace(reference=0))


@functools.cache
def fresh(seed=0):
  config = presets.debug().policy
  return policy_learner.init(ActorCritic(config), config, 8, seed)


def test_a_fresh_learner_has_one_policy_and_one_critic():
  """Thrice and twice the same; it has learned nothing, by its seed's chance."""
  state = fresh()
  assert_equal(state.clone, state.actor)
  assert_equal(state.reference, state.actor)
  assert_equal(state.slow_critic, state.critic)
  assert state.updates == 0 and state.updates.dtype == jnp.int32
  counts = [
    leaf for opt in (state.actor_opt, state.critic_opt, state.clone_opt)
    for leaf in jax.tree.leaves(opt)
  ]  # fmt: skip
  assert all((x == 0).all() for x in counts)
  kernel = lambda state: state.actor["Block_0"]["Linear_0"]["kernel"]
  assert (kernel(fresh(1)) != kernel(state)).all()
  assert (fresh(1).rng != state.rng).any()


BEGINNINGS = {
  "fresh": lambda state: state,
  "at the clone": policy_learner.begin_at_clone,
  "held near what was kept": lambda s: policy_learner.begin_dreams(s, "kept"),
  "held near the clone": lambda s: policy_learner.begin_dreams(s, "clone"),
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_state_can_be_given_up(name):
  """Two of its parts in one buffer could not both be donated."""
  config = presets.debug().policy
  state = policy_learner.init(ActorCritic(config), config, 8, 0)
  begun = BEGINNINGS[name](state)
  leaves = jax.tree.leaves(begun)
  places = [x.unsafe_buffer_pointer() for x in leaves]
  assert len(set(places)) == len(places)
  want = jax.tree.map(lambda x: np.asarray(x) + 1, begun)
  more = jax.jit(lambda s: jax.tree.map(lambda x: x + 1, s), donate_argnums=0)
  assert_equal(more(begun), want)


def test_what_begins_at_the_clone_leaves_the_clone_where_it_is():
  """A step of the actor goes on from it; the clone is still the baseline."""
  config = presets.debug().policy
  begun = policy_learner.begin_at_clone(fresh())
  optimizer = policy_learner.actor_optimizer(config)
  grads = jax.tree.map(jnp.ones_like, begun.actor)
  actor, _ = optimizers.apply(optimizer, grads, begun.actor_opt, begun.actor)
  after = begun.replace(actor=actor)
  assert_equal(after.clone, fresh().clone)
  moved = jax.tree.map(lambda a, b: b - a, after.clone, after.actor)
  for leaf in jax.tree.leaves(moved):  # Adam's first step is the rate
    np.testing.assert_allclose(leaf, -config.actor.learning_rate, rtol=1e-2)


def first_moves(optimizer, count):
  """Steps under a gradient of 1: Adam's are the rate itself."""
  params, moves = jnp.zeros(1), []
  state = optimizer.init(params)
  for _ in range(count):
    new, state = optimizers.apply(optimizer, jnp.ones(1), state, params)
    moves.append(float(new[0] - params[0]))
    params = new
  return -np.array(moves)


def test_each_learns_at_its_own_rate():
  """Actor and critic at one rate for ever, the clone falls to a tenth."""
  config = change(
    presets.debug().policy,
    {
      "actor.learning_rate": 1e-2, "critic.learning_rate": 3e-2,
      "cloning.learning_rate": 5e-2, "cloning.updates": 4,
    },
  )  # fmt: skip
  rates = lambda make: first_moves(make(config), 6)
  np.testing.assert_allclose(
    rates(policy_learner.actor_optimizer), 1e-2, rtol=1e-3
  )
  np.testing.assert_allclose(
    rates(policy_learner.critic_optimizer), 3e-2, rtol=1e-3
  )
  cosine = [0.1 + 0.9 * (1 + np.cos(np.pi * t / 4)) / 2 for t in range(5)]
  np.testing.assert_allclose(
    rates(policy_learner.clone_optimizer), 5e-2 * np.array([*cosine, 0.1]),
    rtol=1e-3,
  )  # fmt: skip


@pytest.mark.parametrize("clip, mean", [(10.0, 1.0), (None, 100.0)])
def test_all_three_clip_gradients_as_told(clip, mean):
  """A gradient of 1000: a tenth of what is left is Adam's first mean."""
  config = change(presets.debug().policy, {"actor.grad_clip": clip})
  for make in (
    policy_learner.actor_optimizer, policy_learner.critic_optimizer,
    policy_learner.clone_optimizer,
  ):  # fmt: skip
    optimizer, params = make(config), jnp.zeros(1)
    _, state = optimizer.update(
      jnp.full(1, 1000.0), optimizer.init(params), params
    )
    (found,) = [s.mu for s in state if hasattr(s, "mu")]
    np.testing.assert_allclose(found, mean, rtol=1e-5)
