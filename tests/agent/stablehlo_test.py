"""Exported programs against the functions that they were made of."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

from dreamer_jax.agent import stablehlo
from dreamer_jax.game import frames
from dreamer_jax.policy.act import make_act
from dreamer_jax.types import Latent, feat


@pytest.fixture(name="lowered", scope="module")
def fixture_lowered(agent):
  return stablehlo.lower(agent)


def test_pictures_and_ids_are_the_codebooks(agent):
  rng = np.random.default_rng(1)
  ids = rng.integers(0, len(agent.codebook), (2, 18, 20), dtype=np.int16)
  shades = stablehlo.unpack(agent.codebook.patterns)
  pictures = agent.codebook.frames(ids)
  np.testing.assert_array_equal(stablehlo.to_picture(shades, ids), pictures)
  np.testing.assert_array_equal(stablehlo.to_ids(shades, pictures), ids)
  unknown = rng.integers(0, 4, pictures.shape, dtype=np.uint8)
  nearest = agent.codebook.encode(frames.pack(unknown))
  np.testing.assert_array_equal(stablehlo.to_ids(shades, unknown), nearest)


def state(agent, seed=0):
  """A latent as after some steps."""
  rng = np.random.default_rng(seed)
  fill = lambda x: jnp.asarray(rng.normal(size=x.shape), jnp.float32)
  return jax.tree.map(fill, agent.world.initial(1))


def call(lowered, name, agent, inputs):
  program = export.deserialize(bytearray(lowered[0][name]))
  assert program.platforms == ("cpu", "cuda", "tpu")
  return jax.jit(program.call)(stablehlo.weights(agent), inputs)


@pytest.mark.parametrize("is_first", [True, False])
def test_act(agent, lowered, is_first):
  rng = np.random.default_rng(2)
  picture = rng.integers(0, 4, (1, 144, 160), dtype=np.uint8)
  latent, key = state(agent), np.array([[3, 9]], np.uint32)
  first, action = np.full(1, is_first), np.full(1, 4, np.int32)
  out = call(lowered, "act", agent, {
    "state": vars(latent), "action": action, "picture": picture,
    "is_first": first, "goal": np.full(1, 5, np.int32), "key": key,
  })  # fmt: skip
  tiles = agent.codebook.encode(frames.pack(picture))
  wanted, after = make_act(agent.world, agent.net)(
    agent.world_params, agent.actor, latent, action, tiles, first,
    agent.goals[[5]], key,
  )  # fmt: skip
  assert int(out["action"][0]) == int(wanted[0])
  np.testing.assert_allclose(out["state"]["deter"], after.deter, atol=1e-5)
  np.testing.assert_allclose(out["state"]["stoch"], after.stoch, atol=1e-5)
  logits = agent.net.logits(agent.actor, feat(after), agent.goals[[5]])
  np.testing.assert_allclose(out["log_probs"], logits, atol=1e-3)


@pytest.mark.parametrize("sampled", [True, False])
def test_dream(agent, lowered, sampled):
  flatter = jax.tree.map(lambda x: x / 10, agent.world_params)
  agent = agent._replace(world_params=flatter)
  latent, key = state(agent), np.array([3, 9], np.uint32)
  action = np.full(1, 4, np.int32)
  out = call(lowered, "dream", agent, {
    "state": vars(latent), "action": action, "key": key,
    "sampled": np.array(sampled),
  })  # fmt: skip
  world, params = agent.world, agent.world_params
  drawn = world.predict(params, latent, action, key)
  likely = world.forecast(params, latent, action)
  assert (jnp.abs(drawn.stoch - likely.stoch) > 0.5).any()
  after = drawn if sampled else likely
  np.testing.assert_allclose(out["state"]["stoch"], after.stoch, atol=1e-5)
  np.testing.assert_allclose(out["state"]["deter"], after.deter, atol=1e-5)
  tiles = np.asarray(world.tiles(params, Latent(**out["state"])))
  np.testing.assert_array_equal(out["tiles"], tiles)
  np.testing.assert_array_equal(out["picture"], agent.codebook.frames(tiles))
  assert out["terms"].shape == (1, 7) and 0 <= float(out["cont"][0]) <= 1


def test_the_spec_says_what_the_programs_take(agent, lowered):
  files, spec = lowered
  for name, told in spec["programs"].items():
    program = export.deserialize(bytearray(files[name]))
    given, _ = jax.tree.unflatten(program.in_tree, program.in_avals)
    assert sorted(given[0]) == spec["weights"]
    tell = lambda x: {"dtype": x.dtype.name, "shape": list(x.shape)}
    assert jax.tree.map(tell, given[1]) == told["inputs"]
    assert told["inputs"].keys() | told["outputs"].keys() <= set(
      stablehlo.MEANING
    )
  assert spec["goals"][0] and len(spec["goals"]) == len(agent.goals)


def test_programs_hold_no_weights(lowered):
  """Small, though the model is a megabyte: weights are arguments."""
  assert all(len(data) < 400_000 for data in lowered[0].values())
