"""Tests what may be cloned of whom."""

import dataclasses

import numpy as np

from dreamer_jax.config import RewardsConfig
from dreamer_jax.data.replay import LABELLED
from dreamer_jax.game import rom as roms
from dreamer_jax.goals import relabeling, vocabulary
from dreamer_jax.imagination import commands
from tests.data.conftest import made_episode

SOURCES = ("randomized_expert", "explorer")
PAID = {
  "discount": 0.9,
  "goal_scale": 100.0,
  "weights": np.asarray(RewardsConfig().weights),
}
STOP = {"env": {"stop_badges": 2}}


def played(source, badges=(), **meta):
  """Ten steps with badges at these."""
  episode = made_episode(10, source=source, meta=meta)
  terms = episode.terms.copy()
  terms[list(badges), 0] = 1
  return dataclasses.replace(episode, terms=terms)


def levels(episode):
  return relabeling.cloneable(episode, SOURCES).tolist()


def test_a_demonstrator_is_about_the_badge_until_it_comes():
  """The step that brought it is about the next one, where there is one."""
  for source in ("expert", "human", "import", "randomized_expert"):
    assert levels(played(source, [6])) == [2] * 6 + [1] * 4
    assert levels(played(source, [3, 6], **STOP)) == [2] * 6 + [1] * 4


def test_a_script_that_was_cut_off_was_on_its_way():
  for source in ("expert", "randomized_expert"):
    assert levels(played(source, [6], **STOP)) == [2] * 10
  for source in ("human", "import"):  # of a person nobody knows
    assert levels(played(source, [6], **STOP)) == [2] * 6 + [1] * 4


def test_an_explorer_is_cloned_in_hindsight_only():
  assert levels(played("explorer", [6], **STOP)) == [1] * 10


def test_chance_is_not_cloned():
  assert levels(played("wanderer")) == [0] * 10
  assert levels(played("random", [6], **STOP)) == [0] * 10
  assert levels(played("policy")) == [0] * 10  # unless it is asked for
  asked = relabeling.cloneable(played("policy"), ("policy",))
  assert asked.tolist() == [commands.HINDSIGHT] * 10


def test_labels_are_the_replays():
  episode = played("expert", [6], rom={"name": roms.EMBEDDED})
  labels = relabeling.labels(episode, SOURCES, **PAID)
  assert set(labels) == set(LABELLED)
  assert all(len(x) == 10 for x in labels.values())
  assert labels["hindsight"].dtype == np.int16


def test_a_courier_is_cloned_under_what_it_was_told():
  told = vocabulary.IDS["isle_catch_cairnin"]
  episode = played("courier", rom={"name": roms.EMBEDDED})
  episode = dataclasses.replace(episode, goal=np.full(10, told, np.int16))
  labels = relabeling.labels(episode, ("courier",), **PAID)
  assert (labels["hindsight"] == told).all()


def test_some_demonstrations_may_be_kept_from_the_clone():
  """Others' play is not concerned; the world model sees it all anyhow."""
  kept = lambda source: relabeling.cloneable(played(source, [6]), SOURCES, [5])
  seed = played("expert").meta["seed"]
  assert seed != 5 and not kept("expert").any()
  assert kept("randomized_expert").any()
  shown = relabeling.cloneable(played("expert", [6]), SOURCES, [seed])
  assert shown.tolist() == levels(played("expert", [6]))


def test_own_ways_to_a_badge_are_cloned_where_they_are_short():
  """From power-on to 3 in 3 actions, and from there to 8 in 5."""
  episode = played("policy", badges=[3, 8])
  clone = lambda pace: relabeling.cloneable(
    episode, SOURCES, pace=pace
  ).tolist()
  nothing, all_ = commands.NOTHING, commands.ALL
  assert clone(None) == [nothing] * 10
  assert clone([3.0, 5.0]) == [nothing] * 10  # as long is not shorter
  assert clone([4.0, 5.0]) == [all_] * 3 + [nothing] * 7
  assert clone([2.0, 6.0]) == [nothing] * 3 + [all_] * 5 + [nothing] * 2
  assert clone([2.0]) == clone([2.0, 6.0])  # nobody has shown the second
  other = played("curious", badges=[3])
  got = relabeling.cloneable(other, SOURCES, pace=[4.0])
  assert (got == nothing).all()
