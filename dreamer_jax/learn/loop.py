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
from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax import rules
from dreamer_jax.data.collect import Tally
from dreamer_jax.learn import belonging, budget, learners, mesh
from dreamer_jax.learn import state as state_lib
from dreamer_jax.learn.checkpoint import Checkpointer
from dreamer_jax.learn.counters import (
  PHASES,
  Counters,
  Event,
  check_finite,
)
from dreamer_jax.learn.experience import Experience
from dreamer_jax.learn.guard import Guard, judge_fresh, watch_clone
from dreamer_jax.learn.jobs import LEARNED
from dreamer_jax.learn.learners import Learners
from dreamer_jax.learn.watch import Record, Watch
from dreamer_jax.learn.workdir import claim, versions


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
      UserError: a setting breaks a rule, the folder cannot be written, or it
        holds a run with other settings.
    """
    self.config = rules.validate(config)
    self.devices = devices or mesh.Devices(jax.local_devices()[:1])
    self.devices.part(config)  # refuses batches that cannot be shared
    self.workdir = workdir
    self.counters = Counters()
    self._say, self._record = say, Record()
    self.experience = Experience(config, workdir, self.devices)
    if self.devices.is_lead:
      claim(config, workdir)
    self.devices.wait("folder")
    claim(config, workdir, is_new=False)
    self._saved_at = time.monotonic()
    self.checkpointer = Checkpointer(os.path.join(workdir, "checkpoints"))
    self._learners: Learners | None = None  # until there are episodes

  def resume(self) -> int:
    """Takes the counters of the newest checkpoint; returns its tick, or 0.

    Raises:
      UserError: it is damaged, or of another version or game.
    """
    latest = self.checkpointer.latest()
    if latest is not None:
      meta = self.checkpointer.meta(latest)
      where = f"{self.checkpointer.directory}/{latest}"
      belonging.check_going_on(where, meta, self.experience.rom)
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
      lean = self.config.data.curiosity if job.player == "curious" else 0.0
      is_learned = job.player in LEARNED
      learned = self._prepare().make_policy(lean) if is_learned else None
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
    own = self._prepare()
    if not self.counters.round:
      return
    # Also where a killed process had played them all: its alarm died with it.
    fresh = self._fresh(own)
    if jobs:
      metrics = {**metrics, **fresh}
      yield self._event(tally.episodes, total, "episodes", metrics)

  def _fresh(self, own: Learners) -> dict[str, float]:
    """What the dream had promised of the episodes that were just played."""
    found = self.experience.fresh_windows(own.codebook, self.counters.round)
    if found is None:
      return {}
    here = map(self.devices.here, (own.behavior, own.world.weights))
    seen = own.programs.look_at_fresh(*here, found)
    seen = {name: float(value) for name, value in seen.items()}
    check_finite(seen, self.counters)
    return judge_fresh(self.config.behavior, seen, self._record)

  def _world(self) -> Iterator[Event]:
    own = self._prepare()
    if self.counters.round and not self.counters.done:
      self._say(own.grow(self.counters.round))
    c, replay = self.config.world, self._experience_on_device()
    steps = self.devices.total(replay.size)
    frames = c.batch * c.length
    total = budget.updates(c, self.counters.round, steps)
    windows = self.experience.held_out_windows(own.codebook)
    validate = lambda weights: own.programs.validate(
      self.devices.here(weights), windows
    )
    watch = Watch(c, None if windows is None else validate, self._record)
    self._say(
      f"World model, round {self.counters.round + 1}: {total:,} updates of "
      f"{frames:,} frames, {total * frames / steps:.1f} epochs of {steps:,} "
      f"steps; {'no' if windows is None else 'some'} episodes are held out"
    )

    def dispatch() -> dict:
      own.world, metrics = own.programs.world(own.world, replay)
      return metrics

    def check(metrics: dict[str, float]) -> dict[str, float]:
      state, done = own.world, self.counters.done
      more = watch(state.weights, metrics, done, total, int(state.updates))
      return {**more, "epoch": done * frames / steps}

    yield from self._updates(
      dispatch, total, c.log_every, "frames_hz", frames * c.log_every, check
    )

  def _clone(self) -> Iterator[Event]:
    own, c = self._prepare(), self.config.behavior
    first = self.counters.round == 0
    total = c.bc_updates if first else c.bc_refresh_updates

    def dispatch() -> dict:
      own.behavior, metrics = own.programs.clone(
        own.behavior, own.world.weights, own.memories(self.counters.round)
      )
      return metrics

    watch = watch_clone(c, self._held_out(own.programs.look_at_clone))

    def check(metrics: dict[str, float]) -> dict[str, float]:
      clone, weights = own.behavior.clone, own.world.weights
      return watch(clone, weights, self.counters.done, total)

    frames = c.bc_batch * c.bc_length * c.log_every
    yield from self._updates(
      dispatch, total, c.log_every, "frames_hz", frames, check
    )
    if first or c.restart:
      own.behavior = state_lib.begin_at_clone(own.behavior)

  def _dream(self) -> Iterator[Event]:
    own, c = self._prepare(), self.config.behavior

    def dispatch() -> dict:
      own.behavior, metrics = own.programs.behavior(
        own.behavior, own.world.weights, own.memories(self.counters.round)
      )
      return metrics

    guard = Guard(c, self._held_out(own.programs.look), self._record)

    def check(metrics: dict[str, float]) -> dict[str, float]:
      state, weights = own.behavior, own.world.weights
      return guard(state, weights, self.counters.done, c.updates)

    dreams = c.batch * (c.length - c.context) * c.branches
    steps = dreams * c.horizon * c.log_every
    yield from self._updates(
      dispatch, c.updates, c.log_every, "latent_steps_hz", steps, check
    )

  def _held_out(self, program: Callable) -> Callable | None:
    """`program(learner, weights, windows)` for held-out windows, if any."""
    windows = self.experience.held_out_windows(self._prepare().codebook)
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
    if c.phase == "collect" and self._learners:
      self._learners.forget_replay()  # fresh episodes will be added
    self._save()

  # ---- state

  def _prepare(self) -> Learners:
    """Builds what learns, once the codebook can be known."""
    if self._learners is None:
      self._learners = learners.build(
        self.config, self.experience, self.devices, self.checkpointer,
        os.path.join(self.workdir, "codebook.npz"),
      )  # fmt: skip
    return self._learners

  def _experience_on_device(self):
    is_new = self.counters.phase == "world" and not self.counters.done
    return self._prepare().replay(self.counters.round, is_new)

  def _save(self) -> None:
    """A checkpoint, unless there is nothing to keep yet."""
    own = self._learners
    if own is None:
      return
    meta = {
      "config": config_lib.to_dict(self.config),
      "counters": dataclasses.asdict(self.counters),
      "codebook": len(own.codebook),
      **belonging.describe(self.experience.rom),
      "watch": dataclasses.asdict(self._record),
      "versions": versions(),
      **self.devices.describe(),
    }
    self.checkpointer.save(
      self.counters.tick, own.world, own.behavior,
      own.codebook.patterns, meta, self._record.latest,
    )  # fmt: skip
    self._saved_at = time.monotonic()

  def _event(self, done, total, unit, metrics) -> Event:
    counters = dataclasses.replace(self.counters)
    return Event(counters, done, total, unit, metrics)
