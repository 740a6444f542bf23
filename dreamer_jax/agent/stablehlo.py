"""The agent as StableHLO programs that run without this package.

`act` is one step of the policy from the picture on, `dream` one imagined step
to the picture. Weights are arguments: as constants they would be in both
files, in one precision, and XLA would fold them when it compiles. So the
programs are small, and one of them serves the f32, bf16 and int8 weights. What
does not change with the weights' precision is constant: the tile codebook and
the goals' embeddings.

Both take `(weights, inputs)`: f32 arrays by name as in `agent.weights`, without
the critic, and a dict; both return a dict. Random keys are raw u32 pairs.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import traverse_util
from jax import export

from dreamer_jax import contract
from dreamer_jax.agent import weights as weights_lib
from dreamer_jax.agent.agent import Agent
from dreamer_jax.contract import PROBES, TERMS
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy.act import make_act
from dreamer_jax.training import compatibility
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model import heads

PLATFORMS = ("cpu", "cuda", "tpu")
MEANING = {  # of the programs' inputs and outputs, for spec.json
  "state": "the model's memory: zeros at first, then what came back",
  "action": "an index into actions: act takes the one before and gives the "
            "next, dream takes the one to imagine",
  "picture": "shades, 0 white to 3 black",
  "is_first": "an episode begins: state and action are forgotten",
  "goal": "an index into goals",
  "key": "any two numbers, others at each step: the chance of this step",
  "sampled": "the next state is drawn; else it is the most likely",
  "log_probs": "of the actions",
  "tiles": "ids of the codebook",
  "terms": "expected reward terms, unweighted, in the order of terms",
  "cont": "probability that the episode goes on",
  "probes": "the game's RAM as read from the state: classes, or values",
}  # fmt: skip
_TILE = 8  # pixels


def to_ids(shades: jax.Array, picture: jax.Array) -> jax.Array:
  """Looks a picture's tiles up, as `data.codebook` does on the host.

  A pixel's two bits as numbers: the Hamming distance of tiles is then a matrix
  product, exact at any precision, for all its terms are 0 or 1.

  Args:
    shades: `[V, 64]` u8, the codebook's.
    picture: `[N, 144, 160]` u8 shades, 0 white to 3 black.

  Returns:
    `[N, 18, 20]` i32, the nearest pattern of each tile.
  """
  rows, columns = contract.GRID
  tiles = picture.reshape(-1, rows, _TILE, columns, _TILE)
  tiles = tiles.swapaxes(2, 3).reshape(-1, _TILE * _TILE)
  bits = lambda x: jnp.concatenate([x >> 1, x & 1], -1).astype(jnp.float32)
  book = bits(shades)  # [V, 128]
  # The tile's own bits shift all its distances alike.
  distance = book.sum(-1) - 2 * bits(tiles) @ book.T
  return distance.argmin(-1).astype(jnp.int32).reshape(-1, rows, columns)


def to_picture(shades: jax.Array, ids: jax.Array) -> jax.Array:
  """`[V, 64]` u8 and `[N, 18, 20]` ids -> `[N, 144, 160]` u8 shades."""
  tiles = shades[ids].reshape(*ids.shape, _TILE, _TILE)
  return tiles.swapaxes(2, 3).reshape(-1, *contract.FRAME_SHAPE)


def unpack(patterns: jax.Array) -> jax.Array:
  """`[V, 16]` u8, four pixels a byte -> `[V, 64]` u8 shades."""
  shifts = jnp.array([6, 4, 2, 0], jnp.uint8)
  shades = (jnp.asarray(patterns)[..., None] >> shifts) & 3
  return shades.reshape(len(patterns), -1)


def weights(agent: Agent) -> dict[str, jax.Array]:
  """The programs' first argument."""
  trees = {"world": agent.world_params, "actor": agent.actor}
  return weights_lib.decode(weights_lib.encode(trees, "f32"))


def make_programs(agent: Agent) -> dict[str, tuple[Callable, dict]]:
  """`act` and `dream` as functions, each with an example of its inputs."""
  latent = jax.tree.map(jnp.asarray, agent.world.initial(1))
  key = jnp.zeros((1, 2), jnp.uint32)
  action = jnp.zeros(1, jnp.int32)
  seen = {
    "state": vars(latent), "action": action, "key": key,
    "picture": jnp.zeros((1, *contract.FRAME_SHAPE), jnp.uint8),
    "is_first": jnp.ones(1, bool), "goal": jnp.zeros(1, jnp.int32),
  }  # fmt: skip
  dreamed = {
    "state": vars(latent), "action": action, "key": key[0],
    "sampled": jnp.zeros((), bool),
  }  # fmt: skip
  return {"act": (_act(agent), seen), "dream": (_dream(agent), dreamed)}


def _act(agent: Agent) -> Callable:
  """Filters a picture and acts; `log_probs` are those it was drawn from."""
  act, net = make_act(agent.world, agent.net), agent.net
  goals, shades = jnp.asarray(agent.goals), unpack(agent.codebook.patterns)

  def run(weights: dict, inputs: dict) -> dict:
    trees = traverse_util.unflatten_dict(weights, sep="/")
    goal = goals[inputs["goal"]]
    action, latent = act(
      trees["world"], trees["actor"], Latent(**inputs["state"]),
      inputs["action"], to_ids(shades, inputs["picture"]), inputs["is_first"],
      goal, inputs["key"],
    )  # fmt: skip
    logits = net.logits(trees["actor"], feat(latent), goal)
    return {"action": action, "state": vars(latent), "log_probs": logits}

  return run


def _dream(agent: Agent) -> Callable:
  """One step of the dream: drawn where `sampled`, else most likely."""
  world, shades = agent.world, unpack(agent.codebook.patterns)

  def run(weights: dict, inputs: dict) -> dict:
    params = traverse_util.unflatten_dict(weights, sep="/")["world"]
    latent, action = Latent(**inputs["state"]), inputs["action"]
    latent = jax.lax.cond(
      inputs["sampled"],
      lambda: world.predict(params, latent, action, inputs["key"]),
      lambda: world.forecast(params, latent, action),
    )
    ids = world.tiles(params, latent).astype(jnp.int32)
    out = world.heads(params, feat(latent))
    return {
      "state": vars(latent),
      "tiles": ids,
      "picture": to_picture(shades, ids),
      "terms": heads.expected_terms(out),
      "cont": jax.nn.sigmoid(out["cont"]),
      "probes": {name: _read(out[f"probe_{name}"], PROBES[name].size)
                 for name in PROBES},
    }  # fmt: skip

  return run


def _read(out: jax.Array, classes: int) -> jax.Array:
  """A probe's most likely class, or its value."""
  return out.argmax(-1).astype(jnp.int32) if classes > 1 else out


def lower(agent: Agent, platforms=PLATFORMS) -> tuple[dict[str, bytes], dict]:
  """Lowers both programs.

  Args:
    agent: whose sizes, codebook and goals they have.
    platforms: to run on.

  Returns:
    the serialised programs by name, and the JSON tree that says what they take
    and give, what each number means.
  """
  given = _shapes(weights(agent))
  files, told = {}, {}
  for name, (function, example) in make_programs(agent).items():
    program = export.export(jax.jit(function), platforms=platforms)(
      given, _shapes(example)
    )
    files[name] = bytes(program.serialize())
    outputs = jax.eval_shape(function, given, example)
    told[name] = {"inputs": _tell(example), "outputs": _tell(outputs)}
    version = program.calling_convention_version
  return files, {
    "programs": told,
    "meaning": MEANING,
    "weights": sorted(given),
    "platforms": list(platforms),
    "jax": jax.__version__,
    "calling_convention_version": version,
    "actions": list(contract.BUTTONS),
    "terms": list(TERMS),
    "goals": [goal.name for goal in vocabulary.GOALS],
    "game": compatibility.origin(agent.meta).name,
    "rom_sha1": compatibility.origin(agent.meta).sha1,
  }


def _shapes(tree: dict) -> dict:
  return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), tree)


def _tell(tree: dict) -> dict:
  """The tree with type and shape for arrays."""
  tell = lambda x: {"dtype": x.dtype.name, "shape": list(x.shape)}
  return jax.tree.map(tell, tree)
