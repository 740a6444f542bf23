"""Episodes of earlier RAM layouts: read, completed, kept as they are."""

import dataclasses
import hashlib
import json
import zlib

import numpy as np
import pytest

from dreamer_jax.data import episodes, layouts
from dreamer_jax.data.demos import resample, verify
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.game.memory import OFFSETS, RAM_SIZE

OLD, LACKING = next(iter(layouts.EARLIER.items()))


def write_old(path, episode):
  """A file as the version before wrote it, byte by byte."""
  held = np.ones(RAM_SIZE, bool)
  for name in LACKING:
    held[OFFSETS[name]] = False
  header = {
    "format": 2, "steps": len(episode), "ram_layout": OLD,
    "meta": episode.meta,
  }  # fmt: skip
  fields = (
    episode.packed, np.ascontiguousarray(episode.ram[:, held]),
    episode.action, episode.intent, episode.terms, episode.is_first,
    episode.is_last, episode.is_terminal, episode.goal,
  )  # fmt: skip
  data = json.dumps(header).encode() + b"\n"
  data += zlib.compress(b"".join(field.tobytes() for field in fields), 1)
  digest = hashlib.sha256(data).digest()
  path.write_bytes(b"DreamerJAX episode\n" + digest + data)


@pytest.fixture
def busy(make_episode):
  """An episode in which a trainer sees the player at every step."""
  episode = make_episode()
  for name in LACKING:
    episode.ram[:, OFFSETS[name]] = 0xFF
  return episode


def test_each_hash_is_that_of_the_layout_without_what_it_lacked():
  for layout, lacking in layouts.EARLIER.items():
    assert layouts.name_of(lacking) == layout != layouts.RAM_LAYOUT


def test_an_old_file_is_read_and_completed_with_zeros(tmp_path, busy):
  store = EpisodeStore(tmp_path)
  path = store.path(0, "random", 0)
  write_old(path, busy)
  (got,) = store
  assert got.layout == OLD and episodes.load_header(path)["steps"] == 12
  for name in LACKING:
    assert not got.ram[:, OFFSETS[name]].any()
  held = layouts.recorded(OLD)
  assert held.sum() == RAM_SIZE - 2
  np.testing.assert_array_equal(got.ram[:, held], busy.ram[:, held])
  np.testing.assert_array_equal(got.goal, busy.goal)
  assert got.decode_ram().x.tolist() == list(range(12))
  got.check()


def test_an_old_file_stays_one_when_it_is_written_again(tmp_path, busy):
  """Nobody may take its zeros for what was seen."""
  old, again = tmp_path / "old.ep", tmp_path / "again.ep"
  write_old(old, busy)
  episodes.save(again, episodes.load(old))
  assert again.read_bytes() == old.read_bytes()
  assert resample.truncated(episodes.load(old), 5).layout == OLD


def test_a_replay_is_compared_by_what_was_recorded(tmp_path, busy):
  write_old(tmp_path / "old.ep", busy)
  mark = verify.fingerprint(episodes.load(tmp_path / "old.ep"))
  assert verify.compare(mark, verify.fingerprint(busy, mark.layout)).step == -1
  ram = busy.ram.copy()
  ram[4, OFFSETS["wXCoord"]] += 1
  other = dataclasses.replace(busy, ram=ram)
  verdict = verify.compare(mark, verify.fingerprint(other, mark.layout))
  assert (verdict.field, verdict.step) == ("ram", 4)


def test_todays_files_are_whole(tmp_path, busy):
  episodes.save(tmp_path / "new.ep", busy)
  got = episodes.load(tmp_path / "new.ep")
  assert got.layout == layouts.RAM_LAYOUT
  np.testing.assert_array_equal(got.ram, busy.ram)
  assert layouts.recorded(layouts.RAM_LAYOUT).all()
