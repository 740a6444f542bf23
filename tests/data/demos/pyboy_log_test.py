import base64
import hashlib
import json
import pathlib
import zlib

import numpy as np
import pytest

from dreamer_jax.data.demos import import_movies, pyboy_log
from dreamer_jax.data.demos.import_movies import ImportProblem
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import frames
from dreamer_jax.game.human import pad

EVENTS = {n: e for e, n in pyboy_log._PRESS.items()}


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


def test_a_log_replays_with_its_pictures(rom, write, pyboy_log, walk):
  path = write("x.replay", replay_file(*pyboy_log))
  play = import_movies.read(path, rom)
  last = pyboy_log[0][-1][0]
  np.testing.assert_array_equal(play.inputs[:last], walk[20:][:last])
  assert len(play.marks) >= len(pyboy_log[0]) - 1
  episode, kept, notes = import_movies.bring_in(rom, play)
  assert not notes and len(kept) == len(play)
  episode.check()
  assert episode.decode_ram().is_playing[-1]


def test_a_log_from_another_start_is_a_desync(rom, write, pyboy_log):
  rows, digest, _ = pyboy_log
  black = base64.b64encode(bytes(frames.HEIGHT * frames.WIDTH * 3)).decode()
  rows = [*rows[:6], [rows[6][0], rows[6][1], black], *rows[7:]]
  path = write("x.replay", replay_file(rows, digest, pyboy_log[2]))
  episode, kept, notes = import_movies.bring_in(
    rom, import_movies.read(path, rom)
  )
  assert notes[0].startswith("desync")
  assert len(kept) == rows[5][0] and len(episode) < 10


def test_a_log_of_another_rom_is_refused(rom, write, pyboy_log):
  rows, _, state = pyboy_log
  digest = base64.b64encode(bytes(32)).decode()
  with pytest.raises(ImportProblem, match="SHA-256"):
    import_movies.read(write("x.replay", replay_file(rows, digest, state)), rom)


LOAD, QUIET = 21, [0, 17, 18, 19, 20, 22, 24, 25, 26, 31, 32, 36, 41, 44]


@pytest.mark.parametrize(
  ("event", "reason"),
  [
    (LOAD, "loads a state at frame 7"),
    (27, "rewinds at frame 7"),
    (28, "rewinds at frame 7"),
    (29, "rewinds"),
    (30, "rewinds"),
    (45, "event 45, of a newer PyBoy"),
    (-1, "event -1"),
  ],
)
def test_events_that_change_play_are_refused_by_name(
  rom, write, pyboy_log, event, reason
):
  _, digest, _ = pyboy_log
  path = write("x.replay", replay_file([[7, [event], ""]], digest, b""))
  with pytest.raises(ImportProblem, match=reason):
    import_movies.read(path, rom)


def test_events_that_change_no_play_are_skipped(rom, write, pyboy_log):
  _, digest, _ = pyboy_log
  rows = [[3, [*QUIET, EVENTS["a"]], ""], [9, [EVENTS["a"] + 8, *QUIET], None]]
  path = write("x.replay", replay_file(rows, digest, b""))
  want = pad.parse_script(".3 A6 .60")
  np.testing.assert_array_equal(import_movies.read(path, rom).inputs, want)


def test_pictures_of_other_colours_are_no_marks(rom, write, pyboy_log):
  rows, digest, state = pyboy_log
  rows = [*rows[:3], [rows[3][0], [42, *rows[3][1]], rows[3][2]], *rows[4:]]
  play = import_movies.read(
    write("x.replay", replay_file(rows, digest, state)), rom
  )
  assert max(play.marks) == rows[3][0]


def test_states_of_older_pyboys_begin_a_log(rom, write, pyboy_log):
  from tests.game import savestates_test as states

  if rom.name != "Lantern Isle":
    pytest.skip("the states are Lantern Isle's")
  _, digest, _ = pyboy_log
  rows = [[5, [EVENTS["right"]], ""], [30, [EVENTS["right"] + 8], ""]]
  state = states.STATES["2.4.1"]
  path = write("x.replay", replay_file(rows, digest, state))
  episode, _, _ = import_movies.bring_in(rom, import_movies.read(path, rom))
  assert episode.decode_ram().x.tolist()[0] == 1
  assert episode.decode_ram().x.max() > 1


@pytest.mark.parametrize("state", [b"junk", bytes(32768), b"\x40" + bytes(200)])
def test_states_that_are_none_are_a_sentence(rom, write, pyboy_log, state):
  rows, digest, _ = pyboy_log
  path = write("x.replay", replay_file(rows, digest, state))
  with pytest.raises(UserError, match="state of PyBoy"):
    import_movies.bring_in(rom, import_movies.read(path, rom))


def test_a_state_that_is_no_base64_is_not_left_out(rom, write, pyboy_log):
  rows, digest, _ = pyboy_log
  data = zlib.compress(json.dumps([rows, digest, "???!"]).encode())
  with pytest.raises(ImportProblem, match="no input log of PyBoy or is dam"):
    import_movies.read(write("x.replay", data), rom)


@pytest.mark.parametrize(
  "rows",
  [
    [[9, [5], ""], [3, [13], ""]],
    [[-1, [5], ""]],
    [[10**12, [5], ""]],
    [["x", [5], ""]],
    [[1, ["x"], ""]],
    [[1, [5]]],
    [[1, 5, ""]],
    [[1, [5], 7]],
    {"a": 1},
  ],
)
def test_damaged_logs_are_refused(rom, write, pyboy_log, rows):
  _, digest, _ = pyboy_log
  path = write("x.replay", replay_file(rows, digest, b""))
  with pytest.raises(ImportProblem, match="no input log of PyBoy or is dam"):
    import_movies.read(path, rom)


@pytest.mark.parametrize(
  "data",
  [b"", b"junk", zlib.compress(b"[1]"), zlib.compress(b"{}"),
   zlib.compress(json.dumps([[], None, None]).encode()),
   zlib.compress(json.dumps([[], "YQ==", None]).encode()),
   zlib.compress(b"[[], " + b"1" * 99), zlib.compress(b"[" * 100_000)],
)  # fmt: skip
def test_other_data_is_refused(rom, write, data):
  with pytest.raises(ImportProblem, match="no input log of PyBoy"):
    import_movies.read(write("x.replay", data), rom)
