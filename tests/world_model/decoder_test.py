"""The decoder: each place its own, and tiles drawn by what they look like."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model.decoder import (
  LOGIT_GAIN,
  PixelLogits,
  TileDecoder,
  TileLogits,
)
from dreamer_jax.world_model.model import WorldModel
from dreamer_jax.world_model.pixels import (
  pack_pixels,
  unpack_pixels,
  unpack_shades,
)
from tests.conftest import made
from tests.world_model.model_test import patterns

BOOK, WIDTH, HIDDEN = 9, 3, 5


def silu_of_norm(x):
  x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-4)
  return x / (1 + np.exp(-x))


def ones_for_scales(params):
  """The parameters, their norms' scales left at one."""
  is_scale = lambda path: path[-1].key == "scale"
  return jax.tree_util.tree_map_with_path(
    lambda path, x: jnp.ones_like(x) if is_scale(path) else x, params
  )


def make(model, *args):
  params = made(lambda: model.init(jax.random.PRNGKey(0), *args)["params"])
  run = jax.jit(lambda params, *args: model.apply({"params": params}, *args))
  return run, ones_for_scales(params)


def features(size=2, width=4, seed=0):
  rng = np.random.default_rng(seed)
  return jnp.asarray(rng.normal(size=(size, width)), jnp.float32)


def test_embeddings_by_hand():
  """Each place of the screen has weights of its own, row by row."""
  x = features()
  run, params = make(TileDecoder(WIDTH, HIDDEN), x)
  got = run(params, x)
  hidden = params["hidden"]["Linear_0"]
  h = silu_of_norm(np.asarray(x @ hidden["kernel"] + hidden["bias"]))
  for y, x in [(0, 0), (0, 19), (7, 4), (17, 19)]:
    own = slice((20 * y + x) * WIDTH, (20 * y + x + 1) * WIDTH)
    places = params["places"]
    want = h @ places["kernel"][:, own] + places["bias"][own]
    np.testing.assert_allclose(got[:, y, x], want, atol=1e-5)


def tile_logits(pixels):
  return make(TileLogits(pixels, WIDTH))


def test_tile_weights_by_hand():
  pixels = unpack_pixels(patterns(BOOK))
  run, params = tile_logits(pixels)
  kernel, bias = run(params)
  look = params["look"]["Linear_0"]
  h = silu_of_norm(np.asarray(pixels @ look["kernel"] + look["bias"]))
  tied = h @ params["tied"]["kernel"] + params["tied"]["bias"]
  want = LOGIT_GAIN * (params["kernel"] + tied.T)
  np.testing.assert_allclose(kernel, want, atol=1e-4)
  np.testing.assert_allclose(bias, LOGIT_GAIN * params["bias"], rtol=1e-6)


def test_a_tile_without_a_part_of_its_own_is_drawn_by_its_look():
  """So is one that has entered the codebook: twins are as likely then."""
  pixels = unpack_pixels(patterns(BOOK)).at[7].set(0.5).at[8].set(0.5)
  run, params = tile_logits(pixels)
  kernel, _ = run(params)
  assert jnp.abs(kernel[:, 7] - kernel[:, 8]).max() > 0.1
  free = params["kernel"].at[:, 6:].set(0)
  kernel, _ = run({**params, "kernel": free})
  np.testing.assert_array_equal(kernel[:, 7], kernel[:, 8])
  assert jnp.abs(kernel[:, 6] - kernel[:, 7]).max() > 0.1


def test_the_look_goes_with_the_pixels_and_not_with_the_id():
  pixels = unpack_pixels(patterns(BOOK))
  run, params = tile_logits(pixels)
  params = {**params, "kernel": jnp.zeros_like(params["kernel"])}
  order = np.random.default_rng(0).permutation(BOOK)
  other, _ = tile_logits(pixels[order])
  np.testing.assert_allclose(
    other(params)[0], run(params)[0][:, order], atol=1e-5
  )


def test_what_is_learned_of_a_tile_is_learned_of_its_likes():
  """A step that makes one tile likelier makes its twin so too, others not."""
  pixels = (
    unpack_pixels(patterns(BOOK)).at[8].set(unpack_pixels(patterns(BOOK))[2])
  )
  run, params = tile_logits(pixels)
  place = features(1, WIDTH)[0]
  grads = jax.jit(jax.grad(lambda p: place @ run(p)[0][:, 2]))(params)
  assert grads["kernel"][:, 2].any() and not grads["kernel"][:, 8].any()
  moved = jax.tree.map(lambda x, g: x + 1e-3 * g, params, grads)
  gain = place @ (run(moved)[0] - run(params)[0])
  assert gain[2] > gain[8] > jnp.delete(gain, jnp.array([2, 8])).max()


def test_shades_by_hand():
  """Four in a row of each of 64 pixels."""
  x = features(6, WIDTH).reshape(2, 3, WIDTH)
  run, params = make(PixelLogits(), x)
  got = run(params, x)
  assert got.shape == (2, 3, 64, 4)
  weights = params["shades"]
  want = x[1, 2] @ weights["kernel"][:, 4 * 10 + 3] + weights["bias"][43]
  np.testing.assert_allclose(got[1, 2, 10, 3], LOGIT_GAIN * want, rtol=1e-4)


# ---- pictures of the whole model


def world(decoder, count=24):
  config = change(presets.debug().world_model, {"network.decoder": decoder})
  model = WorldModel(config, patterns(count))
  params = made(lambda: model.init(jax.random.PRNGKey(0)))
  rng = np.random.default_rng(3)
  stoch = jax.nn.one_hot(rng.integers(0, 4, (2, 4)), 4)
  latent = Latent(features(2, 32), stoch, stoch)
  return model, params, latent


def test_the_likeliest_tile_is_the_picture():
  model, params, latent = world("tiles")
  tiles, picture, embedded, kernel, bias = jax.jit(
    lambda p: (
      model.tiles(p, latent), model.picture(p, latent),
      model.embed(p, feat(latent)), *model.logit_weights(p),
    )
  )(params)  # fmt: skip
  logits = np.einsum("nyxw,wv->nyxv", embedded, kernel) + bias
  assert tiles.dtype == jnp.int16 and len(np.unique(tiles)) > 3
  best = np.take_along_axis(logits, np.asarray(tiles, int)[..., None], -1)
  np.testing.assert_allclose(best[..., 0], logits.max(-1), atol=1e-4)
  np.testing.assert_array_equal(picture, patterns()[np.asarray(tiles)])


def test_shades_choose_the_tile_that_explains_them_best():
  """Their picture is of free pixels, and their tile the codebook's nearest."""
  model, params, latent = world("pixels")
  tiles, picture, logits = jax.jit(
    lambda p: (
      model.tiles(p, latent), model.picture(p, latent),
      model.pixel_logits(p, model.embed(p, feat(latent))),
    )
  )(params)  # fmt: skip
  logits = np.asarray(logits, np.float64)
  nats = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
  shades = np.asarray(unpack_shades(patterns()))
  for n, y, x in [(0, 0, 0), (1, 17, 19), (0, 9, 4), (1, 3, 12)]:
    likelihood = [
      sum(nats[n, y, x, pixel, tile[pixel]] for pixel in range(64))
      for tile in shades
    ]
    assert tiles[n, y, x] == np.argmax(likelihood)
    np.testing.assert_array_equal(
      unpack_shades(picture[n, y]).reshape(20, 64)[x],
      logits[n, y, x].argmax(-1),
    )


@pytest.mark.parametrize("decoder", ["tiles", "pixels"])
def test_a_bias_alone_paints_one_tile_everywhere(decoder):
  model, params, latent = world(decoder)
  logits = jax.tree.map(jnp.zeros_like, params["logits"])
  if decoder == "tiles":
    logits["bias"] = logits["bias"].at[5].set(1.0)
  else:
    wanted = jax.nn.one_hot(model.shades[5], 4)
    logits["shades"]["bias"] = wanted.reshape(-1)
  params = {**params, "logits": logits}
  run = lambda p: (model.tiles(p, latent), model.picture(p, latent))
  tiles, picture = jax.jit(run)(params)
  assert (tiles == 5).all()
  assert (picture == patterns()[5]).all() and picture.dtype == jnp.uint8


def test_model_and_game_agree_on_what_pixels_are():
  """The same bytes, unpacked here and where frames are made from them."""
  ids = np.random.default_rng(0).integers(0, 24, (18, 20))
  frame = TileCodebook(patterns(), 24).frames(ids)
  shades = np.asarray(unpack_shades(patterns())).reshape(-1, 8, 8)
  for y, x in [(0, 0), (5, 7), (17, 19)]:
    own = frame[8 * y : 8 * y + 8, 8 * x : 8 * x + 8]
    np.testing.assert_array_equal(own, shades[ids[y, x]])
  every = np.arange(256, dtype=np.uint8).reshape(16, 16)
  np.testing.assert_array_equal(pack_pixels(unpack_shades(every)), every)
