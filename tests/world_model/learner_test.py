"""The world model's learner: traced once, and learning what it should."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.training.devices import repeat
from dreamer_jax.types import Reading, feat
from dreamer_jax.world_model import learner, surprises
from dreamer_jax.world_model.model import WorldModel
from tests.conftest import made as filled
from tests.world_model.model_test import make_batch, patterns


@pytest.fixture(name="parts", scope="module")
def fixture_parts():
  config = presets.debug()
  world = WorldModel(config.world_model, patterns())
  return config, world, learner.init(world, config.world_model, 0)


def made(world, config, read):
  """The update as a run compiles it."""
  return repeat(
    learner.make_update(world, config, read), config.schedule.log_every
  )


def read(replay, rng, streams):
  """Windows that always begin anew."""
  del replay, rng
  none = jnp.full(2, -1)
  return Reading(make_batch(2, 8), jnp.ones(2, bool), streams.place, none, none)


def test_an_update_is_traced_once(parts):
  """A second call with what the first returned compiles nothing."""
  config, world, state = parts
  chex.clear_trace_counter()
  traced = chex.assert_max_traces(read, 1)
  update = made(world, config.world_model, traced)
  for _ in range(2):
    state, metrics = update(state, None)
  assert int(state.updates) == 2 * config.world_model.schedule.log_every
  assert np.isfinite(metrics["loss"])


def test_the_same_seed_gives_the_same_bits(parts):
  config, world, _ = parts
  results = []
  for _ in range(2):
    state = learner.init(world, config.world_model, 3)
    update = made(world, config.world_model, read)
    results.append(update(state, None)[0].params)
  chex.assert_trees_all_equal(*results)


def test_what_surprised_is_kept_to_be_read_again(parts):
  """The learner carries it along; without a share there is no place for it."""
  config, world, state = parts
  assert state.streams.surprises is None
  config = change(
    config.world_model,
    {"sampling.surprise_share": 0.5, "schedule.log_every": 1},
  )
  state = learner.init(world, config, 0)
  update = made(world, config, read)
  kept = update(state, None)[0].streams.surprises
  assert (kept.nats > 0).sum() == 2
  assert len(kept.nats) == 64 * config.sampling.batch


def test_weights_are_averaged(parts, monkeypatch):
  """The average moves as said; without one, nothing is kept for it."""
  config, world, _ = parts
  state = learner.init(world, config.world_model, 0)
  last = jax.tree.map(np.zeros_like, state.streams.latent)
  square = lambda params, *_: (optax.tree.norm(params), ({}, None, last))
  monkeypatch.setattr(learner, "world_loss", square)  # compiles in no time
  config = change(config.world_model, {"schedule.log_every": 1})
  start = jax.tree.map(lambda x: jnp.asarray(np.array(x)), state)  # given up
  update = made(world, config, read)
  after, _ = update(start.replace(updates=start.updates + 80), None)
  for average, new, old in zip(
    *map(jax.tree.leaves, (after.weights, after.params, state.ema)), strict=True
  ):
    old, new = np.asarray(old), np.asarray(new)
    np.testing.assert_allclose(average, old + 0.1 * (new - old), atol=1e-6)
  without = change(config, {"optimizer.ema_decay": None})
  state = jax.eval_shape(lambda: learner.init(world, without, 0))
  assert state.ema == {} and state.weights is state.params


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_learning_lowers_for_accelerators(parts, platform):
  """As far as a machine without one can tell; in bfloat16, as it would run."""
  config, _, _ = parts
  config = change(config.world_model, {"network.dtype": "bfloat16"})
  world = WorldModel(config, patterns())
  state = jax.eval_shape(lambda: learner.init(world, config, 0))
  update = made(world, config, read)
  lowered = update.trace(state, None).lower(lowering_platforms=(platform,))
  assert "bf16" in lowered.as_text()


def test_what_was_learned_of_old_tiles_stays():
  config = presets.debug().world_model
  book = patterns(30)
  old, new = (WorldModel(config, book[:n]) for n in (24, 30))
  state = learner.init(old, config, 0)
  grown = learner.grow(state, 24, 30)
  expected = jax.eval_shape(lambda: learner.init(new, config, 0))
  shapes = lambda tree: jax.tree.map(lambda x: (x.shape, x.dtype), tree)
  assert shapes(grown) == shapes(expected)
  features = jax.random.normal(jax.random.PRNGKey(1), (2, 48))
  logits = lambda world, params: (
    world.embed(params, features) @ world.logit_weights(params)[0]
  )
  before = jax.jit(lambda p: logits(old, p))(state.params)
  after = jax.jit(lambda p: logits(new, p))(grown.params)
  np.testing.assert_allclose(after[..., :24], before, atol=1e-4)
  assert jnp.abs(after[..., 24:]).max() > 0  # drawn by their pixels


def test_a_grown_state_differs_in_new_columns_only():
  """Bit for bit, in weights, their average and the optimizer's moments."""
  config = presets.debug().world_model
  old = WorldModel(config, patterns(24))
  state = filled(lambda: learner.init(old, config, 0))
  state = state.replace(updates=jnp.array(9), rng=jnp.array([3, 4], jnp.uint32))
  grown = learner.grow(state, 24, 30)
  wider = []
  for (path, before), after in zip(
    jax.tree_util.tree_leaves_with_path(state), jax.tree.leaves(grown),
    strict=True,
  ):  # fmt: skip
    if before.shape != after.shape:
      wider.append(jax.tree_util.keystr(path))
      assert after.shape == (*before.shape[:-1], 30)
      assert not after[..., 24:].any()
      after = after[..., :24]
    np.testing.assert_array_equal(after, before)
  assert len(wider) == 2 * 4  # kernel and bias: weights, average, two moments
  assert sum("kernel" in name for name in wider) == 4
  chex.assert_trees_all_equal(learner.grow(state, 24, 24), state)
  chex.assert_trees_all_equal(
    learner.grow(learner.grow(state, 24, 27), 27, 30), grown
  )


def test_old_screens_read_the_same_after_growth():
  """The encoder has no weights of a tile, so it needs no room."""
  config = presets.debug().world_model
  old, new = (WorldModel(config, patterns(30)[:n]) for n in (24, 30))
  state = filled(lambda: learner.init(old, config, 0))
  tiles = make_batch(1, 2).tiles
  before = jax.jit(old.encode)(state.params, tiles)
  after = jax.jit(new.encode)(learner.grow(state, 24, 30).params, tiles)
  np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_seed_is_of_the_weights_and_of_all_chance_after(parts):
  config, world, _ = parts
  one, two = (learner.init(world, config.world_model, n) for n in (1, 2))
  assert (one.rng != two.rng).any()
  kernel = lambda state: state.params["heads"]["cont"]["kernel"]
  assert jnp.abs(kernel(one) - kernel(two)).max() > 1e-3
  assert one.updates == 0 and (one.streams.place == -1).all()


def test_no_array_of_a_state_is_there_twice(parts):
  """An update gives its state up: what is shared would be given up twice."""
  config, world, _ = parts
  config = change(config.world_model, {"sampling.surprise_share": 0.5})
  state = learner.init(world, config, 2)
  chex.assert_trees_all_equal(state.ema, state.params)
  places = [x.unsafe_buffer_pointer() for x in jax.tree.leaves(state)]
  assert len(set(places)) == len(places)


@pytest.fixture(name="cheap", scope="module")
def fixture_cheap(parts):
  """`update(state, reading)` of a loss that shows what it was given."""
  config, world, _ = parts
  config = change(
    config.world_model,
    {
      "sampling.surprise_share": 0.5,
      "optimizer.warmup": 0,
      "optimizer.decay_updates": 10**6,
    },
  )

  def told(params, world, config, batch, key, start, updates):
    del world, config
    shown = {"start": start, "key": key, "updates": updates}
    last = jax.tree.map(lambda x: x + 1.0, start)
    nats = optax.tree.norm(params["heads"]["cont"]) ** 2
    return nats, (shown, batch.weight, last)

  read = lambda reading, rng, streams: reading
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(learner, "world_loss", told)
    update = jax.jit(learner.make_update(world, config, read))
  state = filled(lambda: learner.init(world, config, 0))
  return update, state.replace(
    rng=jax.random.PRNGKey(7),
    streams=state.streams.replace(surprises=surprises.none(2)),
  )


def reading(fresh=(False, True), again=(-1, -1), weight=(2.0, 3.0)):
  """What two streams read: their places, and how they will surprise."""
  batch = make_batch(2, 2).replace(weight=jnp.asarray(weight))
  return Reading(
    batch, jnp.asarray(fresh), jnp.array([40, -1]), jnp.array([32, 64]),
    jnp.asarray(again),
  )  # fmt: skip


def test_latents_are_carried_on_but_for_windows_that_begin_anew(cheap):
  update, state = cheap
  before = state.streams.latent
  after, told = update(state, reading())
  for old, start, last in zip(
    *map(jax.tree.leaves, (before, told["start"], after.streams.latent)),
    strict=True,
  ):
    assert not start[1].any() and old[1].any()
    np.testing.assert_array_equal(start[0], old[0])
    np.testing.assert_array_equal(last, start + 1)
  assert after.streams.place.tolist() == [40, -1]
  nan = np.array([[0.0], [np.nan]], np.float32)
  broken = before.replace(deter=before.deter + nan)
  streams = state.streams.replace(latent=broken)
  start = update(state.replace(streams=streams), reading())[1]["start"]
  assert not start.deter[1].any()  # not even a NaN gets across


def test_what_surprised_is_kept_by_its_beginning_and_fades(cheap):
  """Of a window that is read again the place is known already."""
  update, state = cheap
  state, _ = update(state, reading())
  kept = state.streams.surprises
  assert kept.place[:3].tolist() == [64, 32, -1]
  assert kept.nats[:3].tolist() == [3.0, 2.0, 0.0]
  state, _ = update(state, reading(again=(-1, 0), weight=(2.5, 9.0)))
  kept = state.streams.surprises
  assert kept.place[:4].tolist() == [32, 64, 32, -1]
  np.testing.assert_allclose(kept.nats[:4], [2.5, 2.1, 2.0, 0.0], rtol=1e-6)


def test_an_update_is_a_function_of_its_state(cheap):
  """The same twice, and other chance each time it goes on."""
  update, state = cheap
  state = state.replace(updates=jnp.array(5))
  after, told = update(state, reading())
  chex.assert_trees_all_equal(update(state, reading()), (after, told))
  assert after.updates == state.updates + 1 == told["updates"] + 1
  assert (after.rng != state.rng).any()
  further = update(after, reading())[1]
  assert (further["key"] != told["key"]).any()
  assert (told["key"] != after.rng).any()


def test_only_what_has_a_gradient_moves(cheap):
  """By the learning rate, as Adam's first step is; the average follows."""
  update, state = cheap
  zeros = jax.tree.map(np.zeros_like, state.opt)
  state = state.replace(opt=zeros, ema=state.params)
  after, _ = update(state, reading())
  rate = presets.debug().world_model.optimizer.learning_rate
  moved = jax.tree.map(np.subtract, after.params, state.params)
  cont = moved["heads"].pop("cont")
  assert not any(x.any() for x in jax.tree.leaves(moved))
  sign = jnp.sign(state.params["heads"]["cont"]["kernel"])
  np.testing.assert_allclose(cont["kernel"], -rate * sign, rtol=1e-3)
  average = after.ema["heads"]["cont"]["kernel"]
  start = state.params["heads"]["cont"]["kernel"]
  np.testing.assert_allclose(  # of the first update it takes nine tenths
    average - start, 0.9 * cont["kernel"], rtol=1e-3, atol=1e-6
  )


def test_validation_is_the_mean_of_its_windows(parts, monkeypatch):
  """The same chance each time, another for each batch of windows."""
  config, world, _ = parts
  params = {"bias": jnp.array(2.0)}

  def told(params, world, config, batch, key):
    del world, config
    nats = params["bias"] + batch.weight.sum()
    chance = jax.random.uniform(key)
    return nats, ({"chance": chance, "square": chance**2}, None, None)

  monkeypatch.setattr(learner, "world_loss", told)
  validate = learner.make_validation(world, config.world_model)
  windows = jax.tree.map(lambda *x: jnp.stack(x), *[make_batch(2, 2)] * 3)
  weight = jnp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
  windows = windows.replace(weight=weight)
  got = validate(params, windows)
  assert got["loss"] == pytest.approx(2.0 + 7.0)
  chex.assert_trees_all_equal(validate(params, windows), got)
  assert got["square"] - got["chance"] ** 2 > 1e-4


def test_feat_is_as_wide_as_said(parts):
  config, world, _ = parts
  latent = world.initial(3)
  assert feat(latent).shape == (3, learner.feat_dim(config.world_model))


@pytest.mark.parametrize(
  ("changes", "want"),
  [
    ({"optimizer.decay_updates": 110}, [0, 0.5, 1, 0.55, 0.1]),
    ({"optimizer.decay_updates": 110, "optimizer.decay": False},
     [0, 0.5, 1, 1, 1]),
    ({}, [0, 0.5, 1, 1, 1]),
  ],
  ids=str,
)  # fmt: skip
def test_the_rate_rises_and_falls_as_configured(changes, want, monkeypatch):
  rates = []
  monkeypatch.setattr(
    learner.optimizers, "make", lambda rate, **_: rates.append(rate)
  )
  config = change(
    presets.debug().world_model,
    {"optimizer.learning_rate": 1.0, "optimizer.warmup": 10, **changes},
  )
  learner.make_optimizer(config)
  got = [float(rates[0](update)) for update in (0, 5, 10, 60, 500)]
  np.testing.assert_allclose(got, want, atol=1e-6)
