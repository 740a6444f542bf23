"""The vocabulary: enough goals, well formed, possible, and frozen."""

import dataclasses
import types

import numpy as np
import pytest

from dreamer_jax.agent import weights
from dreamer_jax.errors import UserError
from dreamer_jax.game import goals as forms
from dreamer_jax.game import memory
from dreamer_jax.game.goals import ANY_GAME
from dreamer_jax.game.ram import decode
from dreamer_jax.games.lantern_isle import goals
from dreamer_jax.games.lantern_isle.goals import NAME as LANTERN_ISLE
from dreamer_jax.games.red.goals import NAME as RED
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.lantern_isle.world import maps, tables


def at_power_on():
  ram = decode(memory.build())
  return predicates.Watcher(ram).facts


def test_enough_goals_of_every_kind():
  for game, least in ((LANTERN_ISLE, 40), (RED, 60)):
    kinds = [g.kind for g in GOALS if g.game == game]
    assert len(kinds) >= least
    counts = {kind: kinds.count(kind) for kind in forms.KINDS}
    assert all(counts.values()), counts
  assert {g.kind for g in GOALS if g.game == ANY_GAME} == set(forms.KINDS)


def test_goals_are_well_formed():
  assert len(IDS) == len(GOALS) == len({g.text for g in GOALS})
  for goal in GOALS:
    assert goal.kind in forms.KINDS
    assert predicates.parse(goal.done), goal.name
    predicates.parse(goal.feasible)
    assert not predicates.is_relative(goal.feasible), goal.name
    assert len(vocabulary.paraphrases(goal)) >= 1, goal.name
    assert goal.name == forms.slug(goal.name.replace("_", " "))
  assert GOALS[0].done == "badges rises" and GOALS[0].game == ANY_GAME


def test_goals_name_what_the_cartridge_has():
  """Every map, species and flag of the goals exists."""
  clauses = lambda g: predicates.parse(g.done) + predicates.parse(g.feasible)
  for goal in GOALS:
    if goal.game != LANTERN_ISLE:
      continue
    for clause in clauses(goal):
      if clause.term in ("map", "visited"):
        assert clause.numbers[0] in maps.MAPS, goal.name
      if clause.term in ("owned", "seen"):
        assert 0 < clause.numbers[0] <= len(tables.SPECIES), goal.name
  entered = {predicates.parse(g.done)[0].numbers for g in GOALS
             if g.name.startswith("isle_go")}  # fmt: skip
  assert entered == {(m,) for m in goals.PLACES}
  assert len(goals.PLACES) >= len(maps.MAPS) - 1


def test_only_this_games_goals_are_feasible():
  now = at_power_on()
  names = lambda game: {
    GOALS[i].name for i in vocabulary.feasible_ids(now, game)
  }
  assert names(LANTERN_ISLE) == names(RED) == {"next_badge", "begin"}
  playing = decode(memory.build(wStatusFlags6=1, wCurMapWidth=4, hWY=0x90))
  now = predicates.Watcher(playing).facts
  assert "isle_go_keepers_house" in names(LANTERN_ISLE)
  assert "isle_go_fern_road" not in names(LANTERN_ISLE)  # no starter yet
  assert "red_go_oaks_lab" in names(RED)
  assert not any(n.startswith("red_") for n in names(LANTERN_ISLE))
  assert names("unknown") == {"next_badge", "get_starter", "new_map"}


def test_a_reached_place_is_not_offered_again():
  here = decode(
    memory.build(
      wStatusFlags6=1, wStatusFlags4=8, wCurMap=54, wCurMapWidth=5,
      wCurMapHeight=6, hWY=0x90,
    )
  )  # fmt: skip
  now = predicates.Watcher(here).facts
  goal = IDS["isle_go_brightwater_gym"]
  assert vocabulary.done(goal, now)
  assert not vocabulary.feasible(goal, now, LANTERN_ISLE)
  assert vocabulary.feasible(IDS["isle_go_home"], now, LANTERN_ISLE)


def test_embeddings_are_a_frozen_unit_table():
  rows = vocabulary.embeddings(64)
  assert rows.shape == (len(GOALS), 64) and rows.dtype == np.float32
  np.testing.assert_allclose(np.linalg.norm(rows, axis=-1), 1, atol=1e-5)
  near = rows @ rows.T - 2 * np.eye(len(GOALS))
  assert near.max() < 0.9999  # no two goals look the same
  short = vocabulary.embeddings(16)
  np.testing.assert_allclose(np.linalg.norm(short, axis=-1), 1, atol=1e-5)
  with pytest.raises(UserError, match="goal_dim=65"):
    vocabulary.embeddings(65)


def test_alike_goals_are_near():
  """What the text encoder is for: nearness is meaning."""
  rows = vocabulary.embeddings()
  cosine = lambda a, b: float(rows[IDS[a]] @ rows[IDS[b]])
  heal = "red_heal_pewter_pokemon_center"
  assert cosine(heal, "red_heal_cerulean_pokemon_center") > 0.5
  assert cosine(heal, "red_catch_pikachu") < 0.3
  assert cosine("isle_catch_pipwing", "isle_meet_pipwing") > cosine(
    "isle_catch_pipwing", "isle_go_home"
  )


def test_the_hash_covers_goals_and_table(monkeypatch):
  fresh = vocabulary.vocabulary_hash.__wrapped__
  before = fresh()
  changed = dataclasses.replace(GOALS[3], done="maps >= 3")
  monkeypatch.setattr(vocabulary, "GOALS", (*GOALS[:3], changed, *GOALS[4:]))
  assert fresh() != before
  monkeypatch.setattr(vocabulary, "GOALS", GOALS)
  assert fresh() == before
  # When a goal makes sense is a fact about a game, and no policy hears it.
  changed = dataclasses.replace(GOALS[3], feasible="never")
  monkeypatch.setattr(vocabulary, "GOALS", (*GOALS[:3], changed, *GOALS[4:]))
  assert fresh() == before
  monkeypatch.setattr(vocabulary, "GOALS", GOALS)
  table = types.SimpleNamespace(embeddings=vocabulary.embeddings() * 2)
  monkeypatch.setattr(vocabulary, "table", lambda: table)
  assert fresh() != before


def test_todays_goals_keep_the_name_that_agents_carry():
  agent = weights.peek(weights.locate("pretrained"))
  assert (
    agent.meta["goals"] == vocabulary.vocabulary_hash() == "1bf564f8f5277eb5"
  )


def test_a_stale_table_is_refused_with_the_remedy(monkeypatch):
  other = dataclasses.replace(GOALS[0], text="something else")
  monkeypatch.setattr(vocabulary, "GOALS", (other, *GOALS[1:]))
  with pytest.raises(UserError, match=r"older.*goals\.make_embeddings"):
    vocabulary.table.__wrapped__()


def test_a_missing_table_is_refused_with_the_remedy(monkeypatch, tmp_path):
  monkeypatch.setattr(vocabulary, "TABLE", tmp_path / "none.npz")
  with pytest.raises(UserError, match=r"cannot read.*goals\.make_embeddings"):
    vocabulary.table.__wrapped__()


def test_many_goals_at_once_are_each_alone():
  """What is remembered between goals changes no answer."""
  for raw in (
    memory.build(),
    memory.build(wStatusFlags6=1, wCurMapWidth=4, hWY=0x90),
    memory.build(
      wStatusFlags6=1, wStatusFlags4=8, wCurMap=12, wCurMapWidth=10,
      wCurMapHeight=14, hWY=0x90, wObtainedBadges=1, wPokedexOwned=[9],
      wNumBagItems=2, wBagItems=[4, 5, 72, 1],
    ),
  ):  # fmt: skip
    now = predicates.Watcher(decode(raw)).facts
    for game in (LANTERN_ISLE, RED):
      alone = [
        i for i in range(len(GOALS)) if vocabulary.feasible(i, now, game)
      ]
      assert vocabulary.feasible_ids(now, game) == alone
