"""The encoder against plain loops, and what it must and must not depend on."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.world_model.encoder import TileEncoder
from dreamer_jax.world_model.pixels import unpack_pixels
from tests.conftest import made
from tests.world_model.model_test import patterns

BOOK, WIDTHS, TOKEN = 6, (3, 4, 5), 7


@pytest.fixture(name="params", scope="module")
def fixture_params():
  tiles = jnp.zeros((1, 18, 20), jnp.int32)
  model = TileEncoder(book(), *WIDTHS, TOKEN)
  return made(lambda: model.init(jax.random.PRNGKey(0), tiles)["params"])


def book():
  return unpack_pixels(patterns(BOOK))


@jax.jit
def encode(params, pixels, tiles):
  return TileEncoder(pixels, *WIDTHS, TOKEN).apply({"params": params}, tiles)


@jax.jit
def cells(params, pixels, tiles):
  """`[N, 15, width]`, before they become a token."""
  _, state = TileEncoder(pixels, *WIDTHS, TOKEN).apply(
    {"params": params}, tiles, capture_intermediates=True,
    mutable=["intermediates"],
  )  # fmt: skip
  return state["intermediates"]["cell"]["__call__"][0].reshape(
    *tiles.shape[:-2], 15, -1
  )


def screens(size=3, seed=0):
  rng = np.random.default_rng(seed)
  return jnp.asarray(rng.integers(0, BOOK, (size, 18, 20)), jnp.int32)


def silu_of_norm(x, scale):
  x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-4) * scale
  return x / (1 + np.exp(-x))


def block(p, x):
  x = x @ p["Linear_0"]["kernel"] + p["Linear_0"]["bias"]
  return silu_of_norm(x, p["RMSNorm_0"]["scale"])


def by_hand(p, pixels, screen):
  """One screen, tile by tile: pixels, 2x2 tiles, 3x2 pairs, 3x5 cells."""
  summands = p["pair"]["kernel"].reshape(WIDTHS[0], 4, WIDTHS[1])
  bias = p["pair"]["bias"].reshape(4, WIDTHS[1])
  out = []
  for cell_y, cell_x in np.ndindex(3, 5):
    pairs = []
    for pair_y, pair_x in np.ndindex(3, 2):
      total = np.zeros(WIDTHS[1])
      for y, x in np.ndindex(2, 2):
        row, column = 6 * cell_y + 2 * pair_y + y, 4 * cell_x + 2 * pair_x + x
        tile = block(p["tile"], pixels[screen[row, column]])
        total += tile @ summands[:, 2 * y + x] + bias[2 * y + x]
      pairs.append(silu_of_norm(total, p["pair_norm"]["scale"]))
    out.append(block(p["cell"], np.concatenate(pairs)))
  return np.concatenate(out) @ p["token"]["kernel"] + p["token"]["bias"]


def test_a_token_by_hand(params):
  tiles = screens(2)
  exact = jax.tree.map(lambda x: np.asarray(x, np.float64), params)
  want = [by_hand(exact, np.asarray(book()), np.asarray(x)) for x in tiles]
  np.testing.assert_allclose(encode(params, book(), tiles), want, atol=1e-4)


def test_a_tile_is_what_it_looks_like(params):
  """Another numbering of the same patterns changes nothing."""
  order = np.random.default_rng(2).permutation(BOOK)
  renamed = jnp.asarray(np.argsort(order))[screens()]
  np.testing.assert_allclose(
    encode(params, book()[order], renamed),
    encode(params, book(), screens()),
    atol=1e-5,
  )


def test_two_ids_of_one_pattern_are_the_same(params):
  twins = book().at[4].set(book()[1])
  tiles = screens()
  assert (tiles == 4).any()
  np.testing.assert_array_equal(
    encode(params, twins, tiles),
    encode(params, twins, jnp.where(tiles == 4, 1, tiles)),
  )


def test_patterns_that_are_not_on_the_screen_do_not_matter(params):
  """As when the codebook grows."""
  tiles = jnp.minimum(screens(), 3)
  np.testing.assert_array_equal(
    encode(params, book().at[4:].multiply(-1), tiles),
    encode(params, book(), tiles),
  )


def one_changed():
  """A screen, and the 360 that differ from it in one tile."""
  base = jnp.zeros(360, jnp.int32)
  each = jnp.where(jnp.eye(360, dtype=bool), 1, base)
  return base.reshape(18, 20), each.reshape(360, 18, 20)


def test_every_tile_matters_and_so_does_its_place(params):
  base, each = one_changed()
  every = jnp.concatenate([base[None], each])
  tokens = np.asarray(encode(params, book(), every))
  apart = np.abs(tokens[:, None] - tokens).max(-1)
  assert apart[np.triu_indices(361, 1)].min() > 1e-4


def test_a_tile_is_heard_of_by_its_own_cell_only(params):
  """A cell is 6 rows by 4 columns."""
  base, each = one_changed()
  seen = cells(params, book(), jnp.concatenate([base[None], each]))
  moved = jnp.abs(seen[1:] - seen[0]).max(-1) > 1e-5  # [360, 15]
  y, x = np.divmod(np.arange(360), 20)
  np.testing.assert_array_equal(
    moved, np.arange(15) == (5 * (y // 6) + x // 4)[:, None]
  )


def test_leading_axes_are_screens_side_by_side(params):
  tiles = screens(6)
  np.testing.assert_allclose(
    encode(params, book(), tiles.reshape(2, 3, 18, 20)).reshape(6, -1),
    jnp.concatenate([encode(params, book(), x[None]) for x in tiles]),
    atol=1e-5,
  )


def test_narrow_products_are_near_and_come_out_wide(params):
  """Only products are rounded, to 8 bits; a table of few patterns is not."""
  tiles = screens(8)
  narrow = TileEncoder(book(), *WIDTHS, TOKEN, dtype="bfloat16")
  got = jax.jit(lambda p: narrow.apply({"params": p}, tiles))(params)
  want = encode(params, book(), tiles)
  assert got.dtype == jnp.float32
  off = jnp.abs(got - want).max() / jnp.abs(want).max()
  assert 0 < off < 0.02
