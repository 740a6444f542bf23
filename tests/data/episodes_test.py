import errno
import hashlib
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from dreamer_jax.data import episodes, files
from dreamer_jax.data.episodes import EpisodeError, EpisodeStore
from dreamer_jax.errors import UserError


@pytest.fixture
def saved(tmp_path, make_episode):
  path = tmp_path / "one.ep"
  episodes.save(path, make_episode())
  return path


def test_round_trip(saved, make_episode):
  want, got = make_episode(), episodes.load(saved)
  for name, (_, dtype) in episodes.FIELDS.items():
    array = getattr(got, name)
    assert array.dtype == dtype
    np.testing.assert_array_equal(array, getattr(want, name), name)
  assert got.meta == want.meta and len(got) == 12
  assert episodes.load_header(saved)["steps"] == 12
  assert got.decode_ram().x.tolist() == list(range(12))


@pytest.mark.parametrize("keep", [0, 10, 40, 100, -1])
def test_truncated_file_is_refused(saved, keep):
  saved.write_bytes(saved.read_bytes()[:keep])
  with pytest.raises(EpisodeError, match=r"one\.ep.*move it away"):
    episodes.load(saved)


def test_any_flipped_bit_is_found(saved):
  data = saved.read_bytes()
  for place in np.random.default_rng(0).integers(0, len(data), 50):
    bad = bytearray(data)
    bad[place] ^= 16
    saved.write_bytes(bad)
    with pytest.raises(EpisodeError, match="move it away"):
      episodes.load(saved)


@pytest.mark.parametrize("change", [b'"format": 1', b'"ram_layout": "0'])
def test_another_version_is_refused(saved, change):
  data = saved.read_bytes()
  start = len(episodes._MAGIC) + 32
  key = change.split(b":")[0]
  old = data[start:].split(key)[1].split(b",")[0]
  body = data[start:].replace(key + old, change + old[4:], 1)
  saved.write_bytes(data[: start - 32] + hashlib.sha256(body).digest() + body)
  with pytest.raises(EpisodeError, match="another version"):
    episodes.load(saved)


def test_missing_file_is_named(tmp_path):
  with pytest.raises(EpisodeError, match=r"none\.ep"):
    episodes.load(tmp_path / "none.ep")


@pytest.mark.parametrize(
  ("field", "value", "reason"),
  [
    ("is_first", np.ones(12, bool), "is_first"),
    ("is_last", np.zeros(12, bool), "is_last"),
    ("is_terminal", np.ones(12, bool), "is_terminal"),
    ("action", np.zeros(12, np.int64), "action is int64"),
    ("terms", np.zeros((11, 7), np.float32), "terms is"),
  ],
)
def test_broken_contract_is_not_saved(
  tmp_path, make_episode, field, value, reason
):
  episode = make_episode()
  object.__setattr__(episode, field, value)
  with pytest.raises(ValueError, match=reason):
    episodes.save(tmp_path / "bad.ep", episode)
  assert not list(tmp_path.iterdir())


def test_store_names_lists_and_resumes(tmp_path, make_episode):
  store = EpisodeStore(tmp_path / "episodes")
  for round_, source, seed in [
    (1, "policy", 3),
    (0, "random", 12),
    (0, "expert", 7),
  ]:
    store.add(round_, make_episode(seed=seed, source=source))
  names = [path.name for path in store.list()]
  assert names == [
    "000-expert-0000000007.ep",
    "000-random-0000000012.ep",
    "001-policy-0000000003.ep",
  ]
  assert store.seeds(0, "random") == {12} and not store.seeds(1, "random")
  assert [e.meta["seed"] for e in store] == [7, 12, 3]
  assert len(store.list(source="policy")) == 1 and len(store) == 3
  with pytest.raises(ValueError, match="source"):
    store.path(0, "nobody", 1)


def test_noisy_script_and_random_play_have_two_names(tmp_path, make_episode):
  """Files of before called both random: who played is told beside it."""
  store, how = EpisodeStore(tmp_path), lambda who: {"how": {"policy": who}}
  by_script = store.add(0, make_episode(seed=1, meta=how("expert")))
  by_chance = store.add(0, make_episode(seed=2, meta=how("random")))
  other = make_episode(seed=3, source="randomized_expert", meta=how("expert"))
  of_now = store.add(0, other)
  sources = [store.load(p).meta["source"] for p in store.list()]
  assert sources == ["randomized_expert", "random", "randomized_expert"]
  assert episodes.peek(by_script)["source"] == "randomized_expert"
  assert episodes.load_header(by_chance)["meta"]["source"] == "random"
  # A run of before is not played again.
  assert store.path(0, "randomized_expert", 1) == by_script
  assert store.path(0, "randomized_expert", 3) == of_now
  assert store.seeds(0, "randomized_expert") == {1, 3}


def test_store_refuses_a_bad_file(tmp_path, make_episode):
  store = EpisodeStore(tmp_path)
  path = store.add(0, make_episode())
  path.write_bytes(b"junk")
  with pytest.raises(EpisodeError, match=path.name):
    list(store)


def test_to_open_a_store_writes_and_deletes_nothing(tmp_path, make_episode):
  left = tmp_path / f".old.ep.abc{files.TEMPORARY}"  # of a writer, maybe dead
  left.write_bytes(b"half")
  os.utime(left, (0, 0))
  assert len(EpisodeStore(tmp_path)) == 0 and left.exists()
  absent = EpisodeStore(tmp_path / "run" / "episodes")
  assert not len(absent) and not absent.folder.exists()
  absent.add(0, make_episode())
  assert len(absent) == 1


def test_leftovers_are_cleared_but_not_what_is_being_written(tmp_path):
  paths = [tmp_path / f".{n}.ep.abc{files.TEMPORARY}" for n in ("old", "new")]
  for path in paths:
    path.write_bytes(b"half")
  os.utime(paths[0], (0, 0))
  assert files.remove_leftovers(tmp_path) == 1
  assert [path.exists() for path in paths] == [False, True]


def test_results_that_cannot_be_written_are_refused_before_the_work(
  tmp_path, monkeypatch
):
  files.check_writable(tmp_path / "run" / "export")
  assert not list(tmp_path.iterdir())
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match="--out=FOLDER"):
    files.check_writable(tmp_path / "file" / "export")
  monkeypatch.setattr(os, "access", lambda path, mode: False)
  with pytest.raises(UserError, match="read-only"):
    files.check_writable(tmp_path)


def test_store_needs_a_folder(tmp_path, make_episode):
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match="--workdir"):
    EpisodeStore(tmp_path / "file" / "episodes").add(0, make_episode())


def test_full_disk_leaves_nothing(tmp_path, make_episode, monkeypatch):
  def no_space(handle):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

  store = EpisodeStore(tmp_path)
  monkeypatch.setattr(os, "fsync", no_space)
  with pytest.raises(UserError, match=r"No space left.*make room"):
    store.add(0, make_episode())
  assert not list(tmp_path.iterdir())


def test_kill_during_writing_leaves_no_half_file(tmp_path):
  script = f"""
import itertools, os
from dreamer_jax.data.files import write_atomic
print("go", flush=True)
for i in itertools.count():
  write_atomic({str(tmp_path / "x.ep")!r}, bytes([i % 256]) * 300_000)
"""
  for delay in (0.0, 0.01, 0.03):
    process = subprocess.Popen(
      [sys.executable, "-c", script], stdout=subprocess.PIPE
    )
    process.stdout.readline()
    try:
      process.wait(delay + 0.005)
    except subprocess.TimeoutExpired:
      process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    for path in tmp_path.glob("*.ep"):
      data = path.read_bytes()
      assert len(data) == 300_000 and len(set(data)) == 1
  names = {path.name for path in tmp_path.iterdir()} - {"x.ep"}
  assert all(name.endswith(files.TEMPORARY) for name in names)
