"""A run's programs, to be compiled for TPUs that need not be here.

`libtpu` holds the TPU's compiler, and needs no TPU: it compiles for a topology
that is given by name.
"""

import importlib.util
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import topologies
from jax.sharding import NamedSharding, SingleDeviceSharding
from jax.sharding import PartitionSpec as P

from dreamer_jax import config as config_lib
from dreamer_jax import domains
from dreamer_jax.config import change
from dreamer_jax.contract import GRID
from dreamer_jax.data import replay as replay_lib
from dreamer_jax.errors import UserError
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy import act as act_lib
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import programs, replay_latents
from dreamer_jax.training.devices import AXIS, Devices
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel


class Chip(NamedTuple):
  """What JAX sees as one device: a chip, on v2 one of its two cores."""

  tflops: float  # peak of bf16 products
  hbm_gib: float  # that programs may use
  hbm_gbs: float  # GB/s
  clock_ghz: float
  ici_gbs: float  # GB/s of its links to other devices, both ways


# Google's published figures; those of v2 are halved.
CHIPS = {
  "v2": Chip(23.0, 8.0, 350.0, 0.70, 124.0),
  "v5e": Chip(197.0, 15.75, 819.0, 1.50, 200.0),
  "v6e": Chip(918.0, 31.25, 1640.0, 1.75, 448.0),
}
TOPOLOGIES = ("v2:2x2", "v5e:2x4", "v6e:2x4")
PROGRAMS = ("world_update", "behavior_update", "act")


class Work(NamedTuple):
  """A program to compile."""

  name: str
  function: Callable
  args: tuple  # of shapes
  updates: int  # in one run of it


def devices_of(topology: str) -> tuple[Chip, list]:
  """The devices of a topology, "v5e:2x4" say.

  Raises:
    UserError: no libtpu here, or no such topology.
  """
  if importlib.util.find_spec("libtpu") is None:
    raise UserError(
      "libtpu, the compiler for TPUs, is not installed: pip install -e '.[tpu]'"
      " (it needs no TPU)"
    )
  generation = topology.split(":")[0]
  if generation not in CHIPS:
    raise UserError(
      f"--topology={topology}: we have no figures of {generation!r}; choose of "
      f"{', '.join(CHIPS)}, as in {TOPOLOGIES[1]}"
    )
  # Elsewhere than on Google's machines it would wait for their metadata.
  os.environ.setdefault("TPU_SKIP_MDS_QUERY", "1")
  try:
    found = topologies.get_topology_desc(platform="tpu", topology_name=topology)
  except jax.errors.JaxRuntimeError as error:
    raise UserError(
      f"--topology={topology}: libtpu refuses it ("
      f"{str(error).splitlines()[0]}); try {', '.join(TOPOLOGIES)}"
    ) from error
  return CHIPS[generation], list(found.devices)


def works(config: config_lib.Config, devices: list) -> Iterator[Work]:
  """The three programs of a run.

  Args:
    config: of the run; its batches are each device's, its replay too.
    devices: of a topology. Updates are spread over all of them; `act` is not.
  """
  spread, count = Devices(devices), len(devices)
  config = _times(config, count)
  rng = np.random.default_rng(0)
  patterns = rng.integers(
    0, 256, (config.world_model.network.codebook, 16), dtype=np.uint8
  )
  world = WorldModel(config.world_model, patterns)
  goals = vocabulary.embeddings(config.policy.network.goal_dim)
  net = ActorCritic(config.policy)
  part = spread.part(config)
  made = programs.make(
    world, net, part.world_model, part.policy, part.rewards, spread
  )
  learner, behavior, replay, known = jax.eval_shape(
    lambda: (
      world_learner.init(world, config.world_model, 0),
      policy_learner.init(
        net, config.policy, world_learner.feat_dim(config.world_model), 0
      ),
      replay_lib.create(config.data.capacity),
      replay_latents.empty(world, config.data.capacity),
    )
  )
  alone = SingleDeviceSharding(devices[0])
  playing = _placed(_playing(config, world, learner, behavior, goals), alone)
  whole, parts = alone, alone
  if count > 1:
    whole, parts = (NamedSharding(spread.mesh, s) for s in (P(), P(AXIS)))
    part = lambda x: jax.ShapeDtypeStruct((count, *x.shape), x.dtype)
    replay, known = jax.tree.map(part, (replay, known))
  replay, known = _placed(replay, parts), _placed(known, parts)
  learner = _placed(learner, whole).replace(
    streams=_placed(learner.streams, parts)
  )
  behavior = _placed(behavior, whole)
  yield Work(
    PROGRAMS[0],
    made.world,
    (learner, replay),
    config.world_model.schedule.log_every,
  )
  args = (behavior, learner.weights, replay.replace(memory=known))
  yield Work(PROGRAMS[1], made.behavior, args, config.policy.schedule.log_every)
  act = act_lib.make_act(world, net)
  yield Work(PROGRAMS[2], act, playing, 1)


def _playing(config, world, learner, behavior, goals) -> tuple:
  """What `act` takes, as shapes."""
  envs = config.env.num_envs
  rows = lambda shape, dtype: jax.ShapeDtypeStruct((envs, *shape), dtype)
  return (
    learner.weights, behavior.actor,
    jax.eval_shape(lambda: world.initial(envs)), rows((), jnp.int32),
    rows(GRID, jnp.int16), rows((), bool), rows(goals.shape[1:], jnp.float32),
    rows((2,), jnp.uint32),
  )  # fmt: skip


def _placed(tree: Any, sharding) -> Any:
  """The same shapes, on devices."""
  return jax.tree.map(
    lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=sharding), tree
  )


def _times(config: config_lib.Config, count: int) -> config_lib.Config:
  """`count` times the batches."""
  batches = (
    "world_model.sampling.batch", "policy.imagination.batch",
    "policy.cloning.batch",
  )  # fmt: skip
  return change(config, {p: count * domains.get(config, p) for p in batches})
