import numpy as np
import pytest

from dreamer_jax.game import frames


def random_frames(*lead):
  rng = np.random.default_rng(0)
  return rng.integers(0, 4, (*lead, 144, 160), dtype=np.uint8)


def test_pack_by_hand():
  frame = np.zeros((144, 160), np.uint8)
  frame[8, 16:24] = [3, 2, 1, 0, 0, 1, 2, 3]  # first row of tile (1, 2)
  frame[15, 23] = 1  # its last pixel
  packed = frames.pack(frame)
  tile = packed[1, 2]
  assert tile.tolist() == [0b11100100, 0b00011011] + [0] * 13 + [1]
  packed[1, 2] = 0
  assert not packed.any()


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
def test_round_trip(lead):
  frame = random_frames(*lead)
  packed = frames.pack(frame)
  assert packed.shape == (*lead, 18, 20, 16) and packed.dtype == np.uint8
  np.testing.assert_array_equal(frames.unpack(packed), frame)
  for index in np.ndindex(*lead):
    np.testing.assert_array_equal(packed[index], frames.pack(frame[index]))


def test_pack_takes_strided_frames():
  frame = random_frames(2)[:, ::-1, ::-1]
  np.testing.assert_array_equal(frames.unpack(frames.pack(frame)), frame)


def test_shades_of_the_emulators_greys():
  rgba = np.zeros((144, 160, 4), np.uint8)
  rgba[0, :4, :3] = np.array([0xFF, 0x99, 0x55, 0x00])[:, None]
  shade = frames.shades(rgba)
  assert shade[0, :4].tolist() == [0, 1, 2, 3]
  rgba[:] = 0xFF  # a live view changes; the copy must not
  assert shade[0, 3] == 3 and shade.dtype == np.uint8


def test_to_rgb():
  rgb = frames.to_rgb(np.array([[0, 1], [2, 3]], np.uint8))
  assert rgb.shape == (2, 2, 3) and rgb.dtype == np.uint8
  assert rgb[..., 0].tolist() == [[255, 170], [85, 0]]


def test_wrong_shapes_are_refused():
  with pytest.raises(ValueError, match="144 x 160"):
    frames.pack(np.zeros((160, 144), np.uint8))
  with pytest.raises(ValueError, match="18 x 20 x 16"):
    frames.unpack(np.zeros((18, 20, 8), np.uint8))


def test_pack_screen_is_pack_of_shades():
  rng = np.random.default_rng(3)
  grey = np.array([0xFF, 0x99, 0x55, 0x00], np.uint8)
  rgba = np.zeros((144, 160, 4), np.uint8)
  rgba[...] = grey[rng.integers(0, 4, (144, 160, 1))]
  rgba[..., 3] = 0xFF  # whatever is in the fourth byte
  kept = rgba.copy()
  packed = frames.pack_screen(rgba)
  np.testing.assert_array_equal(packed, frames.pack(frames.shades(rgba)))
  np.testing.assert_array_equal(rgba, kept)
