import numpy as np
import pytest

from dreamer_jax.data.demos import import_movies
from dreamer_jax.data.demos import recording as recordings
from dreamer_jax.data.demos.import_movies import ImportProblem
from dreamer_jax.errors import UserError
from dreamer_jax.game.human import pad


@pytest.mark.parametrize("offset", [3, -2])
def test_offset_shifts_a_movie(rom, write, movie, offset):
  inputs = pad.parse_script("A2 B5")
  path = write("x.bk2", movie(movie.rows(inputs)))
  got = import_movies.read(path, rom, offset).inputs.tolist()
  want = inputs.tolist()
  assert got == ([0] * 3 + want if offset > 0 else want[2:])


@pytest.mark.parametrize(
  ("name", "data", "reason"),
  [
    ("x.foo", b"", "empty: known are"),
    ("x.foo", b"??", "no input log: known are"),
    ("x", b"??", "no input log"),
    ("x.txt", b"A8", "a script, which record_demos takes"),
    ("x.vbm", b"VBM\x1a", "a movie of another emulator"),
    ("x.FM2", b"version 3", "a movie of another emulator"),
    ("x.ltm", b"\x1f\x8b", "a movie of another emulator"),
    ("x.lsmv", b"PK\x03\x04", "a movie of another emulator"),
    ("x.gbmv", b"?", "a movie of another emulator"),
    ("x.mp4", b"....ftyp", "a video, in which no buttons are"),
    ("x.sav", bytes(9), "a saved game, which record_demos takes"),
    ("x.State", b"PK\x03\x04", "a save state"),
    ("x.gb", bytes(9), "a ROM"),
    ("x.ep", b"DreamerJAX episode\n", "an episode already"),
    ("x.start", b"DreamerJAX start state\n", "a start state"),
    ("x.zip", b"PK\x03\x04", "no BizHawk movie"),
    ("x.play", b"junk", "no DreamerJAX recording"),
  ],
)
def test_other_files_are_refused_by_name(rom, write, name, data, reason):
  path = write(name, data)
  with pytest.raises(UserError, match=f"{name} is {reason}"):
    import_movies.read(path, rom)


def test_a_movie_is_known_by_its_content(rom, write, movie):
  for name in ("x.zip", "x", "x.bk2.bak"):
    play = import_movies.read(write(name, movie(["|.......A.|"])), rom)
    assert play.inputs.tolist() == [1]


def test_missing_file_is_named(rom, tmp_path):
  with pytest.raises(ImportProblem, match=r"none\.bk2"):
    import_movies.read(tmp_path / "none.bk2", rom)


def recorded(rom, script, **meta):
  session = recordings.Session(rom, "me")
  for held in pad.parse_script(script):
    session.play(int(held))
  play = session.recording()
  session.close()
  play.meta.update(meta)
  return play


def test_a_recording_takes_no_offset(rom, tmp_path):
  path = tmp_path / "x.play"
  recordings.save(path, recorded(rom, "A2"))
  with pytest.raises(ImportProblem, match="give no --offset"):
    import_movies.read(path, rom, 3)


def test_who_played_is_kept_through_a_recording(rom, tmp_path, write, movie):
  mine = recorded(rom, "A2")
  theirs = import_movies.read(write("x.bk2", movie(["|.......A.|"])), rom)
  for play, source in ((mine, "human"), (theirs, "import")):
    path = import_movies.keep(tmp_path / "recordings", source, play)
    assert import_movies.source_of(import_movies.read(path, rom)) == source
    del play.meta["source"]  # as older files are
    assert import_movies.source_of(play) == source


def test_recordings_of_one_name_are_all_kept(rom, tmp_path):
  folder = tmp_path / "recordings"
  plays = [recorded(rom, "A2"), recorded(rom, "B3"), recorded(rom, "A2")]
  paths = [import_movies.keep(folder, "some/where/x.bk2", p) for p in plays]
  assert [p.name for p in paths] == ["x.play", "x-2.play", "x.play"]
  there = import_movies.keep(folder, folder / "x.play", plays[1])
  assert there == folder / "x.play"
  assert recordings.load(there).inputs.tolist() == [1, 1]


# Replays.


def test_movie_that_lost_its_way_is_cut_and_said(rom, write, movie, walk):
  # It plays, then walks into a wall of the first house for good.
  inputs = np.append(walk, pad.parse_script("U1200"))
  path = write("x.bk2", movie(movie.rows(inputs)))
  episode, kept, notes = import_movies.bring_in(
    rom, import_movies.read(path, rom)
  )
  assert len(notes) == 1 and "desync suspected" in notes[0]
  episode.check()
  assert len(kept) < len(inputs) - 900


def test_movie_in_which_play_never_began_says_so(rom, write, movie):
  inputs = pad.parse_script(".10 U5 .20 D5 .20")
  path = write("x.bk2", movie(movie.rows(inputs)))
  _, _, notes = import_movies.bring_in(rom, import_movies.read(path, rom))
  assert notes == ["play never began: the inputs do not get past the intro."]


def test_a_play_without_a_press_is_refused(rom):
  session = recordings.Session(rom, "nobody")
  session.play(0)
  play = session.recording()
  session.close()
  with pytest.raises(ImportProblem, match="no button was pressed"):
    import_movies.bring_in(rom, play)
