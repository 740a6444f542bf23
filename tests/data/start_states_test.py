import collections

import pytest

from dreamer_jax.data import start_states
from dreamer_jax.data.start_states import Archive, ArchiveError, StartState
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators


def made(name="a", milestones=("play begins",), sha1="0" * 40, state=b"s\n"):
  meta = {"rom": {"sha1": sha1}, "milestones": list(milestones)}
  return StartState(name, state, meta)


@pytest.fixture
def archive(tmp_path):
  return Archive(tmp_path / "starts")


def test_archive_gives_back_what_was_added(archive):
  start = made(state=bytes(range(256)))
  assert archive.add(start).name == "a.start"
  archive.add(made("b"))
  assert archive.load("a") == start
  assert archive.names() == ["a", "b"] and len(list(archive)) == 2


def test_damaged_and_missing_states_are_refused(archive):
  path = archive.add(made())
  data = bytearray(path.read_bytes())
  data[-1] ^= 1
  path.write_bytes(data)
  with pytest.raises(ArchiveError, match="damaged"):
    archive.load("a")
  with pytest.raises(ArchiveError, match="there are a"):
    archive.load("b")


def test_states_of_another_rom_are_not_used(archive, rom):
  with pytest.raises(ArchiveError, match="it is empty"):
    archive.of(rom)
  archive.add(made("other"))
  with pytest.raises(ArchiveError, match="demos start-states"):
    archive.of(rom)
  state = emulators.pack_state(b"\x1d", rom.sha1)
  archive.add(made("mine", sha1=rom.sha1, state=state))
  assert [s.name for s in archive.of(rom)] == ["mine"]


def test_states_of_a_newer_pyboy_are_named(archive, rom):
  state = emulators.pack_state(b"\x40", rom.sha1)
  archive.add(made("mine", sha1=rom.sha1, state=state))
  with pytest.raises(ArchiveError, match=r"mine\.start, made .*layout 64"):
    archive.of(rom)


# Mixes.


def draws(choose, count=2000):
  starts = (choose(seed) for seed in range(count))
  return collections.Counter(start and start.state for start in starts)


def test_mix_weighs_names_milestones_and_the_rest():
  there = [
    made("a", ["play begins"], state=b"a"),
    made("b", ["play begins", "starter"], state=b"b"),
    made("c", ["play begins", "starter"], state=b"c"),
    made("d", ["play begins", "badge 1"], state=b"d"),
  ]
  mix = {"power-on": 2, "c": 3, "starter": 1, "play begins": 4}
  got = draws(start_states.mixture(there, mix))
  total = 2 + 3 + 1 + 4 + 4
  want = {None: 2, b"c": 3, b"b": 1, b"a": 4, b"d": 4}
  for key, weight in want.items():
    assert got[key] / 2000 == pytest.approx(weight / total, abs=0.03)


def test_choice_is_a_function_of_the_seed():
  there = [made("a", state=b"a"), made("b", state=b"b")]
  one, two = (start_states.mixture(there, {}) for _ in range(2))
  assert [one(s) for s in range(50)] == [two(s) for s in range(50)]
  assert set(draws(one)) == {b"a", b"b"}, "power-on has to be asked for"


def test_mixes_that_mean_nothing_are_refused():
  with pytest.raises(UserError, match="no start state is called 'badge 9'"):
    start_states.mixture([made()], {"badge 9": 1})
  with pytest.raises(UserError, match="weight 0"):
    start_states.mixture([made()], {"*": 0})


def test_parses_a_mix():
  mix = start_states.parse_mix("power-on=0.2, Beat Brock=1,*=.5,")
  assert mix == {"power-on": 0.2, "Beat Brock": 1.0, "*": 0.5}
  assert start_states.parse_mix("") == {}


@pytest.mark.parametrize("text", ["a", "=1", "a=x", "a=-1", "a=nan", "a=inf"])
def test_wrong_mixes_are_refused(text):
  with pytest.raises(UserError, match="NAME=WEIGHT"):
    start_states.parse_mix(text)


def test_what_cannot_be_replayed_is_told():
  assert (
    start_states.obstacle({})
    == start_states.obstacle({"start": "power-on"})
    == ""
  )
  assert "'a'" in start_states.obstacle({"start": "a"})
  assert start_states.obstacle({"start": "a"}, {"a": made()}) == ""
  assert "as played" in start_states.obstacle({"timing": "as played"})
