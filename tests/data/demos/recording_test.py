import dataclasses

import numpy as np
import pytest

from dreamer_jax.data.demos import recording as recordings
from dreamer_jax.data.demos.recording import DesyncError, RecordingError
from dreamer_jax.game import memory
from dreamer_jax.game.human import pad

SCRIPT = ".60 s8 .40 A8 .60 A8 .60 A8 .60 A8 .60 D60 .20 L60 .60"


def record(rom, inputs, **options):
  session = recordings.Session(rom, "test", **options)
  for held in inputs:
    session.play(int(held))
  play, after = session.recording(), recordings.digest(session.emulator)
  session.close()
  return play, after


@pytest.fixture(scope="module")
def play(rom, walk):
  return record(rom, walk)[0]


def test_replay_ends_where_the_play_did(rom, play, walk):
  np.testing.assert_array_equal(play.inputs, walk)
  assert len(play) == len(walk) and len(play.marks) == len(walk) // 60
  assert recordings.verify(rom, play) == len(play.marks)
  again, _ = record(rom, play.inputs)
  assert again.marks == play.marks


def test_replay_yields_every_frame_from_the_start(rom, play):
  counts = [f for f, _ in recordings.replay(rom, recordings.cut(play, 5))]
  assert counts == [0, 1, 2, 3, 4, 5]


def test_another_input_is_a_desync_that_says_what_holds(rom, play):
  inputs = play.inputs.copy()
  inputs[-200:] = pad.bits(["right"])  # another way to walk
  other = dataclasses.replace(play, inputs=inputs)
  with pytest.raises(DesyncError, match="between frames") as error:
    recordings.verify(rom, other)
  assert error.value.good % 60 == 0 and error.value.good > 0
  good = recordings.cut(other, error.value.good)
  assert recordings.verify(rom, good) == error.value.good // 60
  assert good.meta["frames"] == len(good) == error.value.good


def test_another_rom_is_refused(rom, play):
  with pytest.raises(RecordingError, match="--rom"):
    recordings.verify(rom._replace(sha1="0" * 40), play)


def test_file_gives_back_all_of_it(rom, play, tmp_path):
  states = {60: b"one", 120: b"two two"}
  full = dataclasses.replace(
    play, start=b"s\n\0", battery=b"\1\2", states=states
  )
  recordings.save(tmp_path / "x.play", full)
  back = recordings.load(tmp_path / "x.play")
  for field in dataclasses.fields(full):
    a, b = getattr(full, field.name), getattr(back, field.name)
    np.testing.assert_array_equal(a, b)
  assert (tmp_path / "x.play").stat().st_size < 3000


def test_damaged_files_are_refused(play, tmp_path):
  path = tmp_path / "x.play"
  recordings.save(path, play)
  data = bytearray(path.read_bytes())
  data[-3] ^= 1
  path.write_bytes(data)
  with pytest.raises(RecordingError, match="damaged"):
    recordings.load(path)
  with pytest.raises(RecordingError, match="cannot read"):
    recordings.load(tmp_path / "none.play")


def test_kept_states_are_on_the_way(rom, play, monkeypatch):
  monkeypatch.setattr(recordings, "STATE_FRAMES", 120)
  kept, after = record(rom, play.inputs[:300])
  assert list(kept.states) == [120, 240]
  rest, end = record(rom, play.inputs[240:300], start=kept.states[240])
  assert end == after and list(rest.marks.values()) == [kept.marks[300]]
  assert recordings.verify(rom, rest) == 1


def test_picture_marks_look_at_the_screen_alone(rom, play):
  # A screen of the title, judged at two times of it.
  shots = {}
  for f, emulator in recordings.replay(
    rom, play, draw=np.ones(len(play), bool)
  ):
    if f in (58, 60, len(play)):
      shots[f] = recordings.frames.shades(emulator.screen.ndarray)
  marks = {f: recordings.picture_mark(shot) for f, shot in shots.items()}
  assert recordings.verify(rom, dataclasses.replace(play, marks=marks)) == 3
  marks[60] = recordings.picture_mark(3 - shots[60])
  with pytest.raises(DesyncError) as error:
    recordings.verify(rom, dataclasses.replace(play, marks=marks))
  assert error.value.good == 58


def test_a_state_saved_with_a_button_down_does_not_hold_it(rom, walk):
  env = recordings.Session(rom, "test")
  for held in [*walk[:-150].tolist(), *[pad.bits(["left"])] * 4]:
    env.play(held)
  dumped = recordings.emulators.dump(env.emulator)
  env.close()
  start = recordings.emulators.pack_state(dumped, rom.sha1)
  rest, _ = record(rom, [0] * 120, start=start)
  x = memory.find("wXCoord").address
  seen = [e.memory[x] for _, e in recordings.replay(rom, rest)]
  assert seen[40] == seen[-1], "it would walk on for ever"
  assert seen[-1] > 0, "there is no room to walk: the test says nothing"
