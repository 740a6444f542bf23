"""The picture's loss: which tiles compete, how much each counts, by hand."""

import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.world_model import picture_loss
from dreamer_jax.world_model.pixels import unpack_shades
from tests.world_model.model_test import make_batch, patterns

BOOK, FRAMES, WIDTH = 24, 2, 3


def config(**changes):
  changes = {name.replace("__", "."): x for name, x in changes.items()}
  small = {"network.codebook": BOOK, **changes}
  return change(presets.debug().world_model, small)


# ---- weights


def by_hand(batch, battle=1.0, moving=0.0, rare=0.0):
  """`weights`, tile by tile."""
  tiles = np.asarray(batch.tiles, int)
  in_battle = np.asarray(batch.labels["in_battle"])
  ids, counts = np.unique(tiles, return_counts=True)
  usual = tiles.size / len(ids)
  count = dict(zip(ids.tolist(), counts.tolist(), strict=True))
  out = np.zeros(tiles.shape)
  differs = np.zeros(tiles.shape, bool)
  differs[:, 1:] = tiles[:, 1:] != tiles[:, :-1]
  for b, t, y, x in np.ndindex(*tiles.shape):
    weight = float(batch.weight[b]) * (battle if in_battle[b, t] else 1.0)
    about = differs[b, max(t - 4, 0) : t + 5].any(0)
    if about[y, x]:
      weight *= min(1 + moving * 360 / about.sum(), 20.0)
    rarity = (usual / count[tiles[b, t, y, x]]) ** rare
    out[b, t, y, x] = weight * min(max(rarity, 1.0), 10.0)
  return out


def uneven_batch():
  """Tiles of very different frequency, a battle, and unlike windows."""
  rng = np.random.default_rng(0)
  ids = rng.choice(BOOK, (2, 3, 18, 20), p=np.r_[0.9, [0.1 / 21] * 21, 0, 0])
  ids[1, 1, 0, 0] = 23  # once
  batch = make_batch(2, 3)
  labels = {**batch.labels, "in_battle": jnp.array([[0, 1, 1], [0, 0, 1]])}
  return batch.replace(
    tiles=jnp.asarray(ids, jnp.int16),
    labels=labels,
    weight=jnp.array([0.5, 1.5]),
  )


@pytest.mark.parametrize(
  "scales",
  [
    {},
    {"battle": 3.0},
    {"battle": 0.0},
    {"moving": 2.0},
    {"rare": 0.5},
    {"rare": 2.0},
    {"battle": 2.0, "moving": 1.0, "rare": 1.0},
  ],
  ids=str,
)
def test_weights_by_hand(scales):
  names = {
    "battle": "loss.battle_scale", "moving": "loss.moving_scale",
    "rare": "loss.rare_power",
  }  # fmt: skip
  settings = config(**{names[name]: x for name, x in scales.items()})
  batch = uneven_batch()
  got = jax.jit(lambda x: picture_loss.weights(x, settings))(batch)
  np.testing.assert_allclose(got, by_hand(batch, **scales), rtol=1e-5)


def moving_of(tiles):
  """`weights` of one window of `tiles` with a scale of 0.01, `[T, 18, 20]`."""
  batch = make_batch(1, len(tiles)).replace(tiles=tiles[None])
  return picture_loss.weights(batch, config(loss__moving_scale=0.01))[0]


def test_a_cursor_weighs_more_where_it_is_and_where_it_is_not():
  """It goes down a row at step 6: both places count for 4 steps either way.

  Each has half of the frame's 360 shares. The first step cannot have changed.
  """
  tiles = jnp.zeros((14, 18, 20), jnp.int16)
  tiles = tiles.at[:6, 3, 2].set(7).at[6:, 5, 2].set(7)
  got = moving_of(tiles)
  for row in (3, 5):
    expected = [1.0] * 2 + [2.8] * 9 + [1.0] * 3
    np.testing.assert_allclose(got[:, row, 2], expected, rtol=1e-6)
  assert (got.at[:, jnp.array([3, 5]), 2].set(1.0) == 1).all()


def test_where_everything_changes_nothing_stands_out():
  tiles = jnp.zeros((9, 18, 20), jnp.int16) + jnp.arange(9)[:, None, None] % 2
  np.testing.assert_allclose(moving_of(tiles), 1.01, rtol=1e-6)


def test_a_single_moving_tile_weighs_20_at_most():
  tiles = jnp.zeros((4, 18, 20), jnp.int16).at[2, 3, 4].set(1)
  batch = make_batch(1, 4).replace(tiles=tiles[None])
  got = picture_loss.weights(batch, config(loss__moving_scale=4.0))
  assert got[0, :, 3, 4].tolist() == [20.0] * 4
  assert (jnp.delete(got[0].reshape(4, -1), 64, 1) == 1).all()


# ---- tiles that compete


def wanted(count=40, most=10, seed=0):
  """Ids, of which some occur once."""
  rng = np.random.default_rng(seed)
  return jnp.asarray(rng.integers(0, most, count) * 2, jnp.int32)


@pytest.mark.parametrize("limit", [10, 15, 23])
def test_all_that_occur_are_kept_and_found_again(limit):
  """Each once; an id's place is where it went."""
  ids = wanted()
  run = jax.jit(lambda key: picture_loss.restrict(ids, BOOK, limit, key))
  for key in jax.random.split(jax.random.PRNGKey(0), 5):
    chosen, place = run(key)
    assert len(np.unique(chosen)) == limit == len(chosen)
    np.testing.assert_array_equal(chosen[place], ids)


def test_the_others_are_drawn_evenly():
  """4 of the 14 tiles that nobody asked for, each as often as any."""
  ids = jnp.tile(jnp.arange(10), 3)
  keys = jax.random.split(jax.random.PRNGKey(0), 1500)
  draw = jax.vmap(lambda key: picture_loss.restrict(ids, BOOK, 14, key)[0])
  share = np.bincount(jax.jit(draw)(keys).ravel(), minlength=BOOK) / 1500
  np.testing.assert_array_equal(share[:10], 1)
  np.testing.assert_allclose(share[10:], 4 / 14, atol=0.06)


def test_where_too_many_occur_the_rarest_go_to_the_last():
  ids = jnp.array([3] * 5 + [7] * 4 + [1] * 3 + [9] * 2 + [5])
  chosen, place = picture_loss.restrict(ids, BOOK, 3, jax.random.PRNGKey(0))
  assert chosen.tolist() == [3, 7, 1]
  assert place.tolist() == [0] * 5 + [1] * 4 + [2] * 6


# ---- the loss


def log_softmax(x):
  x = np.asarray(x, np.float64)
  return x - np.log(np.exp(x).sum(-1, keepdims=True))


def tiny_world(decoder="tiles", seed=0):
  """Functions of a world whose embeddings are its features, and its weights."""
  rng = np.random.default_rng(seed)
  normal = lambda *shape: jnp.asarray(rng.normal(size=shape), jnp.float32)
  width = 256 if decoder == "pixels" else WIDTH
  params = {
    "features": normal(FRAMES, 360 * width), "kernel": normal(width, BOOK),
    "bias": normal(BOOK),
  }  # fmt: skip
  world = types.SimpleNamespace(
    embed=lambda params, x: x.reshape(-1, 18, 20, width),
    logit_weights=lambda params: (params["kernel"], params["bias"]),
    pixel_logits=lambda params, x: x.reshape(*x.shape[:-1], 64, 4),
    shades=unpack_shades(patterns(BOOK)),
  )
  return world, params


def shown(most=BOOK, seed=1):
  """Tiles of two frames, and how much each counts."""
  rng = np.random.default_rng(seed)
  tiles = jnp.asarray(rng.integers(0, most, (FRAMES, 18, 20)), jnp.int16)
  return tiles, jnp.asarray(rng.uniform(0, 2, tiles.shape), jnp.float32)


def loss_of(world, settings):
  key = jax.random.PRNGKey(5)
  return jax.jit(
    lambda params, tiles, weight: picture_loss.picture_loss(
      world, params, params["features"], tiles, weight, key, settings
    )
  )


def logits_by_hand(params):
  rows = np.asarray(params["features"]).reshape(-1, WIDTH)
  return rows @ np.asarray(params["kernel"]) + np.asarray(params["bias"])


def test_a_picture_costs_the_nats_of_its_tiles():
  """The weighted mean of them, times the tiles of a frame."""
  world, params = tiny_world()
  tiles, weight = shown()
  nats, parts = loss_of(world, config())(params, tiles, weight)
  logits = logits_by_hand(params)
  ids, share = np.ravel(tiles).astype(int), np.ravel(weight) / weight.sum()
  each = -log_softmax(logits)[np.arange(len(ids)), ids]
  np.testing.assert_allclose(nats, 360 * (each * share).sum(), rtol=1e-5)
  assert parts["tile"] == nats
  right = (logits.argmax(-1) == ids) * share
  np.testing.assert_allclose(parts["tile_accuracy"], right.sum(), rtol=1e-4)


def test_only_ratios_of_weights_matter():
  world, params = tiny_world()
  tiles, weight = shown()
  run = loss_of(world, config())
  a, b = (run(params, tiles, x)[0] for x in (weight, 7 * weight))
  np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.parametrize("limit", [BOOK, BOOK + 1, 10 * BOOK])
def test_a_limit_beyond_the_book_is_none(limit):
  world, params = tiny_world()
  limited = config(loss__softmax_tiles=limit)
  a, b = (loss_of(world, x)(params, *shown()) for x in (config(), limited))
  np.testing.assert_array_equal(a[0], b[0])


def test_of_a_limited_softmax_the_chosen_share_all_chance():
  """And what was not chosen gets no gradient."""
  world, params = tiny_world()
  tiles, weight = shown(most=8)
  run = loss_of(world, config(loss__softmax_tiles=12))
  grad = jax.value_and_grad(lambda p: run(p, tiles, weight)[0])
  nats, grads = grad(params)
  ids = np.ravel(tiles).astype(int)
  chosen = np.flatnonzero(np.asarray(grads["bias"]))
  assert len(chosen) == 12 and set(ids) <= set(chosen)
  place = np.searchsorted(chosen, ids)
  each = log_softmax(logits_by_hand(params)[:, chosen])
  each = -each[np.arange(len(ids)), place]
  share = np.ravel(weight) / weight.sum()
  np.testing.assert_allclose(nats, 360 * (each * share).sum(), rtol=1e-5)
  full = loss_of(world, config())(params, tiles, weight)[0]
  assert nats < full  # fewer compete


@pytest.mark.parametrize("decoder", ["tiles", "pixels"])
def test_a_tile_that_weighs_nothing_teaches_nothing(decoder):
  world, params = tiny_world(decoder)
  tiles, weight = shown()
  weight = weight.at[1, 2:, :].set(0.0)
  run = loss_of(world, config(network__decoder=decoder))
  grads = jax.grad(lambda p: run(p, tiles, weight)[0])(params)
  error = grads["features"].reshape(FRAMES, 18, 20, -1)
  assert not error[1, 2:].any()
  assert (error[0] != 0).any(-1).all() and (error[1, :2] != 0).any(-1).all()


def test_shades_cost_the_nats_of_all_their_pixels():
  """And a tile is right where all of them are."""
  world, params = tiny_world("pixels")
  tiles, weight = shown()
  ids = np.ravel(tiles).astype(int)
  shades = np.asarray(world.shades)[ids]  # [R, 64]
  logits = np.asarray(params["features"]).reshape(-1, 64, 4).copy()
  logits[:100] += 50 * np.eye(4)[shades[:100]]
  logits[50:100, 17] *= -1  # one pixel of each is wrong
  params["features"] = jnp.asarray(logits.reshape(FRAMES, -1))
  settings = config(network__decoder="pixels")
  nats, parts = loss_of(world, settings)(params, tiles, weight)
  each = np.take_along_axis(log_softmax(logits), shades[..., None], -1)
  share = np.ravel(weight) / weight.sum()
  want = 360 * (-each.sum((1, 2)) * share).sum()
  np.testing.assert_allclose(nats, want, rtol=1e-5)
  np.testing.assert_allclose(
    parts["tile_accuracy"], share[:50].sum(), rtol=1e-4
  )
