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


def test_only_how_doubts_compare_counts():
  """Neither the doubt that all share, nor its unit, nor the actions' order."""
  doubt = jnp.array([0.1, 0.9, 0.3])
  new = lean(LOGITS, doubt, 0.7)
  np.testing.assert_allclose(lean(LOGITS, doubt + 4, 0.7), new, atol=1e-5)
  np.testing.assert_allclose(lean(LOGITS, 5 * doubt, 0.7), new, atol=1e-5)
  turned = lean(LOGITS[::-1], doubt[::-1], 0.7)
  np.testing.assert_allclose(turned[::-1], new, atol=1e-6)
  other = jnp.stack([jnp.zeros(3), doubt])  # each row by its own doubts
  rows = lean(jnp.stack([LOGITS, LOGITS]), other, 0.7)
  np.testing.assert_allclose(rows[0], LOGITS, atol=1e-6)
  np.testing.assert_allclose(rows[1], new, atol=1e-6)


def test_curiosity_is_in_nats_a_deviation():
  """Of two actions one is a deviation above: the odds gain twice as much."""
  for curiosity in (0.0, 0.5, 2.0):
    new = lean(jnp.zeros(2), jnp.array([0.0, 1.0]), curiosity)
    np.testing.assert_allclose(new[1] - new[0], 2 * curiosity, atol=1e-5)
    np.testing.assert_allclose(np.exp(new).sum(), 1.0, rtol=1e-5)
