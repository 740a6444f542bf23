import numpy as np
import pytest

from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.errors import UserError
from dreamer_jax.game import frames


@pytest.fixture
def packed(make_tiles):
  """[5, 18, 20, 16]: pattern k is rarer than pattern k - 1."""
  rng = np.random.default_rng(0)
  ids = np.minimum(rng.geometric(0.1, (5, 18, 20)) - 1, 59)
  return make_tiles(60)[ids]


def test_ids_are_in_the_order_of_frequency(packed):
  book = TileCodebook.build(packed, 100)
  counts = np.bincount(book.encode(packed).ravel(), minlength=len(book))
  assert len(book) > 30 and (np.diff(counts) <= 0).all()


def test_round_trip_is_exact_within_the_capacity(packed):
  book = TileCodebook.build(packed, 100)
  ids = book.encode(packed)
  assert ids.shape == (5, 18, 20) and ids.dtype == np.int16
  np.testing.assert_array_equal(book.decode(ids), packed)
  np.testing.assert_array_equal(book.frames(ids), frames.unpack(packed))
  assert book.exactness(packed) == (1.0, 1.0, float("inf"))


def test_chunks_count_like_the_whole(packed):
  whole = TileCodebook.build(packed, 30)
  parts = TileCodebook.build((chunk for chunk in packed), 30)
  assert whole.hash == parts.hash


def test_rare_pattern_maps_to_the_nearest(make_tiles):
  patterns = np.zeros((3, 16), np.uint8)
  patterns[1] = 0xFF
  patterns[2] = 0x0F
  book = TileCodebook(patterns, 3)
  near = patterns.copy()
  near[:, 3] ^= 0b101
  ids = book.encode(near)
  assert ids.tolist() == [0, 1, 2]
  assert book.encode(near[::-1]).tolist() == [2, 1, 0]  # remembered


def test_nearest_agrees_with_pixels(packed, make_tiles):
  book = TileCodebook.build(packed, 10)
  for tile in make_tiles(20, seed=1):
    bits = np.unpackbits(book.patterns ^ tile, axis=1).sum(1)
    assert bits[book.encode(tile)] == bits.min()


def test_exactness_by_hand():
  white, black = np.zeros(16, np.uint8), np.full(16, 0xFF, np.uint8)
  packed = np.zeros((2, 18, 20, 16), np.uint8)
  packed[1, 0, 0] = 0b01010101  # shade 1: nearest is white
  book = TileCodebook(np.stack([white, black]), 2)
  exact = book.exactness(packed)
  assert exact.tiles == pytest.approx(1 - 1 / 720)
  assert exact.frames == 0.5
  assert exact.psnr_db == pytest.approx(-10 * np.log10(1 / 9 / 720))


def test_grow_keeps_ids_and_stops_at_the_capacity(packed, make_tiles):
  book = TileCodebook.build(
    packed, len(np.unique(packed.reshape(-1, 16), axis=0)) + 2
  )
  before, old = book.patterns.copy(), book.hash
  ids = book.encode(packed)
  assert book.grow(packed) == 0 and book.hash == old
  unknown = make_tiles(5, seed=9)
  more = np.concatenate([packed.reshape(-1, 16), unknown, unknown[3:4]])
  close = unknown[3] ^ np.array([1] + [0] * 15, np.uint8)
  assert book.encode(close) < len(before)
  assert book.grow(more) == 2 and book.hash != old
  np.testing.assert_array_equal(book.patterns[: len(before)], before)
  np.testing.assert_array_equal(book.encode(packed), ids)
  assert book.encode(unknown[3]) == len(before)
  assert book.encode(close) == len(before)  # there is a nearer one now
  assert book.grow(more) == 0


def test_save_and_load(packed, tmp_path):
  book = TileCodebook.build(packed, 50)
  book.save(tmp_path / "tiles.npz")
  loaded = TileCodebook.load(tmp_path / "tiles.npz")
  assert (loaded.hash, loaded.capacity) == (book.hash, 50)
  np.testing.assert_array_equal(loaded.encode(packed), book.encode(packed))


def test_damaged_file_is_refused(packed, tmp_path):
  path = tmp_path / "tiles.npz"
  TileCodebook.build(packed, 50).save(path)
  path.write_bytes(path.read_bytes()[:200])
  with pytest.raises(UserError, match="build it again"):
    TileCodebook.load(path)
  with pytest.raises(UserError, match="missing"):
    TileCodebook.load(tmp_path / "none.npz")


def test_wrong_patterns_are_refused(make_tiles):
  tiles = make_tiles(3)
  with pytest.raises(ValueError, match="capacity"):
    TileCodebook(tiles, 2)
  with pytest.raises(ValueError, match="repeat"):
    TileCodebook(tiles[[0, 1, 0]], 5)
  with pytest.raises(ValueError, match=r"\[V, 16\]"):
    TileCodebook(tiles[:, :8], 5)
