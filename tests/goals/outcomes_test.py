"""Returns that really followed, against sums written out by hand."""

import dataclasses

import numpy as np
import pytest

from dreamer_jax.config import RewardsConfig
from dreamer_jax.goals import outcomes
from dreamer_jax.goals.outcomes import NEVER, UNKNOWN
from dreamer_jax.imagination import commands
from tests.data.conftest import made_episode

BADGE, WIN = RewardsConfig().badge, RewardsConfig().battle_win
GAMMA, GOAL = 0.9, 100.0


def played(steps, badges=(), wins=(), source="expert", is_terminal=False):
  episode = made_episode(steps, source=source)
  terms = np.zeros((steps, 7), np.float32)
  terms[list(badges), 0] = 1
  terms[list(wins), 3] = 1
  ends = np.zeros(steps, bool)
  ends[-1] = is_terminal
  return dataclasses.replace(episode, terms=terms, is_terminal=ends)


def found(episode, done=None, hindsight=None, clone=commands.ALL):
  count = len(episode)
  done = np.zeros((count, 4), bool) if done is None else done
  if hindsight is None:
    hindsight = np.full(count, -1, np.int16)
  clone = np.full(count, clone, np.uint8)
  return outcomes.of_episode(
    episode,
    done,
    hindsight,
    clone,
    GAMMA,
    GOAL,
    np.asarray(RewardsConfig().weights),
  )


def test_the_next_badge_ends_the_sum_and_pays_the_goal():
  """`G[t] = r[t+1] + 0.9 r[t+2] + ...` up to the badge and no further."""
  tree = found(played(6, badges=[3, 5], wins=[2, 4], is_terminal=True))
  paid = BADGE + GOAL
  wanted = [
    0.9 * WIN + 0.81 * paid, WIN + 0.9 * paid, paid,
    WIN + 0.9 * paid, paid,
  ]  # fmt: skip
  np.testing.assert_allclose(tree.returns[:5, 0], wanted, rtol=1e-6)
  assert tree.steps[:5, 0].tolist() == [3, 2, 1, 2, 1]
  assert np.isnan(tree.returns[5, 0])  # nothing follows the last step


def test_before_a_cut_nothing_is_known_for_a_while():
  count = outcomes.TAIL + 5
  tree = found(played(count, wins=[2]))
  assert np.isfinite(tree.returns[:4, 0]).all()
  assert np.isnan(tree.returns[4:, 0]).all()
  assert tree.steps[:4, 0].tolist() == [NEVER] * 4
  np.testing.assert_allclose(tree.returns[:3, 0], [0.9, 1.0, 0.0], atol=1e-6)
  after_a_badge = found(played(count, badges=[2]))
  assert np.isfinite(after_a_badge.returns[:4, 0]).all()
  assert np.isnan(after_a_badge.returns[4:, 0]).all()


@pytest.mark.parametrize("source, clone, is_known", [
  ("policy", commands.NOTHING, True),  # the policy is told goal 0
  ("wanderer", commands.NOTHING, False),
  ("explorer", commands.HINDSIGHT, False),
  ("courier", commands.HINDSIGHT, False),
  ("expert", commands.ALL, True),
])  # fmt: skip
def test_goal_0_is_judged_by_those_who_were_about_it(source, clone, is_known):
  episode = played(6, badges=[3], source=source, is_terminal=True)
  tree = found(episode, clone=clone)
  assert np.isfinite(tree.returns[:3, 0]).all() == is_known
  assert (tree.steps[:3, 0] == [3, 2, 1]).all() == is_known


def test_a_goal_in_hindsight_counts_up_to_its_rise():
  done = np.zeros((8, 4), bool)
  done[3:5, 2], done[6, 1] = True, True
  hindsight = np.array([2, 2, 2, 1, 1, 1, 3, 3], np.int16)
  tree = found(played(8, wins=[2]), done, hindsight)
  wanted = [0.9 * WIN + 0.81 * GOAL, WIN + 0.9 * GOAL, GOAL]
  wanted += [0.81 * GOAL, 0.9 * GOAL, GOAL]
  np.testing.assert_allclose(tree.returns[:6, 1], wanted, rtol=1e-6)
  assert tree.steps[:6, 1].tolist() == [3, 2, 1, 3, 2, 1]
  assert np.isnan(tree.returns[6:, 1]).all()  # goal 3 never came
  assert (tree.steps[6:, 1] == UNKNOWN).all()
