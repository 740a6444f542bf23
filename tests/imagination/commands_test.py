"""Which goals are told."""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.imagination import commands

KEY = jax.random.PRNGKey(0)


def test_only_what_a_step_was_about_is_cloned():
  """No goal 0 from play that was about other things, nor without a label."""
  hindsight = jnp.array([[7, -1, 7, -1, 7, -1]] * 200)
  clone = jnp.array([[0, 0, 1, 1, 2, 2]] * 200)
  goal, weight = commands.for_cloning(KEY, hindsight, clone, 0.5)
  assert (weight == jnp.array([0, 0, 1, 0, 1, 1])).all()
  assert (goal[:, 2] == 7).all() and (goal[:, 5] == 0).all()
  share = (goal[:, 4] == 0).mean()
  assert 0.35 < share < 0.65 and set(np.unique(goal[:, 4])) == {0, 7}
  for commanded in (0.0, 1.0):
    goal, _ = commands.for_cloning(KEY, hindsight, clone, commanded)
    assert (goal[:, 4] == (0 if commanded else 7)).all()


def test_dreams_have_the_three_sorts_of_goals_in_their_shares():
  hindsight = jnp.full(4000, 5).at[:2000].set(-1)
  feasible = jnp.full(4000, 9)
  ids = commands.for_dreams(KEY, hindsight, feasible, (0.5, 0.3))
  share = lambda which, where: float((ids[where] == which).mean())
  labelled, bare = slice(2000, None), slice(2000)
  assert abs(share(0, labelled) - 0.5) < 0.05
  assert abs(share(5, labelled) - 0.3) < 0.05
  assert abs(share(9, labelled) - 0.2) < 0.05
  assert abs(share(0, bare) - 0.8) < 0.05  # nothing followed: goal 0
  only = commands.for_dreams(KEY, hindsight, feasible, (1.0, 0.0))
  assert (only == 0).all()


def test_noise_is_small_and_not_the_same_twice():
  goals = jnp.eye(3, 64)
  ids = jnp.array([1, 1, 2])
  command = commands.embed(KEY, goals, ids, 0.02)
  off = jnp.linalg.norm(command.embedding - goals[ids], axis=-1)
  assert (off > 0.05).all() and (off < 0.3).all()
  assert (command.embedding[0] != command.embedding[1]).any()
  exact = commands.embed(KEY, goals, ids, 0.0)
  np.testing.assert_array_equal(exact.embedding, goals[ids])
