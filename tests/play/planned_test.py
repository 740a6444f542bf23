"""Planners for many emulators at once."""

import numpy as np

from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.evaluation.play import players
from dreamer_jax.goals import vocabulary
from dreamer_jax.planner.fixed import Fixed
from dreamer_jax.planner.service import Planner
from dreamer_jax.play import planned


def play(agent, make, steps=40):
  policy = agent_lib.policy_maker(agent)
  player = planned.maker(policy, "Lantern Isle", make)
  return players.play(agent, player, "policy", range(3), steps, None)


def test_every_episode_has_its_planner(agent):
  """Its goals are what the rules say, and they are kept with the episode."""
  made = []

  def make(game, moment):
    made.append(Planner(game, moment))
    return made[-1]

  episodes = play(agent, make)
  assert len(episodes) == len(made) == 3
  for episode in episodes:
    assert set(episode.goal) <= set(range(len(vocabulary.GOALS)))
  assert any(len(set(episode.goal)) > 1 for episode in episodes)


def test_a_fixed_goal_stays(agent):
  goal = vocabulary.IDS["next_badge"]
  for episode in play(agent, lambda game, moment: Fixed(goal, moment)):
    np.testing.assert_array_equal(episode.goal, goal)
