import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.report import video


def made_frames(count=4, seed=0):
  rng = np.random.default_rng(seed)
  return rng.integers(0, 4, (count, 144, 160), dtype=np.uint8)


@pytest.fixture
def pictures():
  return [
    video.beside([video.colorize(f)] * 2, ["game", "dream"], "up", scale=1)
    for f in made_frames(12)
  ]


def test_upscale_keeps_pixels_sharp():
  picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
  big = video.upscale(picture, 3)
  assert big.shape == (6, 6, 3)
  assert (big[:3, 3:] == picture[0, 1]).all()


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_panels_lie_beside_each_other_in_even_sizes(scale):
  frames = made_frames(2)
  panels = [video.colorize(f) for f in frames]
  whole = video.beside(panels, ["a", "b"], scale=scale)
  assert not whole.shape[0] % 2 and not whole.shape[1] % 2
  top, left, step = 12 * scale, 4 * scale, 164 * scale
  for i, panel in enumerate(panels):
    part = whole[top:, left + i * step :][: 144 * scale, : 160 * scale]
    assert (part == video.upscale(panel, scale)).all()


def test_difference_marks_the_wrong_pixels_only():
  real = made_frames(1)[0]
  dreamed = real.copy()
  dreamed[3, 5] ^= 1
  marked = (video.difference(real, dreamed) == video.WRONG).all(-1)
  assert marked[3, 5] and marked.sum() == 1


def test_film_strip_shows_game_dream_and_difference():
  real, dreamed = made_frames(3), made_frames(3, 1)
  strip = video.film_strip(real, dreamed, (0, 1, 5))
  flat = strip.tobytes()
  for picture in (
    video.colorize(real[2]), video.colorize(dreamed[2]),
    video.difference(real[2], dreamed[2]),
  ):  # fmt: skip
    assert picture[0].tobytes() in flat


def test_mp4_plays_everywhere(pictures, tmp_path):
  path = tmp_path / "new" / "a.mp4"
  video.write_mp4(path, pictures, 8)
  assert [p.name for p in path.parent.iterdir()] == ["a.mp4"]
  told = subprocess.run(
    [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path], capture_output=True
  ).stderr.decode()
  height, width, _ = pictures[0].shape
  assert "h264" in told and "yuv420p" in told and f"{width}x{height}" in told
  assert "8 fps" in told


def test_a_failed_video_leaves_the_old_one(pictures, tmp_path):
  path = tmp_path / "a.mp4"
  path.write_bytes(b"old")
  odd = [p[:-1] for p in pictures]
  with pytest.raises(UserError, match=r"cannot write .*a\.mp4"):
    video.write_mp4(path, odd, 8)
  assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_gif_loops_and_keeps_to_its_limit(pictures, tmp_path):
  path = tmp_path / "a.gif"
  video.write_gif(path, pictures, 8)
  whole = Image.open(path)
  assert whole.n_frames == len(pictures) and whole.info["loop"] == 0
  size = path.stat().st_size
  video.write_gif(path, pictures, 8, limit=size // 2)
  assert path.stat().st_size <= size // 2
  assert 1 < Image.open(path).n_frames < len(pictures)


def test_gif_keeps_the_palette(tmp_path):
  path = tmp_path / "a.gif"
  pictures = [video.colorize(f) for f in made_frames(3)]
  video.write_gif(path, pictures, 8)
  image = Image.open(path)
  image.seek(2)
  shown = np.asarray(image.convert("RGB")).astype(int)
  assert np.abs(shown - pictures[2]).max() <= 3
