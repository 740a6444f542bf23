"""The goals of a courier's tasks."""

import itertools

import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.data.collect import collect
from dreamer_jax.data.episodes import NO_GOAL
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.games.lantern_isle import tasks as isle_tasks
from dreamer_jax.goals import hindsight, tasks, vocabulary
from dreamer_jax.goals.done import done_bits
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.courier import ANY, Courier, Task
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.training.playing import make_player

ISLE = games.get("Lantern Isle")


class Ram:
  owned_count = 4


def names(task):
  served = tasks.goals_of(ISLE, task, Ram)
  return [vocabulary.GOALS[goal].name for goal in served]


def test_a_task_is_named_by_what_it_does():
  healer = routes.beside(maps.HEALING_HOUSE, "healer_1")
  assert names(Task("see", errand=healer)) == [
    "isle_talk_to_healer_1", "isle_heal_healing_house_of_brightwater",
    "heal_team",
  ]  # fmt: skip
  shop = itinerary.SHOPS[1]
  assert names(Task("see", errand=shop, reply=1)) == [
    "isle_buy_fine_ball_shop_of_mothlight"
  ]
  species = tables.species_id("CAIRNIN")
  assert names(Task("catch", species=species)) == [
    "isle_catch_cairnin", "isle_meet_cairnin"
  ]  # fmt: skip
  assert names(Task("catch", species=ANY)) == [
    "new_species", "grow_team", "isle_own_5_species"
  ]  # fmt: skip
  assert names(Task("go", place=(maps.ROUTE, 3, 14))) == [
    "isle_go_fern_road", "isle_discover_fern_road",
    "isle_walk_to_western_grass_of_fern_road",
  ]  # fmt: skip
  assert names(Task("play")) == []


def test_every_sight_has_goals_that_exist():
  for found in isle_tasks._sights().values():
    assert found and all(name in vocabulary.IDS for name in found)


def test_a_courier_reaches_most_of_what_it_is_told():
  with VectorEnv(2, num_workers=0, max_steps=700, stop_badges=None) as env:
    policy = ExpertPolicy(2, make_player(ISLE, "courier", 0.0))
    played = list(collect(env, policy, seeds=[7, 8], source="courier"))
  told, reached = 0, 0
  for episode in played:
    bits = np.unpackbits(done_bits(episode), axis=-1, bitorder="little")
    goal = episode.goal
    begins = np.flatnonzero(np.diff(goal, prepend=NO_GOAL)).tolist()
    for start, stop in itertools.pairwise(begins):
      if goal[start] != NO_GOAL:
        told += 1
        reached += bits[start + 1 : stop + 1, goal[start]].any()
  assert told >= 8 and reached >= 0.7 * told
  assert (hindsight.told(bits.astype(bool), goal) != NO_GOAL).any()


def test_a_courier_plays_the_same_with_and_without_its_goals():
  rng = np.random.default_rng(3)
  # It draws its goals from numbers of its own.
  make_player(ISLE, "courier", 0.0)(rng)
  other = np.random.default_rng(3)
  Courier(other, epsilon=0.0)
  assert rng.random() == other.random()


def test_goals_have_tasks_that_fulfil_them(ram):
  """Some take more than an errand; some places are not open yet."""
  found = {
    spec.name: tasks.task_for(ISLE, goal, ram)
    for goal, spec in enumerate(vocabulary.GOALS)
  }
  for name, task in found.items():
    if task is not None:
      assert vocabulary.IDS[name] in tasks.goals_of(ISLE, task, ram)
  for name in ("next_badge", "isle_train_to_level_9", "isle_go_mothlight"):
    assert found[name] is None
  assert found["isle_go_fern_road"].place[0] == maps.ROUTE
  assert found["isle_buy_tonic_shop_of_brightwater"].reply == 3
  assert sum(task is not None for task in found.values()) > 100


@pytest.fixture(name="ram")
def fixture_ram():
  with VectorEnv(1, num_workers=0, max_steps=100) as env:
    policy = ExpertPolicy(1, make_player(ISLE, "courier", 0.0))
    (episode,) = collect(env, policy, seeds=[5], source="courier")
  return episode.decode_ram()[-1]
