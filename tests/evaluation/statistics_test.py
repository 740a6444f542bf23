import numpy as np
import pytest

from dreamer_jax.evaluation.statistics import (
  counts95,
  improvement,
  iqm,
  mean_ci95,
  seeds95,
  spearman,
  wilson95,
)


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


def test_counts_that_are_nearly_all_alike_still_have_an_interval():
  """20 games of up to two badges at 95 %: the truth is inside as promised."""
  rng, inside = np.random.default_rng(0), []
  for _ in range(300):
    counts = rng.binomial(2, 0.95, 20)
    low, high = counts95(counts, 2)["ci95"]
    assert high > low
    inside.append(low <= 1.9 <= high)
  assert 0.92 <= np.mean(inside) <= 0.99
  bootstrap = mean_ci95(np.full(20, 2.0))["ci95"]
  assert bootstrap == [2.0, 2.0]  # what it stands in for
  low, high = counts95(np.full(20, 1), 1)["ci95"]
  assert high == 1.0 and low == pytest.approx(0.883, abs=0.02)  # Jeffreys


def test_training_seeds_are_the_units():
  """The figures of three policies by two methods, of 20 games each."""
  ppo, grpo = [1.60, 1.25, 1.25], [1.85, 1.30, 1.35]
  spread = np.tile([-0.5, 0.5], 10)
  runs = lambda means: np.array(means)[:, None] + spread
  tree = seeds95(runs(grpo) - np.mean(ppo))
  reach = 4.303 * np.std(grpo, ddof=1) / np.sqrt(3)  # Student's t, 2 degrees
  assert tree["ci95"][1] - tree["mean"] == pytest.approx(reach, abs=1e-3)
  assert tree["by_seed"] == pytest.approx(np.array(grpo) - np.mean(ppo))
  alike = seeds95(runs([1.0, 1.0, 1.0]))  # no spread of seeds, but of games
  assert alike["ci95"][1] > 1.1
  assert seeds95(runs([1.0]))["ci95"] == [None, None]


def test_one_game_in_twenty_moves_no_interquartile_mean():
  assert iqm(np.append(np.ones(19), 1e6)) == 1.0


def test_improvement_by_hand():
  tree = improvement(np.array([[1, 2]]), np.array([[1, 0]]))
  assert tree["mean"] == pytest.approx((1 + 1 + 1 + 0.5) / 4)
  low, high = tree["ci95"]
  assert 0 <= low <= tree["mean"] <= high <= 1
