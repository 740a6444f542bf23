"""The alternation: fresh episodes, world model, clone, dream; and again.

The loop is a generator of events: progress, logging and evaluation stay
outside. Checkpoints fall between dispatches and at the ends of phases, and hold
the loop's counters, so a run killed at any instant goes on from the last one.
"""

import dataclasses
import math
import os
import time
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.collect import Tally
from dreamer_jax.goals import vocabulary
from dreamer_jax.learn import budget, growth, mesh, policy, programs
from dreamer_jax.learn import state as state_lib
from dreamer_jax.learn import step as step_lib
from dreamer_jax.learn.acting import DreamerPolicy
from dreamer_jax.learn.checkpoint import Checkpointer, check_goals
from dreamer_jax.learn.counters import (
  PHASES,
  Counters,
  Event,
  check_finite,
)
from dreamer_jax.learn.experience import Experience
from dreamer_jax.learn.guard import Guard, watch_clone
from dreamer_jax.learn.watch import Record, Watch
from dreamer_jax.learn.workdir import claim, versions
from dreamer_jax.world.model import make_world


class Loop:
  """One run in one folder."""

  def __init__(
    self, config: config_lib.Config, workdir: str,
    say: Callable[[str], None] = logging.info,
    devices: mesh.Devices | None = None,
  ):  # fmt: skip
    """Opens the folder, and finds where the run stopped.

    Args:
      config: of the run.
      workdir: its folder.
      say: takes a line for people to read.
      devices: to learn on; None for one of this process's.

    Raises:
      UserError: the folder cannot be written, or holds a run with other
        settings.
    """
    self.config = config
    self.devices = devices or mesh.Devices(jax.local_devices()[:1])
    self.devices.part(config)  # refuses batches that cannot be shared
    self.workdir = workdir
    self.counters = Counters()
    self._say, self._record = say, Record()
    state_lib.world_optimizer(config.world)  # refuses one that is unknown
    policy.check(config)
    self.experience = Experience(config, workdir, self.devices)
    if self.devices.is_lead:
      claim(config, workdir)
    self.devices.wait("folder")
    claim(config, workdir, is_new=False)
    self._saved_at = time.monotonic()
    self.checkpointer = Checkpointer(os.path.join(workdir, "checkpoints"))
    self._replay = None
    self._ready = False

  def resume(self) -> int:
    """Takes the counters of the newest checkpoint; returns its tick, or 0."""
    latest = self.checkpointer.latest()
    if latest is not None:
      meta = self.checkpointer.meta(latest)
      self.counters = Counters(**meta["counters"])
      self._record = Record(**meta["watch"])
    return self.counters.tick

  def run(self) -> Iterator[Event]:
    """Plays and learns until all rounds are over."""
    while self.counters.round < self.config.rounds:
      yield from getattr(self, f"_{self.counters.phase}")()
      self._next_phase()
    self.checkpointer.close()

  # ---- phases

  def _collect(self) -> Iterator[Event]:
    if self.counters.round:
      self._prepare()  # all processes at once, whichever has something to play
    jobs = self.experience.missing(self.counters.round)
    total = sum(len(job.seeds) for job in jobs)
    tally = Tally()
    for job in jobs:
      is_learned = job.player == "learned"
      learned = self._make_policy() if is_learned else None
      for _ in tally.watch(
        self.experience.play(
          self.counters.round, job, learned, tally.count_steps
        )
      ):
        metrics = {
          "env_steps_hz": tally.steps_hz,
          "badges": tally.badges / tally.episodes,
          "species": tally.species / tally.episodes,
        }
        yield self._event(tally.episodes, total, "episodes", metrics)
    self.counters.secs += tally.secs
    self.devices.wait(f"episodes of round {self.counters.round}")
    self._prepare()

  def _world(self) -> Iterator[Event]:
    self._prepare()
    if self.counters.round and not self.counters.done:
      self._grow()
    c, replay = self.config.world, self._experience_on_device()
    steps = self.devices.total(replay.size)
    frames = c.batch * c.length
    total = budget.updates(c, self.counters.round, steps)
    windows = self.experience.held_out_windows(self.codebook)
    validate = lambda weights: self._programs.validate(
      self.devices.here(weights), windows
    )
    watch = Watch(c, None if windows is None else validate, self._record)
    self._say(
      f"World model, round {self.counters.round + 1}: {total:,} updates of "
      f"{frames:,} frames, {total * frames / steps:.1f} epochs of {steps:,} "
      f"steps; {'no' if windows is None else 'some'} episodes are held out"
    )

    def dispatch() -> dict:
      self._world_state, metrics = self._programs.world(
        self._world_state, replay
      )
      return metrics

    def check(metrics: dict[str, float]) -> dict[str, float]:
      state, done = self._world_state, self.counters.done
      more = watch(state.weights, metrics, done, total, int(state.updates))
      return {**more, "epoch": done * frames / steps}

    yield from self._updates(
      dispatch, total, c.log_every, "frames_hz", frames * c.log_every, check
    )

  def _clone(self) -> Iterator[Event]:
    self._prepare()
    c = self.config.behavior
    first = self.counters.round == 0
    total = c.bc_updates if first else c.bc_refresh_updates

    def dispatch() -> dict:
      self._behavior_state, metrics = self._programs.clone(
        self._behavior_state,
        self._world_state.weights,
        self._experience_on_device(),
      )
      return metrics

    watch = watch_clone(c, self._held_out(self._programs.look_at_clone))

    def check(metrics: dict[str, float]) -> dict[str, float]:
      learners = self._behavior_state.actor, self._world_state.weights
      return watch(*learners, self.counters.done, total)

    frames = c.bc_batch * c.bc_length * c.log_every
    yield from self._updates(
      dispatch, total, c.log_every, "frames_hz", frames, check
    )
    actor = jax.tree.map(jnp.copy, self._behavior_state.actor)
    self._behavior_state = self._behavior_state.replace(clone=actor)

  def _dream(self) -> Iterator[Event]:
    self._prepare()
    c = self.config.behavior

    def dispatch() -> dict:
      self._behavior_state, metrics = self._programs.behavior(
        self._behavior_state,
        self._world_state.weights,
        self._experience_on_device(),
      )
      return metrics

    guard = Guard(c, self._held_out(self._programs.look), self._record)

    def check(metrics: dict[str, float]) -> dict[str, float]:
      learners = self._behavior_state, self._world_state.weights
      return guard(*learners, self.counters.done, c.updates)

    dreams = c.batch * (c.length - c.context) * c.branches
    steps = dreams * c.horizon * c.log_every
    yield from self._updates(
      dispatch, c.updates, c.log_every, "latent_steps_hz", steps, check
    )

  def _held_out(self, program: Callable) -> Callable | None:
    """`program(learner, weights, windows)` for held-out windows, if any."""
    windows = self.experience.held_out_windows(self.codebook)
    if windows is None:
      return None
    return lambda *x: program(*map(self.devices.here, x), windows)

  def _updates(
    self, dispatch: Callable, total: int, chunk: int, rate: str, work: int,
    check: Callable[[dict], dict] = lambda metrics: {},
  ) -> Iterator[Event]:  # fmt: skip
    """Runs `dispatch`, then `check` for more metrics, until all is done."""
    total = math.ceil(total / chunk) * chunk
    while self.counters.done < total:
      began = time.monotonic()
      metrics = {k: float(v) for k, v in dispatch().items()}
      metrics[rate] = work / (time.monotonic() - began)
      self.counters.done += chunk
      metrics |= check(metrics)
      check_finite(metrics, self.counters)
      self.counters.tick += 1
      self.counters.secs += time.monotonic() - began
      yield self._event(self.counters.done, total, "updates", metrics)
      is_best = metrics.get("val_loss", math.inf) == self._record.best
      is_late = time.monotonic() - self._saved_at > self.config.checkpoint_secs
      is_over = self.checkpointer.is_preempted(self.counters.tick)
      if self.devices.agree(is_best or is_late or is_over):
        self._save()
      if is_over:
        self.checkpointer.wait()
        raise mesh.preempted()

  def _next_phase(self) -> None:
    c = self.counters
    index = PHASES.index(c.phase) + 1
    c.round += index // len(PHASES)
    c.phase = PHASES[index % len(PHASES)]
    c.done = 0
    c.tick += 1
    self._replay = None if c.phase == "collect" else self._replay
    self._save()

  # ---- state

  def _prepare(self) -> None:
    """Builds the model and the programs, once the codebook can be known."""
    if self._ready:
      return
    world = self.config.world
    passes = world.epochs > 0 or world.refresh_epochs > 0
    steps = self.experience.steps() if passes else 0
    config = dataclasses.replace(
      self.config, world=budget.with_decay(self.config, steps)
    )
    latest = self.checkpointer.latest()
    if latest is None:
      self.codebook = self.experience.codebook(self._codebook_path)
    else:
      meta = self.checkpointer.meta(latest)
      check_goals(meta)
      patterns = self.checkpointer.codebook(latest, meta["codebook"])
      self.codebook = TileCodebook(patterns, config.world.codebook)
    self._resolved = config
    self._build()
    put, dim = self.devices.put, state_lib.feat_dim(config.world)
    self._world_state = put(
      state_lib.init_world(self._model, config.world, config.seed)
    )
    self._behavior_state = put(
      state_lib.init_behavior(config.behavior, dim, config.seed)
    )
    if latest is not None:
      restore = self.checkpointer.restore
      self._world_state = restore(latest, "world", self._world_state)
      self._behavior_state = restore(latest, "behavior", self._behavior_state)
      if not self.devices.is_like(meta):
        self._begin_streams()  # the replay was divided otherwise
    self._ready = True

  def _build(self) -> None:
    """The model and its programs, for the codebook as it is."""
    config = self._resolved
    self._model = make_world(config.world, self.codebook.patterns)
    self._goals = jnp.asarray(vocabulary.embeddings(config.behavior.goal_dim))
    self._programs = programs.make(
      self._model, config, self._goals, self.devices
    )

  def _grow(self) -> None:
    """Takes up the tiles that fresh episodes showed for the first time."""
    known = len(self.codebook)
    self.codebook = self.experience.grow(
      self.codebook, self._codebook_path, self.counters.round
    )
    if len(self.codebook) > known:
      self._say(f"The codebook grew from {known} to {len(self.codebook)} tiles")
      self._build()
      self._world_state = self.devices.put(
        growth.grow(self._world_state, known, len(self.codebook))
      )

  @property
  def _codebook_path(self) -> str:
    return os.path.join(self.workdir, "codebook.npz")

  def _experience_on_device(self):
    if self._replay is None:
      self._replay = self.experience.replay(self.codebook, self.counters.round)
      if self.counters.phase == "world" and not self.counters.done:
        self._begin_streams()
    return self._replay

  def _begin_streams(self) -> None:
    """Places in another replay mean nothing."""
    streams = state_lib.fresh_streams(self._model, self.config.world)
    state = self._world_state.replace(streams=streams)
    self._world_state = self.devices.put(state)

  def _make_policy(self) -> Callable[[int], DreamerPolicy]:
    """What makes the current actor, to play so many emulators with."""
    self._prepare()
    act = step_lib.make_act(self._model, self.config.behavior)
    weights = self.devices.here(self._world_state.weights)
    actor = self.devices.here(self._behavior_state.actor)
    return lambda num_envs: DreamerPolicy(
      act, weights, actor,
      self._model.initial(num_envs), self.codebook, np.asarray(self._goals),
    )  # fmt: skip

  def _save(self) -> None:
    """A checkpoint, unless there is nothing to keep yet."""
    if not self._ready:
      return
    meta = {
      "config": config_lib.to_dict(self.config),
      "counters": dataclasses.asdict(self.counters),
      "goals": vocabulary.vocabulary_hash(),
      "codebook": len(self.codebook),
      "rom": self.experience.rom.name,
      "watch": dataclasses.asdict(self._record),
      "versions": versions(),
      **self.devices.describe(),
    }
    self.checkpointer.save(
      self.counters.tick, self._world_state, self._behavior_state,
      self.codebook.patterns, meta, self._record.latest,
    )  # fmt: skip
    self._saved_at = time.monotonic()

  def _event(self, done, total, unit, metrics) -> Event:
    counters = dataclasses.replace(self.counters)
    return Event(counters, done, total, unit, metrics)
