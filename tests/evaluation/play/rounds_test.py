"""Scores of own games, round after round."""

import pytest

from dreamer_jax.evaluation.play import rounds


def record(phase, score=None, gain=None):
  tree = {"tick": 1, "phase": phase}
  if score is not None:
    tree["gate_score"] = score
  if gain is not None:
    tree["gate_gain"] = gain
  return tree


def test_the_clone_is_round_0():
  records = [
    record("dream"), record("play"), record("play", 0.5, 0.3),
    record("world"), record("dream"), record("play", 0.4, -0.1),
    record("collect"), record("play", 0.7, 0.2),
  ]  # fmt: skip
  want = {0: 0.2, 1: 0.5, 2: 0.4, 3: 0.7}
  assert rounds.scores(records) == pytest.approx(want)


def test_a_round_that_was_told_twice_counts_once():
  records = [
    record("play", 0.5, 0.3), record("play", 0.6, 0.4), record("world"),
    record("play", 0.8, 0.2),
  ]  # fmt: skip
  assert rounds.scores(records) == pytest.approx({0: 0.2, 1: 0.6, 2: 0.8})


def test_rounds_keep_their_numbers():
  """No gate, or a round of an older version: the clone has no score."""
  records = [
    record("play", 0.5), record("world"), record("play"), record("world"),
    record("play", 0.8, 0.3),
  ]  # fmt: skip
  assert rounds.scores(records) == {1: 0.5, 3: 0.8}


def test_nothing_where_no_round_is_over():
  assert not rounds.scores([record("world"), record("play")])
  assert not rounds.chart({"a": {}})


def test_each_run_has_a_line_with_its_name():
  text = rounds.chart({"seed 0": {0: 0.1, 1: 0.5}, "seed 1": {1: 0.6, 2: 0.7}})
  assert "seed 0" in text and "seed 1" in text and "clone" in text


@pytest.mark.filterwarnings("error")
def test_a_run_without_a_badge_has_a_line_too():
  assert "<svg" in rounds.chart({"": {0: 0.0, 1: 0.0}})
