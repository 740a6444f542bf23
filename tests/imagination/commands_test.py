"""Which goals are told."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

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


@pytest.mark.parametrize("noise", [0.02, 0.3])
def test_noise_has_the_deviation_that_it_says(noise):
  """In each of the numbers, about the goal's own; the ids stay as told."""
  goals = jnp.eye(3, 64)
  ids = jnp.arange(3000).reshape(30, 100) % 3
  command = commands.embed(KEY, goals, ids, noise)
  assert command.embedding.shape == (30, 100, 64)
  np.testing.assert_array_equal(command.id, ids)
  off = np.asarray(command.embedding - goals[ids]).reshape(-1, 64)
  np.testing.assert_allclose(off.std(0), noise, rtol=0.08)
  np.testing.assert_allclose(off.mean(0), 0, atol=0.1 * noise)
  # It is drawn for each number and for each step by itself.
  together = np.corrcoef(off[:, :8].T) - np.eye(8)
  assert np.abs(together).max() < 0.1
  assert np.abs(np.corrcoef(off[:-1, 0], off[1:, 0])[0, 1]) < 0.1


def test_without_shares_all_goals_are_feasible_ones():
  """Each dream's own, whatever followed and whatever stands."""
  feasible = jnp.arange(100) + 3
  hindsight = jnp.where(jnp.arange(100) % 2 == 0, 1, -1)
  ids = commands.for_dreams(KEY, hindsight, feasible, (0.0, 0.0))
  np.testing.assert_array_equal(ids, feasible)
  ids = commands.for_dreams(KEY, hindsight, feasible, (0.0, 1.0))
  np.testing.assert_array_equal(ids, jnp.maximum(hindsight, 0))


def test_a_window_is_told_one_sort_of_goal():
  """Where all steps could be told either; by windows it is chance."""
  hindsight, clone = jnp.full((200, 6), 4), jnp.full((200, 6), commands.ALL)
  goal, weight = commands.for_cloning(KEY, hindsight, clone, 0.25)
  assert (weight == 1).all() and (goal == goal[:, :1]).all()
  assert 0.15 < (goal[:, 0] == commands.DEFAULT).mean() < 0.35
  other, _ = commands.for_cloning(jax.random.PRNGKey(1), hindsight, clone, 0.25)
  assert (other != goal).any()
