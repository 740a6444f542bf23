import numpy as np
import pytest

from dreamer_jax.evaluation.play import comparison


def summary(badges, first):
  none = {"per_episode": [0.0] * len(badges)}
  tree = dict.fromkeys(comparison.FIGURES, none)
  tree["badges"] = {"per_episode": badges}
  tree["seeds"] = list(range(7, 7 + len(badges)))
  tree["milestones"] = {
    "badge 1": {"capped": {"per_episode": first}, "reached": sum(badges)},
    "badge 2": {"capped": {"per_episode": [9] * len(badges)}, "reached": 0},
  }
  return tree


def test_games_are_paired_with_the_clones_and_seeds_are_units():
  clone = [summary([0, 1, 2], [9, 5, 3])]
  ppo = [summary([1, 2, 2], [5, 4, 3]), summary([0, 1, 2], [9, 5, 1])]
  found = comparison.compare({"clone": clone, "ppo": ppo})
  assert found["clone"]["against"] == {}
  assert found["ppo"]["seeds"] == 2
  against = found["ppo"]["against"]["clone"]
  assert against["badges"]["by_seed"] == pytest.approx([2 / 3, 0.0])
  assert against["badge 1"]["by_seed"] == pytest.approx([-5 / 3, -2 / 3])
  assert against["badge 1"]["improvement"]["mean"] > 0.5  # fewer is better
  assert found["ppo"]["figures"]["badge 2"]["mean"] == 9  # failures count
  np.testing.assert_allclose(
    found["ppo"]["figures"]["badges"]["by_seed"], [5 / 3, 1.0]
  )


def test_other_games_are_no_pair():
  other = summary([1], [5])
  other["seeds"] = [8]
  with pytest.raises(AssertionError, match="other seeds"):
    comparison.compare({"ppo": [summary([1], [5]), other]})


def test_each_control_is_compared_with():
  """The script leads by two actions; nobody is compared with itself."""
  runs = {name: [summary([1], [5])] for name in ("clone", "ppo")}
  runs["script"] = [summary([1], [3])]
  found = comparison.compare(runs, ("clone", "script", "absent"))
  lead = lambda a, b: found[a]["against"][b]["badge 1"]["mean"]
  assert lead("ppo", "script") == lead("clone", "script") == 2
  assert lead("ppo", "clone") == 0 and lead("script", "clone") == -2
  assert list(found["script"]["against"]) == ["clone"]
