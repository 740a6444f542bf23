import dataclasses
import types

import numpy as np
import pytest

from dreamer_jax.data import episodes, minari_io
from dreamer_jax.data.collect import collect
from dreamer_jax.data.minari_io import MinariError
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.game import frames
from dreamer_jax.game.vector import VectorEnv


@pytest.fixture(scope="module")
def episode(rom):
  with VectorEnv(1, num_workers=0, rom=rom, max_steps=40) as env:
    return next(collect(env, RandomPolicy(1, 0.5), seeds=[6], source="random"))


def data(episode, **changes):
  """The episode as Minari's EpisodeData."""
  fields = dict(
    id=0,
    observations=frames.unpack(episode.packed),
    actions=episode.action[1:].astype(np.int64),
    terminations=episode.is_terminal[1:],
    infos={"intent": episode.intent, "goal": episode.goal},
  )
  return types.SimpleNamespace(**{**fields, **changes})


def assert_same(one, two):
  for name in episodes.FIELDS:
    np.testing.assert_array_equal(getattr(one, name), getattr(two, name), name)


def test_dataset_is_replayed(rom, episode):
  back, notes = minari_io.bring_in(rom, data(episode), episode.meta)
  back.check()
  assert_same(back, episode)
  assert not notes and back.meta["source"] == "import"


def test_another_screen_is_a_desync(rom, episode):
  shots = frames.unpack(episode.packed).copy()
  shots[20, 0, 0] ^= 1
  back, notes = minari_io.bring_in(
    rom, data(episode, observations=shots), episode.meta
  )
  back.check()
  assert len(back) == 20 and "after 19 of 40 actions" in notes[0]
  np.testing.assert_array_equal(back.ram, episode.ram[:20])


def test_other_starts_and_timings_are_refused(rom, episode):
  shots = 3 - frames.unpack(episode.packed)
  with pytest.raises(MinariError, match="another start"):
    minari_io.bring_in(rom, data(episode, observations=shots), episode.meta)
  with pytest.raises(MinariError, match="own timing"):
    minari_io.bring_in(rom, data(episode), {"timing": "as played"})


def test_without_minari_the_remedy_is_named(episode, monkeypatch):
  monkeypatch.setitem(__import__("sys").modules, "minari", None)
  with pytest.raises(MinariError, match="pip install"):
    minari_io.export("a-v0", [episode], "me", "")


# With Minari itself.


@pytest.fixture
def datasets(tmp_path, monkeypatch):
  pytest.importorskip("minari")
  pytest.importorskip("h5py")
  monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
  return tmp_path


def test_round_trip(datasets, rom, episode):
  other = dataclasses.replace(episode, meta={**episode.meta, "note": "é"})
  where = minari_io.export("isle/test-v0", [episode, other], "me", "two")
  assert where.is_relative_to(datasets)
  for source in ("isle/test-v0", str(where)):
    loaded = list(minari_io.load(source))
    assert [number for number, _, _ in loaded] == [0, 1]
    assert loaded[1][2]["note"] == "é"
    back, notes = minari_io.bring_in(rom, loaded[0][1], loaded[0][2])
    assert not notes
    assert_same(back, episode)


def test_names_that_are_taken_and_missing(datasets, episode):
  minari_io.export("isle/test-v0", [episode], "me", "")
  with pytest.raises(MinariError, match="already"):
    minari_io.export("isle/test-v0", [episode], "me", "")
  with pytest.raises(MinariError, match="cannot load"):
    list(minari_io.load("isle/none-v0"))
  with pytest.raises(MinariError, match="no episodes"):
    minari_io.export("isle/empty-v0", [], "me", "")
