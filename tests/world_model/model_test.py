"""The world model: shapes, resets, causality, and that it can learn at all."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.contract import DONE_BYTES, NUM_MAPS, PROBES
from dreamer_jax.types import Batch, feat
from dreamer_jax.world_model import encoder, loss, picture_loss
from dreamer_jax.world_model.model import WorldModel
from dreamer_jax.world_model.pixels import (
  pack_pixels,
  unpack_pixels,
  unpack_shades,
)
from tests.conftest import made

CODEBOOK = 24


def make_batch(size=2, length=6, seed=0, codebook=CODEBOOK):
  rng = np.random.default_rng(seed)
  shape = (size, length)
  ids = rng.integers(0, codebook, (*shape, 18, 20))
  labels = {name: jnp.zeros(shape, jnp.int32) for name in PROBES}
  return Batch(
    tiles=jnp.asarray(ids, jnp.int16),
    action=jnp.asarray(rng.integers(0, 8, shape), jnp.int32),
    intent=jnp.asarray(rng.integers(0, 8, shape), jnp.int32),
    is_first=jnp.zeros(shape, bool).at[:, 0].set(True),
    is_last=jnp.zeros(shape, bool),
    is_terminal=jnp.zeros(shape, bool),
    terms=jnp.zeros((*shape, 7)),
    labels={**labels, "valid": jnp.ones(shape)},
    maps_seen=jnp.zeros((*shape, NUM_MAPS // 8), jnp.uint8),
    goal=jnp.zeros(shape, jnp.int32),
    hindsight=jnp.zeros(shape, jnp.int32),
    feasible=jnp.zeros(shape, jnp.int32),
    clone=jnp.full(shape, 2),
    goals_done=jnp.zeros((*shape, DONE_BYTES), jnp.uint8),
    returns=jnp.full((*shape, 2), jnp.nan),
    weight=jnp.ones(size),
  )


def patterns(count=CODEBOOK):
  return np.random.default_rng(1).integers(0, 256, (count, 16)).astype(np.uint8)


@pytest.fixture(name="world", scope="module")
def fixture_world():
  world = WorldModel(presets.debug().world_model, patterns())
  return world, jax.jit(world.init)(jax.random.PRNGKey(0))


def observe(world, params, batch, rng=0):
  return world.observe(
    params, world.initial(len(batch.action)),
    world.encode(params, batch.tiles), batch.action, batch.is_first,
    jax.random.PRNGKey(rng),
  )[0]  # fmt: skip


def test_cells_are_the_screen_in_another_order():
  tiles = jnp.arange(2 * 360).reshape(2, 18, 20)
  cells = encoder.to_cells(tiles)
  # The first cell is 6 rows by 4 columns; its first pair cell is 2 by 2.
  np.testing.assert_array_equal(cells[0, 0, 0], [0, 1, 20, 21])
  corner = {20 * y + x for y in range(6) for x in range(4)}
  assert set(np.ravel(cells[0, 0]).tolist()) == corner


def test_pixels_are_unpacked_leftmost_first():
  pattern = np.zeros((1, 16), np.uint8)
  pattern[0, 0] = 0b11100100
  np.testing.assert_allclose(
    unpack_pixels(pattern)[0, :4], [1, 1 / 3, -1 / 3, -1], atol=1e-6
  )


def test_pixels_are_packed_as_they_were():
  book = patterns()
  np.testing.assert_array_equal(pack_pixels(unpack_shades(book)), book)


def test_is_first_forgets_the_past(world):
  """After a reset nothing before it matters, neither latent nor action."""
  functions, params = world
  batch = make_batch()
  batch = batch.replace(is_first=batch.is_first.at[:, 3].set(True))
  other = make_batch(seed=7)
  mixed = jax.tree.map(
    lambda a, b: jnp.concatenate([b[:, :3], a[:, 3:]], 1),
    *(x.replace(weight=x.is_first) for x in (batch, other)),
  ).replace(is_first=batch.is_first)
  mixed = mixed.replace(action=mixed.action.at[:, 3].set(5))
  a, b = (observe(functions, params, x) for x in (batch, mixed))
  np.testing.assert_allclose(a.deter[:, 3:], b.deter[:, 3:], rtol=1e-5)
  assert np.abs(a.deter[:, :3] - b.deter[:, :3]).max() > 1e-3


def test_without_is_first_the_past_matters(world):
  functions, params = world
  batch = make_batch()
  changed = batch.replace(tiles=batch.tiles.at[:, 0].set(0))
  a, b = (observe(functions, params, x) for x in (batch, changed))
  assert np.abs(a.deter[:, -1] - b.deter[:, -1]).max() > 1e-6


def test_no_step_sees_the_future(world):
  functions, params = world
  batch = make_batch()
  changed = batch.replace(
    tiles=batch.tiles.at[:, 4].set(0), action=batch.action.at[:, 4].set(0)
  )
  a, b = (observe(functions, params, x) for x in (batch, changed))
  np.testing.assert_array_equal(a.logits[:, :4], b.logits[:, :4])
  assert np.abs(a.logits[:, 4] - b.logits[:, 4]).max() > 1e-6


def test_loss_at_t_has_no_gradient_from_later_tokens(world):
  functions, params = world
  batch = make_batch()
  tokens = functions.encode(params, batch.tiles)

  def early(tokens):
    latents, _ = functions.observe(
      params, functions.initial(2), tokens, batch.action, batch.is_first,
      jax.random.PRNGKey(0),
    )  # fmt: skip
    return feat(latents)[:, 2].sum()

  gradient = jax.grad(early)(tokens)
  assert (gradient[:, 3:] == 0).all() and (gradient[:, :3] != 0).any()


def test_imagined_step_is_the_prior_of_the_same_deter(world):
  """`predict` and `observe` share deter: only the stoch's source differs."""
  functions, params = world
  batch = make_batch()
  latents = observe(functions, params, batch)
  start = jax.tree.map(lambda x: x[:, 1], latents)
  imagined = functions.predict(
    params, start, batch.action[:, 2], jax.random.PRNGKey(3)
  )
  np.testing.assert_allclose(imagined.deter, latents.deter[:, 2], rtol=1e-5)
  prior = functions.prior(params, latents.deter[:, 2])
  np.testing.assert_allclose(imagined.logits, prior, rtol=1e-4)


def test_a_dream_leaves_out_what_is_unlikely(world):
  """With the highest floor it takes each variable's most likely class."""
  functions, params = world
  cold = change(presets.debug().world_model, {"latent.dream_floor": 1.0})
  batch = make_batch()
  start = jax.tree.map(lambda x: x[:, 1], observe(functions, params, batch))
  inputs = params, start, batch.action[:, 2]
  coldest = WorldModel(cold, patterns()).predict(*inputs, jax.random.PRNGKey(3))
  most_likely = functions.forecast(*inputs)
  np.testing.assert_array_equal(coldest.stoch, most_likely.stoch)
  np.testing.assert_allclose(coldest.logits, most_likely.logits, rtol=1e-5)
  drawn = functions.predict(*inputs, jax.random.PRNGKey(3))
  assert (drawn.stoch != most_likely.stoch).any()


def test_the_goal_that_is_asked_is_one_of_all(world):
  world, params = world
  keys = jax.random.split(jax.random.PRNGKey(1))
  size = world.initial(1)
  width = size.deter.shape[-1] + size.stoch[0].size
  features = jax.random.normal(keys[0], (5, width))
  bits = world.heads(params, features)["goal_done"]
  goals = jax.random.randint(keys[1], (5,), 0, bits.shape[-1])
  asked = world.heads(params, features, goals)["goal_done"]
  np.testing.assert_allclose(asked, bits[jnp.arange(5), goals], rtol=1e-4)


def test_narrow_products_leave_what_is_carried_wide():
  """Only products are rounded: a step is off by a percent."""
  wide, narrow = (
    WorldModel(
      change(presets.debug().world_model, {"network.dtype": dtype}), patterns()
    )
    for dtype in ("float32", "bfloat16")
  )
  params = made(lambda: wide.init(jax.random.PRNGKey(0)))
  batch = make_batch(8, 2)  # fewer rows are not rounded on a CPU

  def deter(world):
    world._noise = lambda rng, shape: jnp.full(shape[:-1], 0.5)
    run = lambda params: observe(world, params, batch)
    return jax.jit(run)(params).deter

  a, b = deter(wide), deter(narrow)
  assert b.dtype == jnp.float32
  assert 0 < np.abs(a - b)[:, 0].max() < 0.02


def test_gumbel_draws_as_often_as_the_posterior_says():
  """Through the filter, and with its own noise a variable and step."""
  config = change(
    presets.debug().world_model,
    {"latent.sampler": "gumbel", "latent.unimix": 0.2},
  )
  world = WorldModel(config, patterns())
  params = made(lambda: world.init(jax.random.PRNGKey(0)))
  tile = jnp.zeros((500, 2, 18, 20), jnp.int16)
  batch = make_batch(500, 2).replace(
    tiles=tile, is_first=jnp.ones((500, 2), bool)
  )
  latents = jax.jit(lambda p: observe(world, p, batch))(params)
  chance = np.exp(latents.logits[0, 0])  # all begin anew, so all are alike
  drawn = np.asarray(latents.stoch).reshape(1000, 4, 4)
  np.testing.assert_allclose(drawn.max(-1), 1, atol=1e-5)
  np.testing.assert_allclose(drawn.mean(0), chance, atol=0.06)
  assert chance.max() < 0.9 and (latents.stoch[:, 0] != drawn[0]).any()


def test_uncertainty_is_what_the_ensemble_disagrees_on(world):
  functions, params = world
  deter = jax.random.normal(jax.random.PRNGKey(4), (3, 32))
  nats, p = jax.jit(
    lambda p: (functions.uncertainty(p, deter), functions.ensemble(p, deter))
  )(params)
  p = np.exp(p)  # [2, 3, 4, 4]: two members, three frames
  entropy = lambda p: -(p * np.log(p)).sum((-2, -1))
  want = entropy(p.mean(0)) - entropy(p).mean(0)
  np.testing.assert_allclose(nats, want, atol=1e-4)
  assert (nats > 0).all()


def test_a_window_surprises_by_its_worst_step():
  """Not by its first ones: there it may have begun anew."""
  kl = jnp.array([[9.0, 9, 1, 2, 1, 1, 1, 1], [1.0, 1, 1, 1, 1, 1, 1, 5]])
  assert loss.surprise(kl).tolist() == [2.0, 5.0]


def test_kl_balance_and_free_nats():
  """Below the free nats no gradient; above, each side gets its share."""
  config = config_lib.change(
    config_lib.WorldModelConfig(),
    {"loss.free_nats": 1.0, "loss.dyn_scale": 1.0, "loss.rep_scale": 0.1},
  )
  near = jnp.zeros((1, 1, 2, 4))
  far = near.at[..., 0].set(5.0)
  kl = lambda p, q, c: loss.kl_loss(p, q, c, 1.0, jnp.ones(1))[0]
  gradient = lambda p, q: jax.grad(lambda args: kl(*args, config))((p, q))
  assert all((g == 0).all() for g in gradient(near, near.at[..., 0].add(0.1)))
  rep, dyn = gradient(far, near)
  assert np.abs(dyn).sum() > 0 and np.abs(rep).sum() > 0
  alone = change(config, {"loss.rep_scale": 0.0})
  rep_alone = jax.grad(lambda p: kl(p, near, alone))(far)
  assert (rep_alone == 0).all()


def test_tile_loss_of_some_frames_is_unbiased(world):
  """Averaged over draws, a third of the frames stand for all of them."""
  functions, params = world
  features = jax.random.normal(jax.random.PRNGKey(2), (12, 48))
  tiles = make_batch().tiles.reshape(12, 18, 20)

  def nats(key, share):
    seen = loss.some_frames(key, 12, share)
    return picture_loss.picture_loss(
      functions, params, features[seen], tiles[seen],
      jnp.ones((len(seen), 18, 20)), key, presets.debug().world_model,
    )[0]  # fmt: skip

  part = jax.jit(lambda key: nats(key, 1 / 3))
  whole = nats(jax.random.PRNGKey(0), 1.0)
  draws = [part(key) for key in jax.random.split(jax.random.PRNGKey(0), 200)]
  np.testing.assert_allclose(np.mean(draws), whole, rtol=0.01)


@pytest.mark.parametrize(
  "changes",
  [
    {"latent.sampler": "straight_through"},
    {"latent.sampler": "gumbel"},
    {"network.decoder": "pixels"},
    {"network.blocks": 4, "network.dtype": "bfloat16"},
    {
      "loss.softmax_tiles": 20,
      "loss.moving_scale": 1.0,
      "loss.rare_power": 0.5,
    },
    {
      "loss.overshoot_scale": 1.0,
      "loss.overshoot_steps": 3,
      "sampling.decoded_frames": 0.5,
    },
  ],
  ids=str,
)
def test_everything_gets_a_gradient(changes):
  config = change(presets.debug().world_model, changes)
  world = WorldModel(config, patterns())
  params = jax.jit(world.init)(jax.random.PRNGKey(0))
  nats = lambda p: loss.world_loss(
    p, world, config, make_batch(), jax.random.PRNGKey(1)
  )[0]
  grads = jax.jit(jax.grad(nats))(params)
  for path, leaf in jax.tree_util.tree_leaves_with_path(grads):
    assert np.isfinite(leaf).all(), path
    assert np.abs(leaf).max() > 0, jax.tree_util.keystr(path)


def test_overfits_one_short_episode():
  """More than 99 % exact pixels; the episode is real play of the cartridge."""
  from dreamer_jax.data.codebook import TileCodebook
  from dreamer_jax.game.env import GameBoyEnv

  env = GameBoyEnv(max_steps=24)
  _, info = env.reset(seed=0)
  packed, actions = [info["packed"]], [0]
  for action in ([2] * 3 + [0] * 5 + [5, 6, 4, 7]) * 2:
    packed.append(env.step(action)[-1]["packed"])
    actions.append(action)
  env.close()
  packed = np.stack(packed)
  codebook = TileCodebook.build(packed, 256)
  batch = make_batch(1, len(packed)).replace(
    tiles=jnp.asarray(codebook.encode(packed))[None],
    action=jnp.asarray(actions, jnp.int32)[None],
  )
  config = change(
    presets.debug().world_model,
    {
      "network.deter": 64,
      "network.hidden": 64,
      "network.stoch": 8,
      "network.classes": 8,
      "network.tile_width": 16,
      "network.pair_width": 32,
      "network.cell_width": 64,
      "network.decoder_width": 16,
    },
  )
  world = WorldModel(config, codebook.patterns)
  params = jax.jit(world.init)(jax.random.PRNGKey(0))
  optimizer = optax.adam(3e-3)

  @jax.jit
  def train(params, opt, rng):
    def step(carry, key):
      params, opt = carry
      grads = jax.grad(
        lambda p: loss.world_loss(p, world, config, batch, key)[0]
      )(params)
      updates, opt = optimizer.update(grads, opt, params)
      return (optax.apply_updates(params, updates), opt), None

    keys = jax.random.split(rng, 400)
    return jax.lax.scan(step, (params, opt), keys)[0]

  params, _ = train(params, optimizer.init(params), jax.random.PRNGKey(1))
  latents = observe(world, params, batch)
  ids = world.tiles(params, jax.tree.map(lambda x: x[0], latents))
  right = codebook.frames(np.asarray(ids)) == codebook.frames(
    np.asarray(batch.tiles[0])
  )
  assert right.mean() > 0.99, right.mean()
