"""GRPO's returns and its normalisation within groups, by hand."""

import jax.numpy as jnp
import numpy as np

from dreamer_jax.policy import grpo
from dreamer_jax.types import Dream


def dream(reward, cont=None, trust=None):
  reward = jnp.asarray(reward, jnp.float32)
  ones, none = jnp.ones_like(reward), jnp.zeros((1, 1))
  given = lambda x: ones if x is None else jnp.asarray(x, jnp.float32)
  return Dream(
    none, none, none, none, reward, given(cont), none, none, given(trust)
  )


def test_a_return_is_the_discounted_sum_and_nothing_after():
  """1 + 0.5 * 2 + 0.25 * 4 = 3."""
  total = grpo.returns(dream([[1.0], [2.0], [4.0]]), 0.5)
  np.testing.assert_allclose(total, [3.0])


def test_what_comes_after_an_end_does_not_count():
  """Half of it does where the end has a chance of a half; so with trust."""
  reward = [[1.0], [2.0], [4.0]]
  total = grpo.returns(dream(reward, cont=[[0.5], [1.0], [0.0]]), 1.0)
  np.testing.assert_allclose(total, [1 + 0.5 * (2 + 4)])
  total = grpo.returns(dream(reward, trust=[[1.0], [0.0], [1.0]]), 1.0)
  np.testing.assert_allclose(total, [1 + 2])


def test_advantages_are_of_the_group():
  """(0, 2) and (10, 16) have spreads 1 and 3: each becomes (-1, 1)."""
  total = jnp.array([0.0, 2.0, 10.0, 16.0])
  got = grpo.advantages(total, 2, 0.1)
  np.testing.assert_allclose(got, [-1, 1, -1, 1], rtol=1e-6)
  got = grpo.advantages(total, 4, 0.1)  # mean 7, spread sqrt(41)
  np.testing.assert_allclose(
    got, (np.array([0, 2, 10, 16]) - 7) / np.sqrt(41), rtol=1e-6
  )


def test_siblings_that_differ_by_trifles_hardly_teach():
  got = grpo.advantages(jnp.array([0.0, 0.002, 5.0, 5.0]), 2, 0.1)
  np.testing.assert_allclose(got, [-0.01, 0.01, 0, 0], atol=1e-6)


def test_returns_are_those_of_a_loop():
  """Each dream alone; its last end, beyond the horizon, changes nothing."""
  rng = np.random.default_rng(0)
  reward, cont, trust = rng.uniform(size=(3, 5, 4))
  got = grpo.returns(dream(reward, cont, trust), 0.9)
  for n in range(4):
    total, reach = 0.0, 1.0
    for t in range(5):
      total += reach * reward[t, n]
      reach *= 0.9 * cont[t, n] * trust[t, n]
    np.testing.assert_allclose(got[n], total, rtol=1e-5)
  cont[-1], trust[-1] = 0, 0
  same = grpo.returns(dream(reward, cont, trust), 0.9)
  np.testing.assert_array_equal(same, got)


def test_only_how_siblings_compare_counts():
  """Neither what a start is worth, nor the unit, nor the other groups."""
  total = np.random.default_rng(0).normal(size=12) * 10
  whiten = lambda x: np.asarray(grpo.advantages(jnp.asarray(x), 4, 0.1))
  got = whiten(total)
  np.testing.assert_allclose(got.reshape(3, 4).mean(-1), 0, atol=1e-6)
  np.testing.assert_allclose(got.reshape(3, 4).std(-1), 1, rtol=1e-5)
  richer = total + np.repeat([100.0, -50.0, 0.0], 4)
  np.testing.assert_allclose(whiten(richer), got, rtol=1e-4, atol=1e-5)
  np.testing.assert_allclose(whiten(3 * total), got, rtol=1e-4, atol=1e-5)
  other = total.copy()
  other[4:] = 7.0
  np.testing.assert_array_equal(whiten(other)[:4], got[:4])
  assert (whiten(other)[4:] == 0).all()  # alike to the last: nobody was better
  # The best of a group stays the best, whatever its place in it.
  order = np.array([2, 0, 3, 1])
  moved = whiten(total[:4][order])
  np.testing.assert_allclose(moved, got[:4][order], rtol=1e-5)


def test_the_floor_is_where_spreads_begin_to_count():
  """Above it the spread of any group is 1, below in the floor's units."""
  pair = lambda spread: grpo.advantages(jnp.array([-spread, spread]), 2, 0.1)
  for spread, want in ((0.05, 0.5), (0.1, 1.0), (0.2, 1.0), (50.0, 1.0)):
    np.testing.assert_allclose(pair(spread), [-want, want], rtol=1e-5)


def test_a_dream_without_siblings_teaches_nothing():
  assert (grpo.advantages(jnp.array([3.0, -9.0]), 1, 0.1) == 0).all()
