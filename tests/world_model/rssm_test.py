"""The RSSM against NumPy, its own loop, and what it must not know."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.contract import NUM_ACTIONS
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model.model import WorldModel
from dreamer_jax.world_model.rssm import RSSM
from tests.conftest import made
from tests.world_model.model_test import patterns

DETER, STOCH, CLASSES, HIDDEN = 8, 3, 4, 6


def make(blocks=1):
  """A small RSSM and its parameters."""
  model = RSSM(DETER, STOCH, CLASSES, HIDDEN, 0.01, blocks)
  deter, stoch, action = inputs(1)

  def init():
    rng, token = jax.random.PRNGKey(0), jnp.zeros((1, HIDDEN))
    own = model.init(rng, deter, stoch, action, token, method=RSSM.filter)
    other = model.init(rng, deter, method=RSSM.prior)
    return {**own["params"], **other["params"]}

  return model, made(init)


def inputs(size=5, seed=0):
  """Deter, stoch and action of `size` rows."""
  rng = np.random.default_rng(seed)
  deter = jnp.asarray(rng.uniform(-1, 1, (size, DETER)), jnp.float32)
  classes = rng.integers(0, CLASSES, (size, STOCH))
  action = jnp.asarray(rng.integers(0, NUM_ACTIONS, size), jnp.int32)
  return deter, jnp.asarray(np.eye(CLASSES, dtype=np.float32)[classes]), action


def call(model, method):
  return jax.jit(
    lambda params, *args: model.apply({"params": params}, *args, method=method)
  )


def sigmoid(x):
  return 1 / (1 + np.exp(-x))


def normed(x, scale):
  return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-4) * scale


def by_hand(params, blocks, deter, stoch, action):
  """The next deter of one row: a GRU in float64, gate by gate."""
  p = jax.tree.map(lambda x: np.asarray(x, np.float64), params)
  deter, stoch = np.asarray(deter, np.float64), np.asarray(stoch)
  x = [*stoch.ravel(), *np.eye(NUM_ACTIONS)[action]]
  x = np.array([*x, *deter] if blocks > 1 else x)
  x = x @ p["input"]["Linear_0"]["kernel"] + p["input"]["Linear_0"]["bias"]
  x = normed(x, p["input"]["RMSNorm_0"]["scale"])
  gates = (x * sigmoid(x)) @ p["gates_input"]["kernel"]
  gates = (gates + p["gates_input"]["bias"]).reshape(3, DETER)
  wide = DETER // blocks  # of a block
  kernel = p["gates_deter"]["kernel"].reshape(blocks, wide, 3, wide)
  bias = p["gates_deter"]["bias"].reshape(blocks, 3, wide)
  for unit in range(DETER):
    block, place = divmod(unit, wide)
    own = deter[block * wide : (block + 1) * wide]
    for gate in range(3):
      gates[gate, unit] += own @ kernel[block, :, gate, place]
      gates[gate, unit] += bias[block, gate, place]
  scale = p["gates_norm"]["scale"]
  reset, candidate, update = normed(gates.ravel(), scale).reshape(3, DETER)
  update = sigmoid(update - 1)
  candidate = np.tanh(sigmoid(reset) * candidate)
  return update * candidate + (1 - update) * deter


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_a_step_is_a_gru_by_hand(blocks):
  model, params = make(blocks)
  rows = inputs()
  got = call(model, RSSM.step)(params, *rows)
  want = [by_hand(params, blocks, *row) for row in zip(*rows, strict=True)]
  np.testing.assert_allclose(got, want, atol=1e-5)


@pytest.mark.parametrize("blocks", [2, 4])
def test_blocks_hear_of_each_other_through_the_input_only(blocks):
  """No weight of the gates crosses blocks; the step as a whole mixes all."""
  model, params = make(blocks)
  deter, stoch, action = inputs(1)

  def jacobian(method, *others):
    run = lambda x: call(model, method)(params, x[None], *others)[0]
    return jax.jit(jax.jacobian(run))(deter[0])

  block = np.arange(DETER) * blocks // DETER
  same = np.broadcast_to(block[:, None] == block, (3, DETER, DETER))
  gates = jacobian(RSSM._recurrent).reshape(3, DETER, DETER)
  np.testing.assert_array_equal(gates != 0, same)
  assert (jacobian(RSSM.step, stoch, action) != 0).all()
  assert params["gates_deter"]["kernel"].size == 3 * DETER * DETER // blocks


def test_what_is_carried_stays_between_minus_one_and_one():
  """A step is a mean of what was and of a tangent, whatever the weights."""
  model, params = make()
  wild = jax.tree.map(lambda x: 30 * x, params)
  deter, stoch, action = inputs()
  step = call(model, RSSM.step)
  for _ in range(20):
    deter = step(wild, deter, stoch, action)
    assert jnp.abs(deter).max() <= 1
  assert jnp.abs(deter).max() > 0.99


def test_a_shut_update_gate_remembers_for_ever():
  model, params = make()
  for name in ("gates_input", "gates_deter"):
    params[name] = jax.tree.map(jnp.zeros_like, params[name])
  shut = jnp.zeros(3 * DETER).at[2 * DETER :].set(-1.0)
  params["gates_input"]["bias"] = shut
  params["gates_norm"]["scale"] = jnp.full(3 * DETER, 100.0)
  step, rows = call(model, RSSM.step), inputs()
  np.testing.assert_array_equal(step(params, *rows), rows[0])
  params["gates_input"]["bias"] = -shut
  assert jnp.abs(step(params, *rows)).max() < 1e-6  # the candidate is nothing


def test_every_action_leads_elsewhere():
  model, params = make()
  deter, stoch, _ = inputs(1)
  rows = [jnp.repeat(x, NUM_ACTIONS, 0) for x in (deter, stoch)]
  after = call(model, RSSM.step)(params, *rows, jnp.arange(NUM_ACTIONS))
  apart = jnp.abs(after[:, None] - after).max(-1) + jnp.eye(NUM_ACTIONS)
  assert apart.min() > 1e-3


@pytest.mark.parametrize("name", ["prior", "posterior"])
def test_no_class_falls_below_its_uniform_share(name):
  """And the others share what is left, also where the model is very sure."""
  model, params = make()
  sure = jax.tree.map(lambda x: 100 * x, params)
  token = (jnp.ones((5, HIDDEN)),) if name == "posterior" else ()
  got = call(model, getattr(RSSM, name))(sure, inputs()[0], *token)
  chance = np.exp(got)
  np.testing.assert_allclose(chance.sum(-1), 1, rtol=1e-5)
  np.testing.assert_allclose(chance.min(), 0.01 / CLASSES, rtol=1e-4)
  assert chance.max() == pytest.approx(0.99 + 0.01 / CLASSES, rel=1e-4)


# ---- as the world model runs it


@pytest.fixture(name="world", scope="module")
def fixture_world():
  """A model and its weights; keys are its chance, so that loops agree."""
  config = change(
    presets.debug().world_model,
    {"network.deter": 16, "network.hidden": 16, "network.blocks": 2},
  )
  world = WorldModel(config, patterns())
  world._noise = lambda noise, shape: noise
  return world, made(lambda: world.init(jax.random.PRNGKey(0)))


def windows(seed=0, size=3, length=4):
  """Latents, and tokens, actions, firsts and noise of windows after them."""
  rng = np.random.default_rng(seed)
  normal = lambda *shape: jnp.asarray(rng.normal(size=shape), jnp.float32)
  action = jnp.asarray(rng.integers(0, NUM_ACTIONS, (size, length)), jnp.int32)
  first = np.zeros((size, length), bool)
  first[0, 0] = first[1, 2] = True
  noise = jnp.asarray(rng.uniform(size=(length, size, 4)), jnp.float32)
  stoch = jax.nn.one_hot(rng.integers(0, 4, (size, 4)), 4)
  start = Latent(jnp.tanh(normal(size, 16)), stoch, jnp.log(stoch + 1e-3))
  return start, normal(size, length, 16), action, jnp.asarray(first), noise


def one_by_one(world, params, start, tokens, action, first, noise):
  """`observe`, as a loop of `observe_step`."""
  latents = []
  for t in range(action.shape[1]):
    start = world.observe_step(
      params, start, tokens[:, t], action[:, t], first[:, t], noise[t]
    )
    latents.append(start)
  return jax.tree.map(lambda *x: jnp.stack(x, 1), *latents), start


def equal(a, b, atol=0.0):
  for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
    np.testing.assert_allclose(x, y, rtol=0, atol=atol)


def test_a_window_is_its_steps_one_by_one(world):
  """In what comes out, and in the gradient of every weight and token."""
  world, params = world
  start, tokens, *rest = windows(length=3)

  def gradients(observe):
    def loss(params, start, tokens):
      latents, last = observe(params, start, tokens, *rest)
      nats = (jnp.exp(latents.logits) * latents.logits).sum()
      return nats + (feat(latents) ** 2).sum() + jnp.sin(feat(last)).sum(), (
        latents,
        last,
      )

    run = jax.value_and_grad(loss, (0, 1, 2), has_aux=True)
    return jax.jit(run)(params, start, tokens)

  got = gradients(world.observe)
  equal(got, gradients(lambda *args: one_by_one(world, *args)), 1e-4)
  (_, (latents, last)), (weights, before, _) = got
  equal(jax.tree.map(lambda x: x[:, -1], latents), last)
  assert not before.deter[0].any() and before.deter[1].any()
  assert all(x.any() for x in jax.tree.leaves(weights["rssm"]["gates_deter"]))


@pytest.fixture(name="observe", scope="module")
def fixture_observe(world):
  """`observe`, compiled."""
  world, params = world
  run = jax.jit(world.observe)
  return lambda *args: run(params, *args)


def test_two_halves_are_a_whole_window(observe):
  """What a stream carries over is all that the model needs to know."""
  start, tokens, action, first, noise = windows()
  whole, last = observe(start, tokens, action, first, noise)
  halves = []
  for part in (slice(0, 2), slice(2, 4)):
    half, start = observe(
      start, tokens[:, part], action[:, part], first[:, part], noise[part]
    )
    halves.append(half)
  joined = jax.tree.map(lambda *x: jnp.concatenate(x, 1), *halves)
  equal((whole, last), (joined, start), 1e-6)


def test_what_came_before_a_first_frame_is_forgotten(world, observe):
  """Bit for bit: the latent carried in, and the action that led to it."""
  start, tokens, action, _, noise = windows()
  first = jnp.zeros((3, 4), bool).at[:2, 0].set(True)
  other = action.at[:, 0].set((action[:, 0] + 3) % NUM_ACTIONS)
  a, _ = observe(start, tokens, action, first, noise)
  b, _ = observe(world[0].initial(3), tokens, other, first, noise)
  equal(*(jax.tree.map(lambda x: x[:2], x) for x in (a, b)))
  assert jnp.abs(a.deter[2] - b.deter[2]).max() > 1e-3  # not so without one


def test_a_window_knows_nothing_of_its_neighbours(observe):
  (*a, noise), (*b, others) = windows(), windows(seed=1)
  b = jax.tree.map(lambda x, y: y.at[1].set(x[1]), a, b)
  one, _ = observe(*a, noise)
  two, _ = observe(*b, others.at[:, 1].set(noise[:, 1]))
  equal(*(jax.tree.map(lambda x: x[1], x) for x in (one, two)))
  assert jnp.abs(one.deter[0] - two.deter[0]).max() > 1e-3


def test_a_token_reaches_the_next_step_through_its_probabilities(world):
  """Straight through: backwards a sample is the softmax of its logits."""
  world, params = world
  start, tokens, action, _, noise = windows()
  none = jnp.zeros(3, bool)

  def seen(params, token):
    latent = world.observe_step(
      params, start, token, action[:, 0], none, noise[0]
    )
    return latent.deter, latent.stoch, latent.logits

  def ahead(params, deter, stoch):
    after = Latent(deter, stoch, stoch)
    return jnp.sin(3 * world._next(params, after, action[:, 1])).sum()

  @jax.jit
  def run(params, token):
    whole = lambda token: ahead(params, *seen(params, token)[:2])
    (deter, stoch, logits), back = jax.vjp(lambda x: seen(params, x), token)
    error = jax.grad(ahead, 2)(params, deter, stoch)
    p = jnp.exp(logits)
    by_softmax = p * (error - (p * error).sum(-1, keepdims=True))
    nothing = jnp.zeros_like(stoch)
    (want,) = back((jnp.zeros_like(deter), nothing, by_softmax))
    (of_deter,) = back((jnp.ones_like(deter), nothing, nothing))
    return jax.grad(whole)(token), want, of_deter

  got, want, of_deter = run(params, tokens[:, 0])
  equal(got, want, 1e-6)
  assert jnp.abs(got).max() > 1e-4
  assert not of_deter.any()  # deter is what was known before the token


@pytest.mark.parametrize(
  ("floor", "chance"),
  [
    (0.0, [0.53, 0.29, 0.13, 0.05]),
    (0.05, [0.6, 0.3, 0.1, 0]),
    (0.2, [2 / 3, 1 / 3, 0, 0]),
  ],
)
def test_a_dream_draws_what_its_floor_leaves(floor, chance):
  """Without the uniform share, and the rest in proportion."""
  config = change(
    presets.debug().world_model,
    {"latent.dream_floor": floor, "latent.unimix": 0.2, "network.ensemble": 0},
  )
  world = WorldModel(config, patterns())
  params = made(lambda: world.init(jax.random.PRNGKey(0)))
  logits = params["rssm"]["prior_logits"]
  logits["kernel"] = jnp.zeros_like(logits["kernel"])
  given = np.log([0.6, 0.3, 0.1, 1e-9]).astype(np.float32)
  logits["bias"] = jnp.tile(given, 4)
  key, action = jax.random.PRNGKey(1), jnp.zeros(2000, jnp.int32)
  after = jax.jit(world.predict)(params, world.initial(2000), action, key)
  mixed = [0.53, 0.29, 0.13, 0.05]  # with a fifth of it uniform
  np.testing.assert_allclose(jnp.exp(after.logits[0, 0]), mixed, atol=1e-5)
  share = np.asarray(after.stoch).mean((0, 1))
  np.testing.assert_allclose(share, chance, atol=0.025)
  assert (share[np.asarray(chance) == 0] == 0).all()
  drawn = np.asarray(after.stoch)[..., 0]  # each variable by its own chance
  assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.1


def test_a_forecast_is_the_likeliest_of_what_may_be_seen_next(world):
  """It shares deter with the filter; it takes no chance."""
  world, params = world
  start, tokens, action, _, noise = windows()
  step = start, tokens[:, 0], action[:, 0], jnp.zeros(3, bool), noise[0]

  @jax.jit
  def run(params):
    deter = world.observe_step(params, *step).deter
    forecast = world.forecast(params, start, action[:, 0])
    return deter, world.prior(params, deter), forecast

  deter, prior, forecast = run(params)
  equal((forecast.deter, forecast.logits), (deter, prior), 1e-6)
  np.testing.assert_array_equal(forecast.stoch.argmax(-1), prior.argmax(-1))
  np.testing.assert_array_equal(forecast.stoch.sum(-1), 1)
