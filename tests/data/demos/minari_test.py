import dataclasses
import types

import gymnasium
import numpy as np
import pytest

from dreamer_jax.data import episodes, layouts
from dreamer_jax.data.collect import collect
from dreamer_jax.data.demos import minari as minari_io
from dreamer_jax.data.demos import minari_back
from dreamer_jax.data.demos.minari import MinariError, Placed
from dreamer_jax.data.origin import OriginError
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.game import frames
from dreamer_jax.game.vector import VectorEnv


@pytest.fixture(scope="module")
def episode(rom):
  with VectorEnv(1, num_workers=0, rom=rom, max_steps=40) as env:
    return next(collect(env, RandomPolicy(1, 0.5), seeds=[6], source="random"))


# Datasets of others.


def data(episode, **changes):
  """The episode as Minari's EpisodeData, without anything of ours."""
  fields = dict(
    id=0,
    observations=frames.unpack(episode.packed),
    actions=episode.action[1:].astype(np.int64),
    terminations=episode.is_terminal[1:],
    infos={},
  )
  return types.SimpleNamespace(**{**fields, **changes})


@pytest.fixture(scope="module")
def plain(rom):
  """An episode from power-on without a wait, as others may have played it."""
  with VectorEnv(
    1, num_workers=0, rom=rom, max_steps=40, start_frames=0
  ) as env:
    return next(collect(env, RandomPolicy(1, 0.5), seeds=[0], source="random"))


@pytest.fixture
def others(monkeypatch, plain):
  """The replay in the timing of `plain`."""
  make = minari_back.GameBoyEnv
  monkeypatch.setattr(
    minari_back, "GameBoyEnv", lambda rom: make(rom, start_frames=0)
  )
  return plain


@pytest.mark.parametrize("source", ["import", "random"])
def test_dataset_of_others_is_replayed(rom, others, source):
  placed, notes = minari_back.bring_in(rom, data(others), {}, {}, source)
  back = placed.episode
  back.check()
  for name in set(episodes.FIELDS) - {"goal", "intent"}:
    same = getattr(back, name), getattr(others, name)
    np.testing.assert_array_equal(*same, name)
  assert not notes and back.meta["source"] == source
  assert placed.folder == "demos" and placed.round_ == 0


@pytest.mark.parametrize("meta", [{}, {"source": "somebody"}, {"seed": 3}])
def test_who_played_has_to_be_said(rom, others, meta):
  with pytest.raises(MinariError, match="--source=import"):
    minari_back.bring_in(rom, data(others), meta, {})


def test_another_screen_is_a_desync(rom, others):
  shots = frames.unpack(others.packed).copy()
  shots[20, 0, 0] ^= 1
  placed, notes = minari_back.bring_in(
    rom, data(others, observations=shots), {}, {}, "import"
  )
  placed.episode.check()
  assert len(placed.episode) == 20 and "after 19 of 40 actions" in notes[0]
  np.testing.assert_array_equal(placed.episode.ram, others.ram[:20])
  assert not placed.episode.is_terminal.any()


def test_other_starts_are_refused(rom, others):
  shots = 3 - frames.unpack(others.packed)
  with pytest.raises(MinariError, match="another start"):
    minari_back.bring_in(
      rom, data(others, observations=shots), {}, {}, "import"
    )


# Our own.

BUFFERS = types.SimpleNamespace(
  data_collector=types.SimpleNamespace(
    episode_buffer=types.SimpleNamespace(EpisodeBuffer=types.SimpleNamespace)
  )
)
CHANGES = {
  "as played": {"timing": "as played", "frames": 99, "by": "a person, née É"},
  "from a start": {"start": "badge-1", "seed": 2**31 + 5},
  "with a note": {"note": [1, {"a": None}], "env": {"max_steps": 3}},
  "another PyBoy": {"pyboy": "2.8.0"},
}


def through(rom, placed):
  """There and back, without the files."""
  buffer = minari_io._buffer(BUFFERS, 0, placed)
  read = (minari_io._untiled(buffer.infos, n) for n in ("meta", "home"))
  back, notes = minari_back.bring_in(rom, buffer, *read)
  assert not notes
  return back


@pytest.mark.parametrize("folder", episodes.FOLDERS)
@pytest.mark.parametrize("source", episodes.SOURCES)
def test_nothing_changes_on_a_round_trip(rom, episode, source, folder):
  goal = np.arange(len(episode)).astype(np.int16) - 1
  terminal = np.arange(len(episode)) == len(episode) - 1
  for is_terminal in (terminal, np.zeros_like(terminal)):
    other = dataclasses.replace(
      episode, goal=goal, intent=episode.action ^ 1, is_terminal=is_terminal,
      meta={**episode.meta, "source": source},
    )  # fmt: skip
    back = through(rom, Placed(other, folder, 3))
    back.episode.check()
    assert back.episode.equals(other)
    assert (back.folder, back.round_) == (folder, 3)


@pytest.mark.parametrize("name", CHANGES)
def test_all_of_the_meta_comes_back(rom, episode, name):
  meta = {**episode.meta, **CHANGES[name]}
  other = dataclasses.replace(episode, meta=meta)
  assert through(rom, Placed(other)).episode.equals(other)


def test_an_export_of_before_homes_keeps_who_played(rom, episode):
  buffer = minari_io._buffer(BUFFERS, 0, Placed(episode))
  back, _ = minari_back.bring_in(rom, buffer, episode.meta, {})
  assert back.episode.equals(episode) and back.folder == "episodes"


@pytest.mark.parametrize("layout", layouts.EARLIER)
def test_ram_of_earlier_layouts_comes_back(rom, episode, layout):
  held = layouts.recorded(layout)
  ram = layouts.completed(episode.ram[:, held], held)
  old = dataclasses.replace(episode, ram=ram, layout=layout)
  assert through(rom, Placed(old)).episode.equals(old)
  buffer = minari_io._buffer(BUFFERS, 0, Placed(old))
  buffer.infos["ram"] = ram[:, held]  # as exported when it was the latest
  back, _ = minari_back.bring_in(rom, buffer, old.meta, {})
  assert back.episode.equals(old)


def test_datasets_of_another_rom_or_layout_are_refused(rom, episode):
  buffer = minari_io._buffer(BUFFERS, 0, Placed(episode))
  strange = {"sha1": "f" * 40, "name": "Another", "title": ""}
  with pytest.raises(OriginError, match=r"of Another \(SHA-1 ffff"):
    minari_back.bring_in(rom, buffer, {**episode.meta, "rom": strange}, {})
  home = {"ram_layout": "of old"}
  with pytest.raises(MinariError, match="another version"):
    minari_back.bring_in(rom, buffer, episode.meta, home)


@pytest.mark.parametrize(
  "text",
  ["mydata", "", "-v0", "a/b", "a b-v0", "isle/x-v", "../x-v0", "/tmp/x-v0",
   "isle//x-v0", "x-v0/", "é-v0", "x-v0.1", "i/x-v0"],
)  # fmt: skip
def test_names_that_are_none_are_refused_before_anything_is_read(text):
  def never():
    raise AssertionError("read")
    yield

  with pytest.raises(MinariError, match="names no Minari dataset"):
    minari_io.export(text, never(), "me", "")


@pytest.mark.parametrize("text", ["x-v0", "isle/x-v12", "a-b/c_d/e-v1"])
def test_names_that_are_some(text):
  minari_io.check_id(text)


def test_without_minari_the_remedy_is_named(episode, monkeypatch):
  monkeypatch.setitem(__import__("sys").modules, "minari", None)
  with pytest.raises(MinariError, match="pip install"):
    minari_io.export("a-v0", [Placed(episode)], "me", "")


# With Minari itself.


@pytest.fixture
def datasets(tmp_path, monkeypatch):
  pytest.importorskip("minari")
  pytest.importorskip("h5py")
  monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
  return tmp_path


def test_round_trip(datasets, rom, episode):
  other = dataclasses.replace(
    episode, meta={**episode.meta, "note": "é", "source": "policy"}
  )
  there = [Placed(episode, "episodes", 2), Placed(other, "demos", 0)]
  where = minari_io.export("isle/test-v0", there, "me", "two")
  assert where.is_relative_to(datasets)
  for source in ("isle/test-v0", str(where)):
    for want, (number, *found) in zip(
      there, minari_io.load(source), strict=True
    ):
      assert number == there.index(want)
      back, notes = minari_back.bring_in(rom, *found)
      assert not notes and back.episode.equals(want.episode)
      assert back[1:] == want[1:]


def test_names_that_are_taken_and_missing(datasets, episode):
  minari_io.export("isle/test-v0", [Placed(episode)], "me", "")
  with pytest.raises(MinariError, match="already"):
    minari_io.export("isle/test-v0", [Placed(episode)], "me", "")
  with pytest.raises(MinariError, match="cannot load"):
    list(minari_io.load("isle/none-v0"))
  with pytest.raises(MinariError, match="names no"):
    list(minari_io.load("mydata"))
  with pytest.raises(MinariError, match="no episodes"):
    minari_io.export("isle/empty-v0", [], "me", "")


def test_a_broken_export_leaves_nothing(datasets, episode, monkeypatch):
  def run_out(dataset_id, *_, **__):
    (datasets / dataset_id / "data").mkdir(parents=True)
    raise OSError("No space left on device")

  minari = pytest.importorskip("minari")
  monkeypatch.setattr(minari, "create_dataset_from_buffers", run_out)
  with pytest.raises(MinariError, match=r"did not write .* No space left"):
    minari_io.export("isle/broken-v0", [Placed(episode)], "me", "")
  assert not (datasets / "isle" / "broken-v0").exists()


@pytest.mark.parametrize(
  "space",
  [
    gymnasium.spaces.MultiBinary(8), gymnasium.spaces.Discrete(9),
    gymnasium.spaces.Discrete(8, start=1),
  ],
)  # fmt: skip
def test_other_buttons_are_refused(datasets, episode, monkeypatch, space):
  minari = pytest.importorskip("minari")
  folder = minari_io.export("isle/mine-v0", [Placed(episode)], "me", "")
  monkeypatch.setattr(minari.MinariDataset, "action_space", space)
  with pytest.raises(MinariError, match=r"wanted are .* 8 buttons"):
    list(minari_io.load(str(folder)))


def test_files_that_are_no_dataset_are_refused(datasets):
  (datasets / "x" / "data").mkdir(parents=True)
  (datasets / "x" / "data" / "main_data.hdf5").write_bytes(b"junk")
  with pytest.raises(MinariError, match="cannot load"):
    list(minari_io.load(str(datasets / "x")))
