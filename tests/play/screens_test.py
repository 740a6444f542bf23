"""What a person sees: picture, video, terminal, window."""

import io
import sys

import imageio.v3 as iio
import numpy as np
import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.play import picture, screens
from dreamer_jax.play.recorder import Recording


def test_the_picture_shows_game_dream_and_words(scene):
  drawn = picture.compose(scene)
  assert drawn.shape[0] % 2 == drawn.shape[1] % 2 == 0
  without = picture.compose(scene._replace(dream=None))
  differs = (drawn != without).any(-1)
  columns = np.flatnonzero(differs.any(0))
  assert columns.min() >= 2 * 12 + 480  # only where the dream is
  other = picture.compose(scene._replace(badges=0))
  rows = np.flatnonzero((drawn != other).any((1, 2)))
  assert rows.size and rows.min() > 12 + 432  # only the words
  shown = drawn[12 : 12 + 432 : 3, 12 : 12 + 480 : 3]
  assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 4


def test_a_recording_is_a_whole_video_or_nothing(scene, tmp_path):
  path = tmp_path / "deep" / "play.mp4"
  with Recording(path, 10.0, may_skip=False) as recording:
    for i in range(20):
      recording.scene(scene._replace(step=i))
    assert not path.exists()
  frames = iio.imread(path, plugin="FFMPEG")
  assert len(frames) == 20 and recording.skipped == 0
  assert np.abs(frames[0].astype(int) - picture.compose(scene)).mean() < 20
  assert [p.name for p in path.parent.iterdir()] == ["play.mp4"]


def test_in_real_time_a_full_queue_is_skipped(scene, tmp_path):
  recording = Recording(tmp_path / "play.mp4", 10.0, may_skip=True)
  for _ in range(100):  # nobody encodes yet
    recording.scene(scene)
  assert recording.skipped == 36


def test_a_video_that_cannot_be_written_is_one_sentence(scene):
  with pytest.raises(UserError, match=r"cannot write /proc/.*--novideo"):
    Recording("/proc/none/play.mp4", 10.0, may_skip=False)


def test_a_pipe_gets_a_line_for_each_goal(scene):
  out = io.StringIO()
  terminal = screens.Terminal(out)
  for step in range(5):
    terminal.scene(scene._replace(step=step))
  assert out.getvalue().count("\n") == 1 and "\x1b" not in out.getvalue()
  assert "find a new place (rules)" in out.getvalue()


def test_half_blocks_draw_the_frame(scene):
  text = screens.blocks(scene.frame)
  rows = text.split("\n")
  assert len(rows) == 36 and all(row.count("▀") == 80 for row in rows)
  assert all(row.endswith("\x1b[0m") for row in rows)


def test_the_window_draws_without_a_display(scene, monkeypatch):
  monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
  window = screens.Window()
  window.frame(scene.frame)
  window.scene(scene)
  assert window.is_open
  window.close()


def test_no_display_is_one_sentence(monkeypatch):
  monkeypatch.setenv("SDL_VIDEODRIVER", "nonsense")
  with pytest.raises(UserError, match="add --headless"):
    screens.Window()


@pytest.mark.skipif(sys.platform != "linux", reason="X11's variables")
@pytest.mark.parametrize("display", ["", ":77"])
def test_a_window_that_nobody_would_see_is_none(monkeypatch, display, capfd):
  """Without a display, or with one that is not there, SDL draws anyway."""
  for name in ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR"):
    monkeypatch.delenv(name, raising=False)
  monkeypatch.setenv("DISPLAY", display)
  with pytest.raises(UserError, match=r"no display.*add --headless"):
    screens.Window()
  assert capfd.readouterr().err == ""
