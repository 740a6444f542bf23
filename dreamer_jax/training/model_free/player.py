"""The model-free baseline as a player, from a run's file."""

import json
import os
import pathlib
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from flax import serialization

from dreamer_jax import config as config_lib
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.errors import UserError
from dreamer_jax.game.vector import VectorStep
from dreamer_jax.training.model_free import learner
from dreamer_jax.training.model_free.learner import Net

FILE = "model_free.msgpack"


class Policy:
  """The network as a player of many emulators; `data.collect`'s protocol."""

  def __init__(self, net: Net, codebook: TileCodebook, params, act, count: int):
    """`act` is `learner.make_act`'s, for `count` emulators."""
    self._params, self._codebook, self._act = params, codebook, act
    self.memory = learner.initial(net, count)
    self.action = jnp.zeros(count, jnp.int32)
    self._seeds = np.zeros(count, np.uint32)
    self._steps = np.zeros(count, np.uint32)

  def reset(self, indices, seeds) -> None:
    """Emulators `indices` begin episodes with `seeds`."""
    self._seeds[indices] = np.asarray(seeds) % 2**32
    self._steps[indices] = 0

  def look(self, step: VectorStep) -> tuple:
    """Tiles, then what `make_act` returns; nothing is remembered."""
    tiles = self._codebook.encode(step.packed)
    keys = np.stack([self._seeds, self._steps], -1).astype(np.uint32)
    return tiles, *self._act(
      self._params, self.memory, tiles, self.action,
      np.asarray(step.is_first), keys,
    )  # fmt: skip

  def follow(self, action, memory) -> None:
    """Remembers what was chosen."""
    self.action, self.memory = action, memory
    self._steps += 1

  def take(self, params) -> None:
    """Plays on with newer parameters."""
    self._params = params

  def __call__(self, step: VectorStep) -> np.ndarray:
    """Actions `[N]` for the emulators' present frames."""
    _, action, _, _, memory = self.look(step)
    self.follow(action, memory)
    return np.asarray(action)


def policy_maker(
  path: str, greedy: bool = False
) -> tuple[Callable[[int], Policy], dict]:
  """A trained baseline as a player, and the JSON of its run.

  Args:
    path: a run's folder, or its file.
    greedy: the most likely action is taken.

  Raises:
    UserError: there is none, or it is damaged.
  """
  path = os.path.join(path, FILE) if os.path.isdir(path) else path
  tree = read_tree(path)
  meta = json.loads(tree["meta"])
  config = config_lib.from_dict(meta["config"])
  codebook = TileCodebook(tree["patterns"], config.world_model.network.codebook)
  net = Net(jnp.asarray(codebook.patterns), config)
  target = jax.eval_shape(lambda: learner.init(net, 0))
  params = serialization.from_state_dict(target, tree["state"]).params
  act = learner.make_act(net, greedy)
  return lambda count: Policy(net, codebook, params, act, count), meta


def read_tree(path: str) -> dict:
  """A run's file: `state`, `patterns` of the codebook, and JSON `meta`.

  Raises:
    UserError: it is not there, or damaged.
  """
  try:
    tree = serialization.msgpack_restore(pathlib.Path(path).read_bytes())
    if {"state", "patterns", "meta"} <= set(tree):
      return tree
    reason = "it is of another kind"
  except FileNotFoundError:
    raise UserError(
      f"there is no {path}: `dreamer-jax model-free` makes one"
    ) from None
  except (OSError, ValueError, TypeError) as error:
    reason = str(error) or type(error).__name__
  raise UserError(
    f"{path} cannot be read ({reason}): put a copy of it back, or begin "
    "anew in another --workdir"
  )
