"""One step of the policy: greedy, curious, and by its own chance."""

import copy
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.policy import act as act_lib
from dreamer_jax.policy import learner
from dreamer_jax.policy.act import make_act
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model.learner import feat_dim
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns


def test_a_curious_policy_takes_the_action_that_is_doubtful():
  """Nobody knows what comes of the fifth button, and all is known else."""
  config = presets.debug()
  world = WorldModel(config.world_model, patterns())
  net = ActorCritic(config.policy)
  actor = learner.init(
    net, config.policy, feat_dim(config.world_model), 0
  ).actor
  weights = world.init(jax.random.PRNGKey(0))

  def predict(params, latent, action, rng):
    del params, rng
    marked = jnp.zeros_like(latent.deter) + action[:, None]
    return latent.replace(deter=marked)

  def uncertainty(params, deter):
    del params
    return (deter.mean(-1) == 5).astype(jnp.float32)

  knows = copy.copy(world)
  knows.predict, knows.uncertainty = predict, uncertainty
  chosen = {}
  for curiosity in (0.0, 30.0):
    act = make_act(knows, net, curiosity=curiosity)
    action, _ = act(
      weights, actor, world.initial(32), jnp.zeros(32, jnp.int32),
      make_batch(32, 1).tiles[:, 0], jnp.ones(32, bool),
      jnp.zeros((32, config.policy.network.goal_dim)),
      np.stack([np.arange(32), np.zeros(32)], -1).astype(np.uint32),
    )  # fmt: skip
    chosen[curiosity] = set(np.asarray(action).tolist())
  assert len(chosen[0.0]) > 3 and chosen[30.0] == {5}


def test_what_is_looked_at_and_what_is_drawn_share_no_chance(monkeypatch):
  """The look-ahead's key is made to choose: it is another than the draw's."""
  config = presets.debug()
  world = copy.copy(WorldModel(config.world_model, patterns()))
  net = ActorCritic(config.policy)
  actor = learner.init(
    net, config.policy, feat_dim(config.world_model), 0
  ).actor
  told = lambda latent, rng: jnp.zeros_like(latent.deter) + rng[0] % 997
  world.predict = lambda _, latent, action, rng: latent.replace(
    deter=told(latent, rng)
  )
  world.uncertainty = lambda _, deter: deter.mean(-1)
  monkeypatch.setattr(
    act_lib, "lean",
    lambda logits, doubt, _: 1e9 * jax.nn.one_hot(doubt[0].astype(int) % 8, 8),
  )  # fmt: skip
  keys = jax.random.split(jax.random.PRNGKey(0), 64)
  action, _ = act_lib.make_act(world, net, curiosity=1.0)(
    WorldModel(config.world_model, patterns()).init(jax.random.PRNGKey(0)),
    actor,
    world.initial(64), jnp.zeros(64, jnp.int32),
    make_batch(64, 1).tiles[:, 0], jnp.ones(64, bool),
    jnp.zeros((64, config.policy.network.goal_dim)), keys,
  )  # fmt: skip
  drawn = jax.vmap(jax.random.split)(keys)[:, 1]
  same = action == drawn[:, 0] % 997 % 8
  assert same.mean() < 0.5


DIM = 4  # of the deter below


class PlainWorld:
  """Sums up what it is given: the deter tells what a step was told."""

  def initial(self, batch):
    stoch = jnp.zeros((batch, 1, 1))
    return Latent(jnp.zeros((batch, DIM)), stoch, stoch)

  def encode(self, params, tiles):
    return params * tiles.reshape(len(tiles), -1)[:, :1].astype(jnp.float32)

  def observe_step(self, params, latent, token, action, is_first, rng):
    del params, rng
    kept = latent.deter[:, 0] * (1.0 - is_first)
    told = [kept + token[:, 0], action, is_first, jnp.ones_like(kept)]
    return latent.replace(deter=jnp.stack([x * 1.0 for x in told], -1))


@functools.cache
def loud():
  """A policy that says other things in other states, and is not sure."""
  config = presets.debug().policy
  net = ActorCritic(config)
  key, rng = jax.random.PRNGKey(0), np.random.default_rng(5)
  shapes = jax.eval_shape(lambda: net.init(key, key, DIM + 1)[0])
  fill = lambda x: jnp.asarray(0.5 * rng.normal(size=x.shape), jnp.float32)
  return net, jax.tree.map(fill, shapes)


def seen(count):
  """What `count` emulators are told, all of them something else."""
  rng = np.random.default_rng(0)
  deter = rng.normal(size=(count, DIM)).astype(np.float32)
  return {
    "latent": PlainWorld().initial(count).replace(deter=jnp.asarray(deter)),
    "action": jnp.asarray(rng.integers(0, 8, count), jnp.int32),
    "tiles": make_batch(count, 1).tiles[:, 0],
    "is_first": jnp.arange(count) % 3 == 0,
    "goal": jnp.asarray(rng.normal(size=(count, 64)) / 8, jnp.float32),
    "keys": jax.random.split(jax.random.PRNGKey(1), count),
  }


@functools.cache
def plain_act(**options):
  net, actor = loud()
  act = make_act(PlainWorld(), net, **options)
  return lambda told: act(0.1, actor, **told)


def test_each_emulator_is_filtered_by_what_it_showed():
  """An episode's first step forgets; the picture and the action are its own."""
  told = seen(6)
  _, latent = plain_act()(told)
  kept = told["latent"].deter[:, 0] * (1 - told["is_first"])
  np.testing.assert_allclose(
    latent.deter[:, 0], kept + 0.1 * told["tiles"][:, 0, 0], rtol=1e-5
  )
  np.testing.assert_array_equal(latent.deter[:, 1], told["action"])
  np.testing.assert_array_equal(latent.deter[:, 2], told["is_first"])
  assert latent.stoch.shape == (6, 1, 1)


def test_the_greedy_take_the_likeliest_action_of_what_they_now_know():
  """From the latent after the step and its own goal; no key has a say."""
  net, actor = loud()
  act, told = plain_act(greedy=True), seen(6)
  action, latent = act(told)
  logits = net.logits(actor, feat(latent), told["goal"])
  np.testing.assert_array_equal(action, logits.argmax(-1))
  assert action.dtype == jnp.int32 and len(set(action.tolist())) > 1
  again, _ = act({**told, "keys": told["keys"][::-1] + 7})
  np.testing.assert_array_equal(again, action)


@pytest.mark.parametrize("temperature", [1e-3, 0.5, 1.0, 1e4])
def test_temperature_sharpens_and_blurs(temperature):
  """Probabilities to the power of `1 / temperature`; all see the same."""
  told = jax.tree.map(lambda x: jnp.repeat(x[:1], 4000, 0), seen(6))
  told["keys"] = jax.random.split(jax.random.PRNGKey(2), 4000)
  action, latent = plain_act(temperature=temperature)(told)
  net, actor = loud()
  one = jax.tree.map(lambda x: x[:1], latent)
  logits = np.asarray(net.logits(actor, feat(one), told["goal"][:1])[0])
  power = np.exp((logits - logits.max()) / temperature)
  share = np.bincount(action, minlength=8) / 4000
  np.testing.assert_allclose(share, power / power.sum(), atol=0.03)


def test_what_one_emulator_does_depends_on_no_other():
  """All is changed of the fifth, and the others act to the bit as before."""
  act, told = plain_act(), seen(6)
  action, latent = act(told)
  other = jax.tree.map(lambda x: x.at[4].set(x[2]), told)
  other["keys"] = other["keys"].at[4].set(jnp.array([3, 4], jnp.uint32))
  changed, after = act(other)
  rest = np.arange(6) != 4
  np.testing.assert_array_equal(action[rest], changed[rest])
  np.testing.assert_array_equal(latent.deter[rest], after.deter[rest])
  assert (latent.deter[4] != after.deter[4]).any()
  # One at a time or in another order they do the same.
  turned, _ = act(jax.tree.map(lambda x: x[::-1], told))
  np.testing.assert_array_equal(turned[::-1], action)
  alone = [act(jax.tree.map(lambda x, i=i: x[i : i + 1], told))[0][0]
           for i in range(6)]  # fmt: skip
  np.testing.assert_array_equal(alone, action)


def test_keys_choose():
  """The same state under other keys does other things; a key the same."""
  act = plain_act()
  told = jax.tree.map(lambda x: jnp.repeat(x[:1], 6, 0), seen(6))
  assert len(set(np.asarray(act(told)[0]).tolist())) == 1
  actions = set()
  for seed in range(4):
    told["keys"] = jax.random.split(jax.random.PRNGKey(seed), 6)
    actions |= set(np.asarray(act(told)[0]).tolist())
  assert len(actions) > 2
