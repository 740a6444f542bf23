"""Goals in hindsight, on done bits made by hand and on an episode."""

import time

import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.data.collect import collect
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.goals import hindsight, order, predicates, vocabulary
from dreamer_jax.goals.done import done_bits

NONE = hindsight.NONE


def bits(steps, *rises):
  """`[T, K]` bool from (goal, first step, last step) that it holds."""
  done = np.zeros((steps, 1 + max(goal for goal, *_ in rises)), bool)
  for goal, first, last in rises:
    done[first : last + 1, goal] = True
  return done


def test_a_label_lasts_until_its_goal_is_reached():
  """Goal 2 comes at 3, goal 1 at 6; nothing after that."""
  done = bits(9, (2, 3, 3), (1, 6, 8))
  for seed in range(20):
    labels = hindsight.achieved(done, seed)
    first = labels[0]
    assert first in (1, 2)  # either lies ahead
    end = {2: 3, 1: 6}[first]
    assert (labels[:end] == first).all()
    assert (labels[end:6] == 1).all() and (labels[6:] == NONE).all()
  chosen = {hindsight.achieved(done, seed)[0] for seed in range(20)}
  assert chosen == {1, 2}


def test_only_what_comes_in_time_is_a_goal():
  done = bits(40, (3, 30, 39))
  labels = hindsight.achieved(done, 0, horizon=10)
  assert (labels[:20] == NONE).all() and (labels[20:30] == 3).all()
  assert (labels[30:] == NONE).all()


def test_what_holds_is_no_goal():
  """Goal 1 holds from the start, ends at 5, and is reached again at 8."""
  done = bits(12, (1, 0, 4), (1, 8, 11))
  labels = hindsight.achieved(done, 0)
  assert labels.tolist() == [NONE] * 5 + [1] * 3 + [NONE] * 4


def test_what_is_rare_is_chosen_more_often():
  """Goal 1 rises ten times and goal 2 once, both lie ahead at first."""
  done = bits(20, (2, 8, 8), *((1, i, i) for i in range(1, 20, 2)))
  first = [hindsight.achieved(done, seed)[0] for seed in range(200)]
  assert np.mean(np.array(first) == 2) == pytest.approx(10 / 11, abs=0.08)


def test_some_goals_are_near_and_some_far():
  """Each of 150 goals rises once, a step after the other."""
  done = bits(160, *((goal, goal + 1, goal + 1) for goal in range(150)))
  first = np.array([hindsight.achieved(done, seed)[0] for seed in range(300)])
  assert 0.1 < np.mean(first < 8) < 0.6 and np.mean(first > 60) > 0.1


def test_an_episode_is_always_labelled_alike():
  done = np.random.default_rng(0).random((300, 20)) < 0.05
  labels = hindsight.achieved(done, 7)
  np.testing.assert_array_equal(labels, hindsight.achieved(done, 7))
  assert (labels != hindsight.achieved(done, 8)).any()
  assert labels.dtype == np.int16 and labels.shape == (300,)


def test_what_was_told_holds_until_it_is_reached():
  """Told goal 1 at 2, reached at 5; the task goes on until 7."""
  done = bits(9, (1, 5, 6))
  goal = np.array([NONE] * 2 + [1] * 5 + [NONE] * 2, np.int16)
  told = hindsight.told(done, goal).tolist()
  assert told == [NONE] * 2 + [1] * 3 + [NONE] * 4


def test_who_was_told_nothing_has_no_label():
  none = np.full(6, NONE, np.int16)
  assert hindsight.told(bits(6, (1, 2, 3)), none).tolist() == [NONE] * 6


def test_bad_luck_is_told_and_failure_is_not():
  ids = vocabulary.IDS
  luck, sign = ids["isle_catch_cairnin"], ids["isle_read_sign_gym"]
  done = np.zeros((8, len(ids)), bool)
  goal = np.array([luck] * 4 + [sign] * 4, np.int16)
  assert hindsight.told(done, goal).tolist() == [luck] * 4 + [NONE] * 4


@pytest.fixture(name="episode", scope="module")
def fixture_episode():
  with VectorEnv(1, num_workers=0, max_steps=200) as env:
    policy = ExpertPolicy(1, games.get("Lantern Isle").players["expert"](0.05))
    played = collect(env, policy, seeds=[1_200_001], source="expert")
    return next(iter(played))


def test_possible_goals_make_sense_where_they_are_drawn(episode):
  drawn = hindsight.possible(episode)
  facts = predicates.of_episode(episode.decode_ram(), episode.terms)
  game = episode.meta["rom"]["name"]
  for t, goal in enumerate(drawn):
    assert goal == 0 or vocabulary.feasible(int(goal), facts[t], game)
  assert len(np.unique(drawn)) > 20


def test_some_possible_goals_are_those_of_the_rules(episode):
  """As many as are asked for; each is what the planner would set there."""
  facts = predicates.of_episode(episode.decode_ram(), episode.terms)
  game = episode.meta["rom"]["name"]
  steps = range(0, len(episode), 7)
  wanted = [order.choose(facts[t], game)[0] for t in steps]
  ruled = hindsight.possible(episode, 1.0)
  assert ruled[list(steps)].tolist() == wanted and len({*wanted}) > 2
  plain, half = (hindsight.possible(episode, share) for share in (0.0, 0.5))
  same = half == ruled
  assert 0.4 < same.mean() < 0.75
  np.testing.assert_array_equal(half[~same], plain[~same])


def test_labels_of_a_real_episode_end_where_their_goals_rise(episode):
  done = np.unpackbits(done_bits(episode), axis=-1, bitorder="little")
  done = done.astype(bool)
  labels = hindsight.achieved(done, episode.meta["seed"])
  rises = hindsight.edges(done)
  assert len(np.unique(labels)) > 3
  for t in np.flatnonzero(labels[:-1] != labels[1:]):
    assert labels[t] == NONE or rises[t + 1, labels[t]]


def test_labelling_is_cheap(episode):
  """A million steps are read: 0.2 ms each would be three minutes."""
  done = np.unpackbits(done_bits(episode), axis=-1, bitorder="little")
  began = time.process_time()
  hindsight.achieved(done.astype(bool), 0)
  hindsight.possible(episode)
  assert (time.process_time() - began) / len(episode) < 0.4e-3  # CPU seconds
