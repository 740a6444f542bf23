"""Values against what really followed, by distance and by kind of goal."""

import dataclasses

import numpy as np
import pytest

from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.config import change
from dreamer_jax.contract import BADGE
from dreamer_jax.evaluation.play import players, values
from dreamer_jax.evaluation.play.values import Pairs
from dreamer_jax.goals.outcomes import NEVER


def pairs(value, real, steps):
  numbers = (np.asarray(x, np.float32) for x in (value, real))
  steps = np.asarray(steps, np.int32)
  return Pairs(*numbers, steps, np.zeros(len(steps), np.int32))


def test_share_explained_is_that_of_the_variance():
  real = [0.0, 10.0, 20.0]
  assert values.of(pairs(real, real, [1, 1, 1]))["explained"] == 1
  mean = values.of(pairs([10.0] * 3, real, [1, 1, 1]))
  assert mean["explained"] == pytest.approx(0)
  assert mean["error"] == pytest.approx(np.sqrt(200 / 3))
  far = values.of(pairs([20.0, 10.0, 0.0], real, [1, 1, 1]))
  assert far["explained"] == pytest.approx(-3)


def test_where_returns_do_not_differ_nothing_is_explained():
  assert values.of(pairs([1.0, 2.0], [5.0, 5.0], [1, 1]))["explained"] is None


def test_rows_by_distance_hold_what_they_say():
  steps = [1, 15, 16, 400, 401, 5000, NEVER]
  rows = values.by_distance(pairs(np.zeros(7), np.arange(7), steps))
  assert {name: row["count"] for name, row in rows.items()} == {
    "1–15": 2, "16–50": 1, "201–400": 1, "401 or more": 2, "never came": 1,
  }  # fmt: skip
  assert rows["never came"]["real"] == 6


def test_rows_by_what_was_said():
  said = [-1, 5, 9.9, 79, 80, 200]
  rows = values.by_value(pairs(said, np.arange(6), [1] * 6))
  assert {name: row["count"] for name, row in rows.items()} == {
    "below 5": 1, "5 to 10": 2, "60 to 80": 1, "80 or more": 2,
  }  # fmt: skip
  assert rows["80 or more"]["real"] == 4.5


@pytest.fixture(name="played", scope="module")
def fixture_played(checkpoint):
  agent = agent_lib.load(checkpoint)
  make = agent_lib.policy_maker(agent)
  return agent, players.play(agent, make, "policy", range(3), 400, 2)


def test_games_of_an_agent(played):
  """Cut off without a badge: known up to 250 steps before the end."""
  tree = values.measure(*played)
  assert set(tree["badge"]) == {"all", "never came"}
  assert tree["badge"]["all"]["count"] == 3 * 150
  assert np.isfinite(tree["badge"]["all"]["value"])


def test_beyond_a_trainings_last_badge_nothing_was_asked_of_a_critic(played):
  agent, (first, *_) = played
  badges = first.terms.copy()
  badges[[50, 90], BADGE] = 1
  episode = dataclasses.replace(first, terms=badges)
  for stop, count in ((1, 50), (2, 90), (3, 90 + len(first) - 1 - 250 - 90)):
    config = change(agent.config, {"env.stop_badges": stop})
    tree = values.measure(agent._replace(config=config), [episode])
    assert tree["badge"]["all"]["count"] == count


def test_no_critic_no_values(played):
  agent, episodes = played
  assert values.measure(agent._replace(critic=None), episodes) is None
  assert values.measure(agent, []) is None
