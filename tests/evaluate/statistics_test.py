import numpy as np
import pytest

from dreamer_jax.evaluate.statistics import mean_ci95, spearman, wilson95


def test_a_cluster_counts_as_one_draw():
  values = np.repeat([0.0, 1.0, 2.0, 3.0], 50)
  alone = mean_ci95(values)["ci95"]
  clustered = mean_ci95(values, cluster=np.repeat(range(4), 50))
  assert clustered["mean"] == 1.5
  low, high = clustered["ci95"]
  assert low < 0.8 and high > 2.2  # as of four values, not of 200
  assert alone[0] > 1.3 and alone[1] < 1.7


def test_what_is_no_number_is_left_out_of_its_cluster():
  tree = mean_ci95(np.array([1.0, np.nan, 3.0]), cluster=np.array([5, 5, 7]))
  assert tree["mean"] == 2.0
  assert mean_ci95(np.array([np.nan]))["mean"] is None


def test_wilson_against_published_values():
  """Newcombe (1998), table I: 81 of 263, and 0 of 20."""
  tree = wilson95(81, 263)
  assert tree["mean"] == pytest.approx(0.30798, abs=1e-5)
  np.testing.assert_allclose(tree["ci95"], [0.2553, 0.3662], atol=1e-4)
  np.testing.assert_allclose(wilson95(0, 20)["ci95"], [0, 0.1611], atol=1e-4)
  assert wilson95(0, 0)["mean"] is None


def test_spearman_of_ranks():
  x = np.arange(9.0)
  assert spearman(x, np.exp(x)) == pytest.approx(1.0)
  assert spearman(x, -(x**3)) == pytest.approx(-1.0)
  assert spearman(x, np.zeros(9)) is None
