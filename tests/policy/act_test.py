"""One step of the policy: greedy, curious, and by its own chance."""

import copy

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import presets
from dreamer_jax.policy import act as act_lib
from dreamer_jax.policy import learner
from dreamer_jax.policy.act import make_act
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.world_model.learner import feat_dim
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns


def test_a_curious_policy_takes_the_action_that_is_doubtful():
  """Nobody knows what comes of the fifth button, and all is known else."""
  config = presets.debug()
  world = WorldModel(config.world, patterns())
  net = ActorCritic(config.behavior)
  actor = learner.init(net, config.behavior, feat_dim(config.world), 0).actor
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
      jnp.zeros((32, config.behavior.goal_dim)),
      np.stack([np.arange(32), np.zeros(32)], -1).astype(np.uint32),
    )  # fmt: skip
    chosen[curiosity] = set(np.asarray(action).tolist())
  assert len(chosen[0.0]) > 3 and chosen[30.0] == {5}


def test_what_is_looked_at_and_what_is_drawn_share_no_chance(monkeypatch):
  """The look-ahead's key is made to choose: it is another than the draw's."""
  config = presets.debug()
  world = copy.copy(WorldModel(config.world, patterns()))
  net = ActorCritic(config.behavior)
  actor = learner.init(net, config.behavior, feat_dim(config.world), 0).actor
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
    WorldModel(config.world, patterns()).init(jax.random.PRNGKey(0)), actor,
    world.initial(64), jnp.zeros(64, jnp.int32),
    make_batch(64, 1).tiles[:, 0], jnp.ones(64, bool),
    jnp.zeros((64, config.behavior.goal_dim)), keys,
  )  # fmt: skip
  drawn = jax.vmap(jax.random.split)(keys)[:, 1]
  same = action == drawn[:, 0] % 997 % 8
  assert same.mean() < 0.5
