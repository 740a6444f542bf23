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
