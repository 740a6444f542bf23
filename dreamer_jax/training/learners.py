"""Codebook, model, compiled programs, states and replay of a run."""

import dataclasses
import hashlib
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy import act as act_lib
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.training import programs, replay_latents, update_budget
from dreamer_jax.training.acting import DreamerPolicy
from dreamer_jax.training.codebook_file import CodebookFile
from dreamer_jax.training.dataset import Experience
from dreamer_jax.training.devices import Devices
from dreamer_jax.training.stored import Reader
from dreamer_jax.world_model import learner as world_learner


class Learners:
  """The learners of both systems, on the run's devices.

  Attributes:
    codebook: of tiles; grows with fresh episodes.
    programs: compiled for it.
    world: `WorldState`; replaced by every update.
    behavior: `PolicyState`, likewise.
  """

  def __init__(
    self, config: config_lib.Config, experience: Experience, devices: Devices,
    codebook: TileCodebook, file: CodebookFile,
  ):  # fmt: skip
    """Begins with fresh weights.

    Args:
      config: its schedules' lengths are known.
      experience: to learn from.
      devices: to learn on.
      codebook: of the episodes' tiles.
      file: where it is kept.
    """
    self._config, self._experience = config, experience
    self._devices, self._file = devices, file
    self._goals = jnp.asarray(
      vocabulary.embeddings(config.policy.network.goal_dim)
    )
    self._replay = None
    self._steps = 0  # of the replay that the streams read
    self._take(codebook)
    dim = world_learner.feat_dim(config.world_model)
    self.world = devices.put(
      world_learner.init(self._model, config.world_model, config.seed)
    )
    self.behavior = devices.put(
      policy_learner.init(self._net, config.policy, dim, config.seed)
    )

  def restore(self, reader: Reader, tick: int, meta: dict) -> None:
    """Goes on from a checkpoint, and its `meta`."""
    self.world = reader.restore(tick, "world", self.world)
    self.behavior = _restored_behavior(reader, tick, self.behavior)
    self._steps = meta.get("steps", 0)
    if not self._devices.is_like(meta):
      self._begin_streams()  # the replay was divided otherwise

  def begin_policy(self, behavior: config_lib.PolicyConfig, seed: int) -> None:
    """A fresh policy with other settings; model and replay stay."""
    self._config = dataclasses.replace(self._config, policy=behavior)
    self._take(self.codebook)
    dim = world_learner.feat_dim(self._config.world_model)
    self.behavior = self._devices.put(
      policy_learner.init(self._net, behavior, dim, seed)
    )

  def grow(self, round_: int) -> str:
    """Takes up the tiles that a round's episodes showed for the first time.

    Returns:
      What is to be said about it.
    """
    known = len(self.codebook)
    codebook = self._experience.grow(self.codebook, self._file, round_)
    if len(codebook) == known:
      return f"The codebook keeps its {known} tiles"
    self._take(codebook)
    self.world = self._devices.put(
      world_learner.grow(self.world, known, len(codebook))
    )
    return f"The codebook grew from {known} to {len(codebook)} tiles"

  def replay(self, last_round: int, is_new: bool):
    """Experience of rounds 0 to `last_round`, on the devices.

    Args:
      last_round: the newest that is learned from.
      is_new: nothing was learned from it yet.
    """
    if self._replay is None:
      self._replay = self._experience.replay(self.codebook, last_round)
      steps = self._devices.total(self._replay.size)
      if is_new or self._steps not in (0, steps):
        self._begin_streams()
      self._steps = steps
    return self._replay

  @property
  def steps(self) -> int:
    """Of the replay, on all devices; 0 before there was one."""
    return self._steps

  def memories(self, last_round: int):
    """The same with its memory, of the world model as it is now."""
    replay = self.replay(last_round, False)
    if replay.memory is None:
      self._replay = None  # two of them may not fit
      replay = self._replay = replay_latents.remember(
        self._model, self.world.weights, replay, self._devices
      )
    return replay

  def remember(self, replay):
    """A replay of this process's alone, with its memory as of now."""
    weights = self._devices.here(self.world.weights)
    return replay_latents.filtered(self._model, weights, replay)

  def ground(self, last_round: int) -> dict[str, float]:
    """Fits the critic to what really followed recorded steps.

    Args:
      last_round: the newest whose steps are taken.

    Returns:
      metrics of the last updates; none where there is no critic, or nothing to
      do.
    """
    c, metrics = self._config.policy, {}
    if c.actor.algorithm != "ppo":
      return metrics
    for _ in range(0, c.critic.ground_updates, c.schedule.log_every):
      self.behavior, metrics = self.programs.ground(
        self.behavior, self.world.weights, self.memories(last_round)
      )
    return {name: float(value) for name, value in metrics.items()}

  def forget_replay(self) -> None:
    """Frees the devices of it; the next `replay` reads the episodes again."""
    self._replay = None

  def make_policy(
    self, curiosity: float = 0.0, actor: dict | None = None
  ) -> Callable[[int], DreamerPolicy]:
    """What makes policies, to play so many emulators with.

    Args:
      curiosity: how far they lean to what the model does not know.
      actor: that acts; None for the current one.
    """
    act = act_lib.make_act(self._model, self._net, curiosity=curiosity)
    weights = self._devices.here(self.world.weights)
    actor = self._devices.here(actor or self.behavior.actor)
    return lambda num_envs: DreamerPolicy(
      act, weights, actor,
      self._model.initial(num_envs), self.codebook, np.asarray(self._goals),
    )  # fmt: skip

  def digests(self) -> dict[str, str]:
    """Of what plays: world model with policy, and with clone, by source.

    The same after a restart, whatever machine it is on.
    """
    players = {"policy": self.behavior.actor, "clone": self.behavior.clone}
    found = {}
    for source, actor in players.items():
      digest = hashlib.sha256()
      here = self._devices.here((self.world.weights, actor))
      for leaf in jax.tree.leaves(here):
        digest.update(np.asarray(leaf).tobytes())
      found[source] = digest.hexdigest()[:16]
    return found

  def _take(self, codebook: TileCodebook) -> None:
    """The model and its programs for this codebook."""
    self.codebook = codebook
    self._model, self._net, self.programs = programs.build(
      self._config, codebook.patterns, self._devices
    )

  def _begin_streams(self) -> None:
    """Places in another replay mean nothing."""
    streams = world_learner.fresh_streams(self._model, self._config.world_model)
    self.world = self._devices.put(self.world.replace(streams=streams))


def fresh(
  config: config_lib.Config, experience: Experience, devices: Devices,
  file: CodebookFile,
) -> Learners:  # fmt: skip
  """Learners that begin with a codebook of the run's first episodes.

  Args:
    config: of the run.
    experience: to learn from.
    devices: to learn on.
    file: where the codebook is kept.
  """
  codebook = experience.begin_codebook(file)
  config = _with_schedule(config, experience)
  return Learners(config, experience, devices, codebook, file)


def restored(
  config: config_lib.Config, experience: Experience, devices: Devices,
  file: CodebookFile, reader: Reader, step: int,
) -> Learners:  # fmt: skip
  """Learners that go on from a checkpoint.

  Args:
    config: of the run.
    experience: to learn from.
    devices: to learn on.
    file: where the codebook is kept.
    reader: of the run's checkpoints.
    step: number of one.

  Raises:
    DamagedError: the checkpoint cannot be read.
    UserError: it is of another version.
  """
  meta = reader.meta(step)
  patterns = reader.codebook(step, meta["codebook"])
  codebook = TileCodebook(patterns, config.world_model.network.codebook)
  config = _with_schedule(config, experience)
  own = Learners(config, experience, devices, codebook, file)
  own.restore(reader, step, meta)
  return own


def _restored_behavior(
  reader: Reader, tick: int, target: policy_learner.PolicyState
) -> policy_learner.PolicyState:
  """`PolicyState` of a checkpoint, laid out as `target`.

  A checkpoint of an earlier version has no reference: policies were held near
  the clone then, so a copy of the clone is it.
  """
  if "reference" in reader.shapes(tick, "behavior"):
    return reader.restore(tick, "behavior", target)
  fields = {f.name: getattr(target, f.name) for f in dataclasses.fields(target)}
  del fields["reference"]
  found = reader.restore(tick, "behavior", fields)
  reference = jax.tree.map(jnp.copy, found["clone"])
  return target.replace(**found, reference=reference)


def _with_schedule(
  config: config_lib.Config, experience: Experience
) -> config_lib.Config:
  """The same with the length of its schedule."""
  world = config.world_model
  passes = world.schedule.epochs or world.schedule.refresh_epochs
  steps = experience.steps() if passes else 0
  return dataclasses.replace(
    config, world_model=update_budget.with_decay(config, steps)
  )
