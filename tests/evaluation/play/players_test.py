from dataclasses import replace

import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.config import RewardsConfig
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.evaluation.play import players, progress
from dreamer_jax.game import rom as roms


def with_rivals(agent, text, **more):
  evaluate = replace(agent.config.evaluate, rivals=text, **more)
  return agent._replace(config=replace(agent.config, evaluate=evaluate))


def test_rivals_are_those_asked_for(agent):
  game = games.get(roms.EMBEDDED)
  both = with_rivals(agent, "other,random,bc,expert")
  names = lambda *args: list(players.rivals(both, *args))
  assert names(False, game, {}) == [
    "agent", "greedy", "random", "bc", "expert",
  ]  # fmt: skip
  assert "sampled" in names(True, game, {})
  cold = with_rivals(agent, "bc,bc_cold")
  assert list(players.rivals(cold, False, game, {})) == [
    "agent", "bc", "bc_cold",
  ]  # fmt: skip
  assert "expert" not in names(False, games.get(roms.LIKE), {})
  assert "model_free" in names(False, game, {"model_free": RandomPolicy})
  assert list(players.rivals(with_rivals(agent, ""), False, game, {})) == [
    "agent"
  ]


def test_all_play_the_same_seeds_within_the_budget(agent):
  short = with_rivals(
    agent, "", max_steps=7, play_on=True, seed=1_200_000, episodes=3
  )
  seen = {}
  report = players.hold(
    short, {"agent": RandomPolicy, "expert": RandomPolicy},
    lambda text: None, lambda name, episodes: seen.update({name: episodes}),
  )  # fmt: skip
  assert report["episodes"] == 3 and report["budget"] == 7
  assert set(report["baselines"]) == {"expert"}
  for name, episodes in seen.items():
    seeds = sorted(e.meta["seed"] for e in episodes)
    assert seeds == [1_200_000, 1_200_001, 1_200_002]
    assert {len(e) for e in episodes} == {8}
    assert {e.meta["env"]["stop_badges"] for e in episodes} == {None}
    assert episodes[0].meta["source"] == (
      "expert" if name == "expert" else "policy"
    )


class Played:
  """An episode of so many steps with badges at some of them."""

  def __init__(self, badges, length=10, seed=0):
    steps = np.arange(length)
    env = {"max_steps": length - 1, "stop_badges": None}
    self.meta = {"seed": seed, "env": env}
    self.badge_count = sum((steps >= b).astype(int) for b in badges)
    self.badge_count = self.badge_count + np.zeros(length, int)
    self.owned_count = np.ones(length, int)
    self.is_playing = steps > 1
    self.got_starter = steps > 2
    self.party_level = np.full((length, 6), 5)
    self.terms = np.zeros((length, 7), np.float32)

  def __len__(self):
    return len(self.terms)

  def decode_ram(self):
    return self


def test_milestones_say_how_many_got_there_and_when():
  played = [Played([], seed=9), Played([4], seed=7), Played([6, 8], seed=8)]
  report = progress.summarize(played, RewardsConfig().weights)
  assert report["seeds"] == [7, 8, 9]  # games of two players can be paired
  tree = report["milestones"]["badge 1"]
  assert tree["reached"] == 2 and tree["per_episode"] == [4, 6, None]
  assert tree["steps"]["mean"] == 5 and tree["share"]["mean"] == 2 / 3
  low, high = tree["steps"]["ci95"]
  assert 4 <= low <= 5 <= high <= 6
  assert tree["capped"]["mean"] == pytest.approx((4 + 6 + 9) / 3)
  assert report["milestones"]["badge 2"]["per_episode"] == [None, 8, None]
  assert report["milestones"]["10 species"]["steps"]["mean"] is None
  assert report["steps_to"]["badge 1"] == 5
  assert report["steps_to"]["10 species"] is None
  assert report["badges"]["mean"] == 1


@pytest.mark.parametrize(
  ("given", "ends"),
  [({}, 2), ({"stop_badges": 1}, 1), ({"play_on": True}, None)],
)
def test_what_ends_a_game_of_an_evaluation(agent, given, ends):
  assert players.badges_that_end(with_rivals(agent, "", **given).config) == ends
