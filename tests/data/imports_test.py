import base64
import hashlib
import io
import json
import pathlib
import zipfile
import zlib

import numpy as np
import pytest

from dreamer_jax.data import imports
from dreamer_jax.data import recording as recordings
from dreamer_jax.data.imports import ImportProblem
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import frames, pad

SCRIPT = ".60 s8 .40 A8 .60 A8 .60 A8 .60 A8 .60 D60 .20 L60 .60"


# BizHawk.


LOG_KEY = "LogKey:#Up|Down|Left|Right|Start|Select|B|A|Power|"
MARKS = dict(zip(range(8), "UDLRsSBA", strict=True))
NAMES = ("up", "down", "left", "right", "start", "select", "b", "a")


def bk2_lines(inputs):
  for held in inputs.tolist():
    on = pad.held(held)
    letters = (MARKS[i] if n in on else "." for i, n in enumerate(NAMES))
    yield "|" + "".join(letters) + ".|"


def bk2(lines, header="", key=LOG_KEY):
  buffer = io.BytesIO()
  with zipfile.ZipFile(buffer, "w") as archive:
    text = "\r\n".join(["[Input]", key, *lines, "[/Input]"])
    archive.writestr("Input Log.txt", text)
    archive.writestr("Header.txt", header)
  return buffer.getvalue()


@pytest.fixture
def write(tmp_path):
  def write(name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path

  return write


def test_bizhawk_movie_gives_its_inputs(rom, write):
  inputs = pad.parse_script("A2 .3 URs1 DSLB2 .1")
  header = f"Author somebody\nCore Gambatte\nSHA1 {rom.sha1.upper()}\n"
  path = write("x.bk2", bk2(bk2_lines(inputs), header))
  play = imports.read(path, rom)
  np.testing.assert_array_equal(play.inputs, inputs)
  assert play.meta["by"] == "somebody, BizHawk movie (Gambatte)"


def test_bizhawk_groups_and_axes(rom, write):
  key = "LogKey:#Input Length|Power|#P1 A|P1 B|P1 Up|"
  lines = ["|    35112,.|A..|", "|   -12,.|.B.|", "|    0,.|..U|"]
  play = imports.read(write("x.bk2", bk2(lines, key=key)), rom)
  want = [pad.bits([n]) for n in ("a", "b", "up")]
  assert play.inputs.tolist() == want


@pytest.mark.parametrize(
  ("lines", "header", "reason"),
  [
    (["|........P|"], "", "presses Power at frame 0"),
    (["|....|"], "", "fewer buttons"),
    ([], "", "no inputs"),
    (["|.........|"], "StartsFromSavestate 1", "begins at a state"),
    (["|.........|"], f"SHA1 {'a' * 40}", "was made on a ROM"),
  ],
)
def test_bizhawk_movies_that_cannot_be(rom, write, lines, header, reason):
  with pytest.raises(ImportProblem, match=reason):
    imports.read(write("x.bk2", bk2(lines, header)), rom)


@pytest.mark.parametrize("offset", [3, -2])
def test_offset_shifts_a_movie(rom, write, offset):
  inputs = pad.parse_script("A2 B5")
  path = write("x.bk2", bk2(bk2_lines(inputs)))
  got = imports.read(path, rom, offset).inputs.tolist()
  want = inputs.tolist()
  assert got == ([0] * 3 + want if offset > 0 else want[2:])


# PyBoy.


EVENTS = {n: e for e, n in imports._PRESS.items()}


@pytest.fixture(scope="module")
def pyboy_log(rom, walk):
  """A log as `pyboy --record-input` writes it, of a walk from a state."""
  inputs = walk[20:]
  emulator = emulators.power_on(rom)
  for before, held in zip([0, *walk], walk[:20], strict=False):
    pad.turn(emulator, int(before), int(held))
    emulator.tick(1, True, False)
  state = emulators.dump(emulator)
  rows, before = [], int(walk[19])
  for f, held in enumerate(inputs.tolist()):
    if held != before:
      events = [EVENTS[n] for n in pad.held(held & ~before)]
      events += [EVENTS[n] + 8 for n in pad.held(before & ~held)]
      shot = np.ascontiguousarray(emulator.screen.ndarray[:, :, :-1])
      rows.append([f, events, base64.b64encode(shot).decode()])
    pad.turn(emulator, before, held)
    before = held
    emulator.tick(1, True, False)
  emulator.stop(save=False)
  digest = hashlib.sha256(pathlib.Path(rom.path).read_bytes()).digest()
  return rows, base64.b64encode(digest).decode(), state


def replay_file(rows, digest, state):
  state = base64.b64encode(state).decode() if state else None
  return zlib.compress(json.dumps([rows, digest, state]).encode())


def test_pyboy_log_replays_with_its_pictures(rom, write, pyboy_log, walk):
  path = write("x.replay", replay_file(*pyboy_log))
  play = imports.read(path, rom)
  last = pyboy_log[0][-1][0]
  np.testing.assert_array_equal(play.inputs[:last], walk[20:][:last])
  assert len(play.marks) >= len(pyboy_log[0]) - 1
  episode, kept, notes = imports.bring_in(rom, play, "import")
  assert not notes and len(kept) == len(play)
  episode.check()
  assert episode.decode_ram().is_playing[-1]


def test_pyboy_log_from_another_start_is_a_desync(rom, write, pyboy_log):
  rows, digest, _ = pyboy_log
  black = base64.b64encode(bytes(frames.HEIGHT * frames.WIDTH * 3)).decode()
  rows = [*rows[:6], [rows[6][0], rows[6][1], black], *rows[7:]]
  path = write("x.replay", replay_file(rows, digest, pyboy_log[2]))
  episode, kept, notes = imports.bring_in(
    rom, imports.read(path, rom), "import"
  )
  assert notes[0].startswith("desync")
  assert len(kept) == rows[5][0] and len(episode) < 10


def test_pyboy_log_of_another_rom_is_refused(rom, write, pyboy_log):
  rows, _, state = pyboy_log
  digest = base64.b64encode(bytes(32)).decode()
  with pytest.raises(ImportProblem, match="SHA-256"):
    imports.read(write("x.replay", replay_file(rows, digest, state)), rom)


@pytest.mark.parametrize(
  ("name", "data", "reason"),
  [
    ("x.replay", b"junk", "no input log of PyBoy"),
    ("x.replay", zlib.compress(b"[1]"), "no input log of PyBoy"),
    ("x.bk2", b"junk", "no BizHawk movie"),
    ("x.txt", b"", "known are"),
  ],
)
def test_other_files_are_refused(rom, write, name, data, reason):
  with pytest.raises(ImportProblem, match=reason):
    imports.read(write(name, data), rom)


def test_missing_file_is_named(rom, tmp_path):
  with pytest.raises(ImportProblem, match=r"none\.bk2"):
    imports.read(tmp_path / "none.bk2", rom)


# Replays.


def test_movie_that_lost_its_way_is_cut_and_said(rom, write, walk):
  # It plays, then walks into a wall of the first house for good.
  inputs = np.append(walk, pad.parse_script("U1200"))
  path = write("x.bk2", bk2(bk2_lines(inputs)))
  episode, kept, notes = imports.bring_in(
    rom, imports.read(path, rom), "import"
  )
  assert len(notes) == 1 and "desync suspected" in notes[0]
  episode.check()
  assert len(kept) < len(inputs) - 900


def test_movie_in_which_play_never_began_says_so(rom, write):
  inputs = pad.parse_script(".10 U5 .20 D5 .20")
  path = write("x.bk2", bk2(bk2_lines(inputs)))
  _, _, notes = imports.bring_in(rom, imports.read(path, rom), "import")
  assert notes == ["play never began: the inputs do not get past the intro."]


def test_a_play_without_a_press_is_refused(rom):
  session = recordings.Session(rom, "nobody")
  session.play(0)
  play = session.recording()
  session.close()
  with pytest.raises(ImportProblem, match="no button was pressed"):
    imports.bring_in(rom, play, "human")
