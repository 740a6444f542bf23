"""Policies trained anew in a finished run's dreams, to compare how.

The world model, the replay and its memory are the run's and stay as they are;
only clone, actor and critic begin again. So what differs between two policies
is what was asked for, and the seed.
"""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.game.rom import Rom
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.training import (
  codebook_file,
  learners,
  stored,
)
from dreamer_jax.training.changes import KINDS, LEARNED, SWITCH
from dreamer_jax.training.dataset import Experience
from dreamer_jax.training.devices import Devices
from dreamer_jax.training.progress import Counters, check_finite

_GROUP = 8  # dreams of a start that grpo compares


class Study:
  """One run's model and experience."""

  def __init__(
    self, workdir: str, demos: int | None, rom: Rom,
    changes: Mapping[str, Any] = MappingProxyType({}),
  ):  # fmt: skip
    """Opens the newest checkpoint; nothing is ever written to the folder.

    Args:
      workdir: of the run, with its episodes.
      demos: demonstrations that are cloned, and nothing else; None: the run's
        own clone is taken.
      rom: the run's game.
      changes: settings of the policy that are not to be the run's, by path.

    Raises:
      UserError: no checkpoint, no episodes, or a change that the checkpoint has
        no place for.
    """
    for path in changes:
      if KINDS[path] in (LEARNED, SWITCH):
        raise UserError(
          f"--config.{path}: the run's checkpoint has the shape that it was "
          "given there; train another run with it, or leave it out"
        )
    self._demos, self._start, self._changes = demos, {}, changes
    reader = stored.Reader(stored.find(workdir))
    reader.use("latest", lambda step: self._open(workdir, rom, reader, step))
    self._given = jax.tree.map(jnp.copy, self._own.behavior)

  def _open(
    self, workdir: str, rom: Rom, reader: stored.Reader, step: int
  ) -> None:
    """Takes model, replay and policy of a step."""
    meta = reader.meta(step)
    changes = {
      "env.rom": rom.path, "env.allow_unknown_rom": True, **self._changes,
    }  # fmt: skip
    if self._demos:
      changes |= {
        "policy.cloning.episodes": self._demos, "policy.cloning.sources": "",
        "policy.imagination.own_share": 0.0,
      }  # fmt: skip
    self.config = change(config_lib.from_dict(meta["config"]), changes)
    devices = Devices(jax.local_devices()[:1])
    experience = Experience(self.config, workdir, devices)
    if not experience.steps():
      raise UserError(
        f"{workdir} holds no episodes: give the folder of a run of "
        "dreamer-jax train, whose demos and episodes are still there"
      )
    file = codebook_file.of(self.config, workdir, rom)
    self._own = learners.restored(
      self.config, experience, devices, file, reader, step
    )
    self._round = min(
      Counters(**meta["counters"]).round, self.config.rounds - 1
    )

  def clone(self, seed: int, say: Callable[[str], None]) -> dict:
    """The policy that dreams begin with; trained once for a seed.

    Args:
      seed: of its weights.
      say: told how far it is.
    """
    if not self._demos:
      return self._given.clone
    if seed not in self._start:
      own, c = self._own, self.config.policy
      own.begin_policy(c, seed)
      for done in range(0, c.cloning.updates, c.schedule.log_every):
        own.behavior, metrics = own.programs.clone(
          own.behavior, own.world.weights, own.memories(self._round)
        )
        self._check(metrics)
        right = float(metrics["bc_accuracy"])
        say(
          f"clone, seed {seed}: {done}/{c.cloning.updates}, {right:.3f} right"
        )
      self._start[seed] = own.behavior.clone
    return self._start[seed]

  def dream(
    self, algorithm: str, seed: int, say: Callable[[str], None]
  ) -> tuple[dict, dict[str, float]]:
    """An actor trained in dreams from the clone of that seed.

    Args:
      algorithm: "ppo" or "grpo".
      seed: of critic and chance.
      say: told how far it is.

    Returns:
      its weights, and the last update's metrics.
    """
    clone, own = self.clone(seed, say), self._own
    policy = settings(self.config.policy, algorithm)
    config = dataclasses.replace(self.config, policy=policy)  # or fails
    c = config.policy
    own.begin_policy(c, seed)
    kept = jax.tree.map(jnp.copy, clone)  # an update gives its own away
    own.behavior = policy_learner.begin_dreams(
      policy_learner.begin_at_clone(own.behavior.replace(clone=kept)),
      c.actor.leash,
    )
    self._check(own.ground(self._round))  # as each round of a run begins
    metrics = {}
    for done in range(0, c.schedule.updates, c.schedule.log_every):
      own.behavior, metrics = own.programs.behavior(
        own.behavior, own.world.weights, own.memories(self._round)
      )
      metrics = self._check(metrics)
      gain = metrics["dream_return"]
      say(
        f"{algorithm}, seed {seed}: {done}/{c.schedule.updates}, "
        f"return {gain:.2f}"
      )
    return own.behavior.actor, metrics

  def _check(self, metrics: dict) -> dict[str, float]:
    metrics = {name: float(value) for name, value in metrics.items()}
    check_finite(metrics, Counters())
    return metrics


def settings(
  behavior: config_lib.PolicyConfig, algorithm: str
) -> config_lib.PolicyConfig:
  """The algorithm's, with as many dreams in an update as the run's own.

  GRPO judges a dream by its siblings, so it has more of each start.
  """
  changes = {"actor.algorithm": algorithm}
  dreams = behavior.imagination
  if algorithm == "grpo" and dreams.branches < _GROUP:
    starts = max(1, dreams.batch * dreams.branches // _GROUP)
    changes |= {"imagination.branches": _GROUP, "imagination.batch": starts}
  return change(behavior, changes)
