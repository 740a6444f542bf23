"""The rounds of a run: collect, world model, clone, dream, play; and again.

The loop is a generator of events: progress, logging and evaluation stay
outside. Checkpoints fall between dispatches and at the ends of phases, and hold
the loop's counters, so a run killed at any instant goes on from the last one.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator

import jax
import numpy as np
from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax.contract import BADGE
from dreamer_jax.data.collect import Tally
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.training import gate, processes, update_budget
from dreamer_jax.training.collection import LEARNED, Job
from dreamer_jax.training.devices import Devices
from dreamer_jax.training.learners import Learners
from dreamer_jax.training.monitors import (
  PolicyMonitor,
  WorldMonitor,
  judge_fresh,
  monitor_clone,
)
from dreamer_jax.training.progress import PHASES, Event, check_finite
from dreamer_jax.training.session import Session


class Loop:
  """One run in one folder."""

  def __init__(
    self, config: config_lib.Config, folder: str,
    say: Callable[[str], None] = logging.info,
    devices: Devices | None = None,
  ):  # fmt: skip
    """Takes the folder, and goes on from where the run there stopped.

    Whatever can be refused is, before anything is written.

    Args:
      config: of the run.
      folder: its own.
      say: takes a line for people to read.
      devices: to learn on; None for one of this process's.

    Raises:
      UserError: the settings cannot be used, the folder cannot be written,
        another process has it, or it holds a run that these settings do not
        go on with.
    """
    self.devices = devices or Devices(jax.local_devices()[:1])
    self.workdir, self._say = folder, say
    self.session = Session(config, folder, self.devices, say)
    self.config = self.session.config
    self.counters = self.session.counters
    self.experience = self.session.experience

  def resume(self) -> int:
    """The tick of the checkpoint that it goes on from; 0 without any."""
    return self.counters.tick

  @property
  def is_over(self) -> bool:
    """All rounds are done."""
    return self.counters.round >= self.config.rounds

  def run(self) -> Iterator[Event]:
    """Plays and learns until all rounds are over; then gives the folder up.

    Raises:
      UserError: what is learned is no number any more, a checkpoint or an
        episode cannot be written, or another process took the folder.
    """
    if not self.is_over:
      yield from self._play_again()
    while not self.is_over:
      yield from getattr(self, f"_{self.counters.phase}")()
      self._next_phase()
    self.session.close()

  # ---- phases

  def _play_again(self) -> Iterator[Event]:
    """Episodes of the first round that were lost since: they are scripted."""
    if not self.counters.tick:
      return
    jobs = self.experience.missing(0)
    if jobs:
      total = sum(len(job.seeds) for job in jobs)
      self._say(f"{total} episodes of the first round are gone: played again")
      where = dataclasses.replace(self.counters, round=0, phase="collect")
      for done, metrics in self._perform(0, jobs, Tally()):
        yield Event(where, done, total, "episodes", metrics)
    self.devices.wait("episodes that were lost")

  def _perform(
    self, round_: int, jobs: list[Job], tally: Tally
  ) -> Iterator[tuple[int, dict[str, float]]]:
    """Plays jobs; how many episodes are done, and how they went."""
    for job in jobs:
      lean = self.config.data.own.curiosity if job.player == "curious" else 0.0
      learned = None
      if job.player in LEARNED:
        own = self.session.learners()
        actor = own.behavior.clone if job.player == "clone" else None
        learned = own.make_policy(lean, actor)
      for _ in tally.watch(
        self.experience.play(round_, job, learned, tally.count_steps)
      ):
        yield (
          tally.episodes,
          {
            "env_steps_hz": tally.steps_hz,
            "badges": tally.badges / tally.episodes,
            "species": tally.species / tally.episodes,
          },
        )

  def _collect(self) -> Iterator[Event]:
    if self.counters.round:  # all processes at once, whichever plays
      self.session.learners()
    jobs = self.experience.missing(self.counters.round)
    yield from self._play_jobs(self.counters.round, jobs)
    self.session.learners()

  def _play_jobs(self, round_: int, jobs: list[Job]) -> Iterator[Event]:
    """Plays what is missing, which is stored as a round's."""
    total, tally = sum(len(job.seeds) for job in jobs), Tally()
    for done, metrics in self._perform(round_, jobs, tally):
      yield self._event(done, total, "episodes", metrics)
    self.counters.secs += tally.secs
    self.devices.wait(f"episodes of round {round_}")

  def _play(self) -> Iterator[Event]:
    """The round's policy plays; where it plays worse, the round is undone."""
    own, following = self.session.learners(), self.counters.round + 1
    jobs = self.experience.missing_own(self.counters.round, own.digests())
    yield from self._play_jobs(following, jobs)
    games = self.experience.own_games(following, "policy")
    if not games:
      return
    badges = [terms[:, BADGE].sum() for terms in games.values()]
    # Also where a killed process had played them all: its alarm died with it.
    fresh = self._fresh(own)
    verdict = gate.decide(self.session, games, self._say)
    gain = {"gate_gain": verdict.gain} if verdict.games else {}
    yield self._event(len(games), len(games), "episodes", {
      "badges": float(np.mean(badges)), **fresh,
      "gate_score": verdict.new, **gain,
    })  # fmt: skip

  def _fresh(self, own: Learners) -> dict[str, float]:
    """What the dream had promised of the games that were just played."""
    found = self.experience.fresh_windows(
      own.codebook, self.counters.round + 1, own.remember
    )
    if found is None:
      return {}
    here = map(self.devices.here, (own.behavior, own.world.weights))
    seen = own.programs.look_at_fresh(*here, found)
    seen = {name: float(value) for name, value in seen.items()}
    check_finite(seen, self.counters)
    return judge_fresh(self.config.policy, seen, self.session.record)

  def _world(self) -> Iterator[Event]:
    own = self.session.learners()
    if self.counters.round and not self.counters.done:
      self._say(own.grow(self.counters.round))
    c, replay = self.config.world_model, self._experience_on_device()
    steps = self.devices.total(replay.size)
    frames = c.sampling.batch * c.sampling.length
    total = update_budget.updates(c, self.counters.round, steps)
    windows = self.experience.held_out_windows(own.codebook)
    validate = lambda weights: own.programs.validate(
      self.devices.here(weights), windows
    )
    monitor = WorldMonitor(
      c, None if windows is None else validate, self.session.record
    )
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
      more = monitor(state.weights, metrics, done, total, int(state.updates))
      return {**more, "epoch": done * frames / steps}

    yield from self._updates(
      dispatch,
      total,
      c.schedule.log_every,
      "frames_hz",
      frames * c.schedule.log_every,
      check,
    )

  def _clone(self) -> Iterator[Event]:
    own, c = self.session.learners(), self.config.policy
    first = self.counters.round == 0
    total = c.cloning.updates if first else c.cloning.refresh_updates
    total *= c.cloning.updates > 0  # what was never cloned is not refreshed

    def dispatch() -> dict:
      own.behavior, metrics = own.programs.clone(
        own.behavior, own.world.weights, own.memories(self.counters.round)
      )
      return metrics

    monitor = monitor_clone(c, self._held_out(own.programs.look_at_clone))

    def check(metrics: dict[str, float]) -> dict[str, float]:
      clone, weights = own.behavior.clone, own.world.weights
      return monitor(clone, weights, self.counters.done, total)

    frames = c.cloning.batch * c.cloning.length * c.schedule.log_every
    yield from self._updates(
      dispatch, total, c.schedule.log_every, "frames_hz", frames, check
    )
    if first or c.schedule.restart:
      own.behavior = policy_learner.begin_at_clone(own.behavior)

  def _dream(self) -> Iterator[Event]:
    own, c = self.session.learners(), self.config.policy
    if not self.counters.done:
      own.behavior = policy_learner.begin_dreams(own.behavior, c.actor.leash)
      self._ground(own)

    def dispatch() -> dict:
      own.behavior, metrics = own.programs.behavior(
        own.behavior, own.world.weights, own.memories(self.counters.round)
      )
      return metrics

    monitor = PolicyMonitor(
      c, self._held_out(own.programs.look), self.session.record
    )

    def check(metrics: dict[str, float]) -> dict[str, float]:
      state, weights = own.behavior, own.world.weights
      return monitor(state, weights, self.counters.done, c.schedule.updates)

    dreams = (
      c.imagination.batch
      * (c.imagination.length - c.imagination.context)
      * c.imagination.branches
    )
    steps = dreams * c.imagination.horizon * c.schedule.log_every
    yield from self._updates(
      dispatch,
      c.schedule.updates,
      c.schedule.log_every,
      "latent_steps_hz",
      steps,
      check,
    )

  def _ground(self, own: Learners) -> None:
    """Before dreams go where values are high, those must be true."""
    metrics = own.ground(self.counters.round)
    if not metrics:
      return
    check_finite(metrics, self.counters)
    if metrics["real_known"]:
      self._say(
        f"The critic explains {metrics['real_explained']:.0%} of how the "
        "returns differ that really followed recorded steps"
      )
    else:
      self._say("The critic learns of dreams alone: no return is known yet")

  def _held_out(self, program: Callable) -> Callable | None:
    """`program(learner, weights, windows)` for held-out windows, if any.

    They carry what the world model, as it is now, knew from power-on.
    """
    own = self.session.learners()
    windows = self.experience.held_out_windows(own.codebook, own.remember)
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
      is_best = metrics.get("val_loss", math.inf) == self.session.record.best
      is_over = self.session.checkpointer.is_preempted(self.counters.tick)
      if self.devices.agree(is_best or self.session.is_due or is_over):
        self.session.save()
      if is_over:
        self.session.checkpointer.wait()
        raise processes.preempted()

  def _next_phase(self) -> None:
    c = self.counters
    index = PHASES.index(c.phase) + 1
    c.round += index // len(PHASES)
    c.phase = PHASES[index % len(PHASES)]
    c.done = 0
    c.tick += 1
    if c.phase == "collect":
      self.session.forget_replay()
    self.session.save()

  def _experience_on_device(self):
    is_new = self.counters.phase == "world" and not self.counters.done
    return self.session.learners().replay(self.counters.round, is_new)

  def _event(self, done, total, unit, metrics) -> Event:
    counters = dataclasses.replace(self.counters)
    return Event(counters, done, total, unit, metrics)
