"""The gate: games of two policies on the same seeds."""

import numpy as np
import pytest

from dreamer_jax.training import gate

LIMIT = 100


def game(*badges):
  """Terms, with badges at these actions."""
  terms = np.zeros((LIMIT + 1, 7), np.float32)
  terms[list(badges), 0] = 1
  return terms


def games(*badges):
  return {300_000 + i: game(*b) for i, b in enumerate(badges)}


@pytest.mark.parametrize(
  ("badges", "want"), [((), 0.0), ((25,), 0.75), ((25, 75), 1.0), ((100,), 0)]
)
def test_a_badge_is_worth_more_the_earlier_it_comes(badges, want):
  assert gate.score(game(*badges), LIMIT) == pytest.approx(want)


def test_the_same_games_are_no_worse():
  played = games((20,), (60,), (), (90,))
  verdict = gate.judge(played, played, LIMIT)
  assert (verdict.games, verdict.gain, verdict.is_worse) == (4, 0.0, False)


def test_a_policy_that_fails_is_worse():
  kept = games((20,), (60,), (30,), (90,))
  verdict = gate.judge(games((), (), (), ()), kept, LIMIT)
  assert verdict.gain == pytest.approx(-0.5) and verdict.is_worse
  assert not gate.judge(kept, games((), (), (), ()), LIMIT).is_worse


def test_chance_is_not_held_against_it():
  """Slower twice and quicker twice, by much the same."""
  new = gate.judge(
    games((30,), (51,), (40,), (80,)), games((20,), (60,), (30,), (90,)), LIMIT
  )
  assert -new.error < new.gain < 0 and not new.is_worse


def test_few_games_say_nothing():
  verdict = gate.judge(games(()), games((20,)), LIMIT)
  assert verdict.games == 1 and not verdict.is_worse


def test_games_are_paired_by_seed():
  """What only one of them has played does not count."""
  kept = games((20,), (60,), (30,), (90,), (10,))
  new = {seed: kept[seed] for seed in list(kept)[:4]}
  assert gate.judge(new, kept, LIMIT).games == 4
  verdict = gate.judge(new, {}, LIMIT)
  assert not verdict.is_worse and "no games of an earlier" in str(verdict)
