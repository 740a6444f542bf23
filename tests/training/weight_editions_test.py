"""Weights keep their meaning, or their edition is raised."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import weight_editions
from dreamer_jax.training.weight_editions import POLICY, WORLD
from dreamer_jax.types import feat
from dreamer_jax.world_model import decoder, heads
from dreamer_jax.world_model.model import WorldModel

# What chance weights make of chance inputs, by part and edition. A change here
# without another edition makes every agent that there is play wrongly, and
# says nothing: raise `meaning.EDITIONS`, tell the change in `_CHANGES`, then
# write the new numbers beside the new edition.
GOLDEN = {
  (POLICY, 3): [
    -2.0889, -2.2952, -1.7545, -2.0348, -2.1452, -2.1023, -1.9482, -2.4081,
    -4.66,
  ],
  (WORLD, 1): [
    22.93, 1.0628, 0.61667, 0.56807, 0.0, 0.46368, 94.574, 101.33, 0.0, 0.47545,
    0.14552, 0.2129, 86.217, 8.8946, 3.5176, 0.36995, 0.21066, 0.22887,
    0.0071644, 0.77676, 0.066576, 67.377, 0.35775, 2.0797, 71.879, 66.842,
    0.27398, 8.3644, 163.81, 29.545,
  ],
}  # fmt: skip


def chance(rng, make):
  """The tree that `make()` returns, of numbers that any library draws."""
  return jax.tree.map(
    lambda x: jnp.asarray(rng.normal(0, 0.3, x.shape), x.dtype),
    jax.eval_shape(make),
  )


@jax.jit
def policy_numbers() -> list:
  rng = np.random.default_rng(0)
  config = presets.debug().policy
  config = change(config, {"network.dtype": "float32", "network.goal_dim": 8})
  net = ActorCritic(config)
  seen = jnp.asarray(rng.normal(0, 1, (1, 24)), jnp.float32)
  goal = jnp.asarray(rng.normal(0, 0.1, (1, 8)), jnp.float32)
  key = jax.random.PRNGKey(0)
  actor, critic = (
    chance(rng, lambda k=k: net.init(key, key, seen.shape[-1])[k])
    for k in (0, 1)
  )
  logits = net.logits(actor, seen, goal)
  value = net.value(critic, seen, goal)
  return [*logits[0], value[0]]


@jax.jit
def world_numbers() -> list:
  rng = np.random.default_rng(0)
  config = change(presets.debug().world_model, {"network.dtype": "float32"})
  patterns = rng.integers(0, 256, (32, 16), dtype=np.uint8)
  world = WorldModel(config, patterns)
  params = chance(rng, lambda: world.init(jax.random.PRNGKey(0)))
  tiles = jnp.asarray(rng.integers(0, 32, (1, 18, 20)))
  token = world.encode(params, tiles)
  first, key = jnp.ones(1, bool), jax.random.PRNGKey(0)
  action = jnp.full(1, 3)
  latent = world.observe_step(
    params, world.initial(1), token, action, first, key
  )
  latent = world.forecast(params, latent, action)
  out = world.heads(params, feat(latent))
  kernel, bias = world.logit_weights(params)
  return [
    jnp.abs(latent.logits).sum(), jnp.abs(latent.deter).sum(),
    *heads.expected_terms(out)[0],
    *(jnp.abs(out[name]).sum() for name in sorted(out)),
    jnp.abs(kernel).sum(), jnp.abs(bias).sum(),
  ]  # fmt: skip


@pytest.mark.parametrize(
  ("part", "numbers"), [(POLICY, policy_numbers), (WORLD, world_numbers)]
)
def test_golden(part, numbers):
  known = GOLDEN[part, weight_editions.EDITIONS[part]]
  np.testing.assert_allclose(numbers(), known, rtol=2e-3, atol=2e-4)


def test_the_table_is_of_this_edition():
  """Each constant by its value: one that changes wants another edition."""
  assert weight_editions.table() == {
    WORLD: {
      "edition": 1,
      "actions": ["a", "b", "start", "select", "up", "down", "left", "right"],
      "terms": ["badge", "species", "new_map", "battle_win", "xp", "hp_lost",
                "stuck"],
      "events": {"badge": 0, "species": 1, "battle_win": 3},
      "amounts": {"xp": 4, "hp_lost": 5},
      "amount_bins": [33, 6.5], "likely": 0.3,
      "probes": {
        "map": 256, "x": 256, "y": 256, "facing": 4, "in_battle": 2,
        "dialog_open": 2, "badges": 9, "party_count": 7, "hp_fraction": 1,
        "enemy_hp_fraction": 1, "level_sum": 1, "owned_count": 1,
      },
      "level_scale": 100.0, "owned_scale": 10.0, "maps": 256,
      "goal_bytes": 40, "logit_gain": 4.0,
    },
    POLICY: {
      "edition": 3,
      "actions": ["a", "b", "start", "select", "up", "down", "left", "right"],
      "goal_gain": 8.0, "value_unit": 10.0, "value_symlog": 6.0,
    },
  }  # fmt: skip


def test_what_changed_is_named(monkeypatch):
  told = weight_editions.table()
  assert weight_editions.differences(told, WORLD) == []
  monkeypatch.setattr(decoder, "LOGIT_GAIN", 2.0)
  (phrase,) = weight_editions.differences(told, WORLD)
  assert phrase == (
    "its world model was made with logit_gain 4.0, this version has 2.0"
  )
  assert weight_editions.differences(told, POLICY) == []


def test_a_policy_that_says_nothing_is_of_before_the_gain():
  (phrase,) = weight_editions.differences({}, POLICY)
  assert "before goals were heard eight times as loudly" in phrase
  assert weight_editions.differences({}, WORLD) == []


def test_a_newer_edition_is_refused_too():
  told = weight_editions.table()
  told[POLICY]["edition"] = 4
  (phrase,) = weight_editions.differences(told, POLICY)
  assert phrase.endswith("edition 4, this version has 3")
