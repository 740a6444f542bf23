"""Curious play leans to what is doubtful, and to nothing else."""

import jax.numpy as jnp
import numpy as np

from dreamer_jax.policy.exploration import lean

LOGITS = jnp.log(jnp.array([0.5, 0.25, 0.25]))


def test_a_doubtful_action_becomes_likelier():
  """One of three above: 2/3 of the spread's root of 2/9 is sqrt(2)."""
  p = np.exp(lean(LOGITS, jnp.array([0.0, 0.0, 3.0]), 1.0))
  odds = 0.25 * np.exp(2**0.5), 0.5 * np.exp(-(0.5**0.5))
  np.testing.assert_allclose(p[2] / p[0], odds[0] / odds[1], rtol=1e-5)
  np.testing.assert_allclose(p.sum(), 1.0, rtol=1e-6)


def test_what_is_known_alike_changes_nothing():
  for doubt in (0.0, 5.0):
    new = lean(LOGITS, jnp.full(3, doubt), 2.0)
    np.testing.assert_allclose(new, LOGITS, atol=1e-6)


def test_trifles_hardly_lean():
  new = lean(LOGITS, jnp.array([0.0, 0.0, 1e-3]), 1.0)
  np.testing.assert_allclose(new, LOGITS, atol=0.06)
