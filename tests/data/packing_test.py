import jax
import numpy as np

from dreamer_jax.contract import DONE_BYTES, NUM_MAPS
from dreamer_jax.data import packing


def test_what_is_packed_comes_back():
  rng = np.random.default_rng(0)
  draw = lambda width: rng.integers(0, 256, (5, width), dtype=np.uint8)
  terms = rng.normal(size=(5, 7)).astype(np.float32)
  terms[0] = [0.0, -0.0, 1e-38, np.inf, -1.5, 3e38, 1.0]
  returns = np.array([[np.nan, 110.5]] * 5, np.float32)
  whole = (terms, draw(NUM_MAPS // 8), draw(DONE_BYTES), returns)
  rows = packing.pack(*whole)
  assert rows.shape == (5, packing.WIDTH) and rows.dtype == np.uint8
  for got, want in zip(jax.jit(packing.unpack)(rows), whole, strict=True):
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)
