import numpy as np
import pytest

from dreamer_jax.evaluation.world_model import calibration, events, sensitivity
from dreamer_jax.evaluation.world_model.event_forecasts import (
  EVENTS,
  Prospects,
  happened,
)
from dreamer_jax.evaluation.world_model.windows import Windows

N, K = 8, 15


def windows(**happens):
  """N windows; `name=[n, ...]`: the event comes at step 15 of these."""
  terms = np.zeros((N, K + 1, 7), np.float32)
  for name, which in happens.items():
    terms[which, K, EVENTS[name]] = 1.0
  labels = {name: np.zeros((N, K + 1)) for name in ("in_battle", "valid")}
  labels["valid"] += 1
  labels["in_battle"][:2, 4] = 1
  return Windows(
    None, np.zeros((N, K), np.int32), labels, terms, None, {}, np.arange(N)
  )


def foreseen(**said):
  """Probabilities of 0.6 at step 3 for these windows, else of 0.4."""
  chance = {name: np.full((N, K), 0.4) for name in EVENTS}
  for name, which in said.items():
    chance[name][which, 2] = 0.6
  return Prospects(chance, {}, {})


def test_precision_and_recall():
  cut = windows(badge=[0, 1, 2, 3])
  tree = events.measure(cut, foreseen(badge=[2, 3, 4]), K)
  badge = tree["all"]["badge"]
  assert badge["count"] == 4 and badge["said"] == 3
  assert badge["recall"]["mean"] == 0.5
  assert badge["precision"]["mean"] == pytest.approx(2 / 3)
  calm = tree["no_battle"]
  assert calm["windows"] == 6 and calm["badge"]["count"] == 2
  assert calm["badge"]["recall"]["mean"] == 1.0
  assert tree["all"]["xp"]["precision"]["mean"] is None


def test_an_event_counts_within_its_steps_and_not_at_the_start():
  cut = windows(badge=[0])
  assert happened(cut.terms, "badge", K).tolist() == [True] + [False] * 7
  assert not happened(cut.terms, "badge", K - 1).any()
  cut.terms[1, 0, EVENTS["badge"]] = 1.0
  assert happened(cut.terms, "badge", K).sum() == 1


def test_the_ceiling_is_the_game_against_itself():
  cut = windows(xp=[1, 2], hp_lost=[3])
  same = events.ceiling(cut, cut, K)["all"]
  assert same["xp"]["recall"]["mean"] == same["xp"]["precision"]["mean"] == 1
  other = events.ceiling(cut, windows(xp=[2, 5]), K)["all"]
  assert other["xp"]["recall"]["mean"] == 0.5
  assert other["hp_lost"]["recall"]["mean"] == 0.0


class Data:
  """Two filtered episodes of which labels are all that is asked."""

  labels = ({"valid": np.ones(40)}, {"valid": np.zeros(40)})


def test_windows_lie_side_by_side_and_reach_the_end():
  assert events.places(Data, 15).tolist() == [[0, 9], [0, 24]]


def test_reliability_by_hand():
  chance = np.array([0.05, 0.05, 0.95, 0.95])
  tree = calibration.reliability(chance, np.array([0, 0, 1, 0], bool))
  # Two of four are 0.05 off, two are 0.45 off.
  assert tree["ece"] == pytest.approx(0.25)
  assert tree["rate"] == 0.25
  assert [b["count"] for b in tree["bins"]] == [2, 2]
  # Bins that err in both ways do not make up for each other.
  both = calibration.reliability(np.array([0.0, 1.0]), np.array([True, False]))
  assert both["ece"] == 1.0
  sure = calibration.reliability(np.array([0.0, 1.0]), np.array([False, True]))
  assert sure["ece"] == 0.0


class Judged:
  """A judge of windows whose errors grow with their number."""

  windows = windows()._replace(action=np.zeros((N, 15), np.int32))
  samples = {  # noqa: RUF012
    "drift": {"tiles": {15: np.arange(N, dtype=float)}},
    "pixels": {"tiles": {15: 1 - np.arange(N) / 100}},
  }

  def chosen(self, group, k):
    return np.ones(N, bool)


class Dreamt:
  doubt = np.tile(np.arange(N) ** 2.0, (15, 1))
  entropy = -doubt


def test_doubt_that_grows_with_the_error():
  tree = sensitivity.doubt(Judged(), "tiles", Dreamt)["all"]
  assert tree["uncertainty"]["15"]["pixels"] == pytest.approx(1.0)
  assert tree["uncertainty"]["15"]["drift"] == pytest.approx(1.0)
  assert tree["entropy"]["15"]["drift"] == pytest.approx(-1.0)
