"""Weights in fewer bits, and files of them that are damaged."""

import json
import os

import jax
import numpy as np
import pytest
from flax import traverse_util
from safetensors.numpy import save

from dreamer_jax import presets
from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.agent import weights
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import compatibility
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel


def tree(rng):
  normal = lambda *shape: rng.normal(0, 1, shape).astype(np.float32)
  return {
    "wide": {"kernel": normal(128, 96), "bias": normal(96)},
    "blocks": {"kernel": normal(3, 64, 16)},
    "narrow": {"kernel": normal(24, 100)},
  }


@pytest.fixture(name="trees")
def fixture_trees():
  return {"world": tree(np.random.default_rng(0))}


PATTERNS = np.arange(64, dtype=np.uint8).reshape(4, 16)


def test_quantize_rounds_to_the_nearest_of_each_columns_steps():
  weight = np.float32([[1.27, 0.0, -5.0], [-0.636, 0.0, 2.5]])
  array, scale = weights.quantize(weight)
  np.testing.assert_array_equal(array, [[127, 0, -127], [-64, 0, 64]])
  np.testing.assert_allclose(scale, [[0.01, 1.0, 5 / 127]], rtol=1e-6)


@pytest.mark.parametrize("dtype", weights.DTYPES)
def test_round_trip(trees, tmp_path, dtype):
  path = tmp_path / "a.safetensors"
  size = weights.write(path, trees, PATTERNS, {"note": "é"}, dtype)
  assert size == path.stat().st_size
  stored = weights.read(path)
  np.testing.assert_array_equal(stored.patterns, PATTERNS)
  assert stored.meta == {"note": "é"}
  given = traverse_util.flatten_dict(trees, sep="/")
  got = traverse_util.flatten_dict(stored.trees, sep="/")
  assert got.keys() == given.keys()
  for name, weight in given.items():
    assert got[name].dtype == np.float32
    error = np.abs(got[name] - weight)
    bound = np.abs(weight) * (0.0 if dtype == "f32" else 2.0**-8)
    if dtype == "int8" and "kernel" in name and "narrow" not in name:
      bound = np.abs(weight).max(-2, keepdims=True) / 253
    assert (error <= bound).all(), name
    assert dtype == "f32" or error.max() > 0


def test_int8_is_a_quarter_and_its_scales(trees, tmp_path):
  trees = {"world": {"wide": trees["world"]["wide"]}}
  write = lambda dtype: weights.write(
    tmp_path / dtype, trees, PATTERNS, {}, dtype
  )
  overhead = 2 * 96 * 4 + 512  # bias and scales, header
  assert write("int8") < write("f32") / 4 + overhead
  assert write("bf16") < write("f32") / 2 + overhead


def test_base_is_small(tmp_path):
  """60 MB and 16 MB are the most that it may take."""
  config = presets.base()
  world = WorldModel(config.world_model, np.zeros((1024, 16), np.uint8))
  dim = world_learner.feat_dim(config.world_model)
  world_params, behavior = jax.eval_shape(
    lambda: (
      world.init(jax.random.PRNGKey(0)),
      policy_learner.init(ActorCritic(config.policy), config.policy, dim, 0),
    )
  )
  trees = {
    "world": world_params, "actor": behavior.actor, "critic": behavior.critic,
  }  # fmt: skip
  trees = jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), trees)
  size = lambda dtype: weights.write(
    tmp_path / "x", trees, np.zeros((1024, 16)), {}, dtype
  )
  assert size("f32") < 60e6
  assert size("int8") < 16e6


def test_agent_comes_back(agent, tmp_path):
  path = str(tmp_path / "agent.safetensors")
  agent = agent._replace(critic=None)
  agent_lib.save(path, agent, "f32")
  loaded = agent_lib.load(path)
  for a, b in (
    (loaded.world_params, agent.world_params), (loaded.actor, agent.actor),
  ):  # fmt: skip
    jax.tree.map(np.testing.assert_array_equal, a, b)
  assert loaded.codebook.hash == agent.codebook.hash
  assert loaded.config == agent.config and loaded.meta == agent.meta
  assert loaded.critic is None and loaded.clone is None


def test_a_runs_critic_is_kept(checkpoint, tmp_path):
  path = str(tmp_path / "agent.safetensors")
  agent = agent_lib.load(checkpoint)
  agent_lib.save(path, agent, "f32")
  loaded = agent_lib.load(path)
  jax.tree.map(np.testing.assert_array_equal, loaded.critic, agent.critic)


def test_the_package_brings_an_agent():
  """Small, of this version's goals and ROM, and it acts."""
  path = weights.locate(weights.PRETRAINED)
  assert os.path.getsize(path) <= 12e6
  agent = agent_lib.load(weights.PRETRAINED)
  assert agent.config.name == "lantern"
  assert compatibility.differences(agent.meta) == []
  assert agent_lib.rom_of(agent).name == roms.EMBEDDED
  assert agent.config.env.rom is None  # no path of the machine that made it
  assert weights.locate("runs/x") == "runs/x"


@pytest.mark.parametrize("dtype", weights.DTYPES)
def test_another_json_leaves_the_arrays_as_they_are(trees, tmp_path, dtype):
  path = tmp_path / "a.safetensors"
  arrays = lambda: path.read_bytes()[-sum(
    size for _, size in weights.peek(path).sizes.values()
  ) :]  # fmt: skip
  weights.write(path, trees, PATTERNS, {"note": "old"}, dtype)
  before = arrays()
  weights.retell(path, {"note": "new, and longer"})
  assert arrays() == before and weights.peek(path).dtype == dtype
  assert weights.read(path).meta == {"note": "new, and longer"}


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.9999])
def test_truncated(agent, tmp_path, share):
  path = tmp_path / "agent.safetensors"
  agent_lib.save(str(path), agent, "int8")
  data = path.read_bytes()
  path.write_bytes(data[: int(len(data) * share)])
  with pytest.raises(UserError, match="damaged") as error:
    agent_lib.load(str(path))
  assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_changed_byte(agent, tmp_path):
  path = tmp_path / "agent.safetensors"
  agent_lib.save(str(path), agent, "bf16")
  data = bytearray(path.read_bytes())
  data[-100] ^= 1
  path.write_bytes(data)
  with pytest.raises(UserError, match="not those that were written"):
    agent_lib.load(str(path))


def test_a_file_of_another_kind(tmp_path):
  path = tmp_path / "other.safetensors"
  path.write_bytes(save({"x": np.zeros(3)}))
  with pytest.raises(UserError, match="format None"):
    agent_lib.load(str(path))


def test_another_model(agent, tmp_path):
  """Weights that do not fit the config in the same file."""
  path = tmp_path / "agent.safetensors"
  meta = json.loads(json.dumps(agent.meta))
  meta["config"]["world_model"]["network"]["deter"] += 1
  agent_lib.save(str(path), agent._replace(meta=meta), "f32")
  with pytest.raises(UserError, match="another model"):
    agent_lib.load(str(path))
