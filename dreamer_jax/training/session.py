"""A run's folder in the hands of its owner: opened, restored, saved, given up.

What can be refused is refused before anything is written, and a folder that
was damaged is gone on with as far as the rest of it allows.
"""

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable

from dreamer_jax import config as config_lib
from dreamer_jax.data.owner import Owner
from dreamer_jax.errors import UserError
from dreamer_jax.training import (
  changes,
  codebook_file,
  compatibility,
  learners,
  run_folder,
)
from dreamer_jax.training.checkpoint import Checkpointer
from dreamer_jax.training.dataset import Experience
from dreamer_jax.training.devices import Devices
from dreamer_jax.training.learners import Learners
from dreamer_jax.training.monitors import Record
from dreamer_jax.training.progress import Counters
from dreamer_jax.training.stored import DamagedError, Reader


class Session:
  """One start of a run.

  Attributes:
    config: with which the run goes on.
    counters: where it stands.
    record: what the two monitors must still know.
    experience: of the folder.
    checkpointer: likewise.
  """

  def __init__(
    self, config: config_lib.Config, folder: str, devices: Devices,
    say: Callable[[str], None],
  ):  # fmt: skip
    """Takes the folder, and restores the run that is there.

    Args:
      config: as given now.
      folder: of the run.
      devices: to learn on.
      say: takes a line for people to read.

    Raises:
      UserError: the settings cannot be used, the folder cannot be written,
        another process has it, or it holds a run that these settings do not
        go on with.
    """
    self.folder, self._devices, self._say = folder, devices, say
    self.counters, self.record = Counters(), Record()
    self._learners: Learners | None = None  # until there are episodes
    self._owner, self.checkpointer = None, None
    with devices.together():
      devices.part(config)  # batches that cannot be shared
      settled = self._settle(config)
      self.experience = Experience(settled.config, folder, devices)
      self._check_game()
      self.experience.check()
      if devices.is_lead:
        self._owner = Owner(folder, "dreamer-jax train", say)
    try:
      self._open(config)
    except BaseException:
      self.give_up()
      raise
    self._saved_at = time.monotonic()

  def _settle(self, config: config_lib.Config) -> changes.Settled:
    """Compares settings with those of the run that is there; only reads."""
    reader = Reader(os.path.join(self.folder, "checkpoints"))
    state = run_folder.look(self.folder, reader)
    return changes.settle(self.folder, state, config)

  def _check_game(self) -> None:
    """Refuses another game or version than that of the newest checkpoint."""
    reader = Reader(os.path.join(self.folder, "checkpoints"))
    for step in reader.steps[-1:]:
      with contextlib.suppress(DamagedError):  # `_restore` sees to it
        where = f"{reader.directory}/{step}"
        compatibility.check_going_on(
          where, reader.meta(step), self.experience.rom
        )

  def _open(self, config: config_lib.Config) -> None:
    """Restores the run, then writes with which settings it goes on."""
    self.checkpointer = Checkpointer(os.path.join(self.folder, "checkpoints"))
    settled = self._settle(config)  # nobody can change it now
    self.config = settled.config
    self._file = codebook_file.of(self.config, self.folder, self.experience.rom)
    self._restore()
    if self._devices.is_lead:
      self.experience.clean()
      run_folder.claim(self.folder, settled)
      if self._learners:
        self._file.keep(self._learners.codebook)
    self._devices.wait("settings")
    run_folder.check_claim(self.folder, self.config)
    self._tell(settled)

  def _tell(self, settled: changes.Settled) -> None:
    """Says what is other than it was, or than it was asked for."""
    if settled.note:
      self._say(settled.note)
    for name, (old, new) in settled.changed.items():
      self._say(f"From here on {name} is {new}; it was {old}")
    for name, (old, new) in settled.too_late.items():
      self._say(
        f"{name} stays {old}, not {new}: it is of the first round, whose part "
        "is over. More rounds (--config.rounds) go on, by refresh_updates, "
        "refresh_epochs and bc_refresh_updates"
      )

  def _restore(self) -> None:
    """Takes the newest checkpoint; where it is damaged, the one before it."""
    steps = self.checkpointer.steps
    played = self.experience.played_by_policies()
    if not steps and played:
      self._say(
        f"{self.checkpointer.directory} holds no checkpoint: the run learns "
        f"anew from its episodes; of the {played} that its policies played, "
        "all but the curious ones are played again"
      )
    try:
      if steps:
        self._take(steps[-1])
    except DamagedError as error:
      try:
        self.checkpointer.fall_back(steps[:-1], self._take, error)
      except DamagedError:
        raise UserError(
          f"{error}. No other step of it can be read; to learn anew from the "
          f"run's episodes, move {self.checkpointer.directory} away"
        ) from error
      self._set_aside([s for s in steps if s > self.counters.tick])

  def _set_aside(self, damaged: list[int]) -> None:
    """Takes damaged steps away, as their numbers will come again."""
    self._devices.wait("damaged steps are known")
    if self._devices.is_lead:
      self.checkpointer.set_aside(damaged)
    self._devices.wait("damaged steps are away")
    self.checkpointer.reload()

  def _take(self, step: int) -> None:
    """Goes on from a checkpoint."""
    meta = self.checkpointer.meta(step)
    where = f"{self.checkpointer.directory}/{step}"
    compatibility.check_going_on(where, meta, self.experience.rom)
    own = learners.restored(
      self.config, self.experience, self._devices, self._file,
      self.checkpointer, step,
    )  # fmt: skip
    self.counters = Counters(**meta["counters"])
    self.record = Record(**meta["watch"])
    if changes.begins_era(meta["config"], self.config):
      self.record.best = self.record.latest = None
      self.record.era += 1
    self._learners = own

  def learners(self) -> Learners:
    """What learns, built once the codebook can be known."""
    if self._learners is None:
      self._learners = learners.fresh(
        self.config, self.experience, self._devices, self._file
      )
    return self._learners

  def go_back(self, step: int) -> bool:
    """To the learners of a checkpoint; False, and a line, where it is lost.

    Args:
      step: the one that is kept for this.
    """
    self.checkpointer.wait()
    try:
      own = learners.restored(
        self.config, self.experience, self._devices, self._file,
        self.checkpointer, step,
      )  # fmt: skip
    except DamagedError as error:
      self._say(f"{error}; so the newest policy stays")
      return False
    if self._devices.is_lead:
      self._file.keep(own.codebook)
    self._learners, self.record.latest = own, None
    return True

  def forget_replay(self) -> None:
    """Fresh episodes will be added to what is learned from."""
    if self._learners:
      self._learners.forget_replay()

  @property
  def is_due(self) -> bool:
    """It is time for a checkpoint."""
    return time.monotonic() - self._saved_at > self.config.checkpoint_secs

  def save(self) -> None:
    """A checkpoint, unless there is nothing to keep yet.

    Raises:
      UserError: it cannot be written, or another process has the folder.
    """
    own = self._learners
    if own is None:
      return
    self.check()
    meta = {
      "config": config_lib.to_dict(self.config),
      "counters": dataclasses.asdict(self.counters),
      "codebook": len(own.codebook),
      **compatibility.describe(self.experience.rom),
      "watch": dataclasses.asdict(self.record),
      "versions": run_folder.versions(),
      "steps": own.steps,
      **self._devices.describe(),
    }
    self.checkpointer.kept = self.counters.kept_tick or None
    self.checkpointer.save(
      self.counters.tick, own.world, own.behavior, own.codebook.patterns, meta,
      self.record.latest, self.record.era,
    )  # fmt: skip
    self._saved_at = time.monotonic()

  def check(self) -> None:
    """Makes sure that the folder is still there, and this process's.

    Raises:
      UserError: it is not.
    """
    if self._owner:
      self._owner.check()

  def close(self) -> None:
    """Finishes writing, and gives the folder up.

    Raises:
      UserError: the last checkpoint cannot be written.
    """
    self.checkpointer.close()
    self._release()

  def give_up(self) -> None:
    """The same after an error, of which nobody is told another."""
    if self._devices.processes == 1 and self.checkpointer:
      with contextlib.suppress(UserError):  # a save that is under way
        self.checkpointer.close()
    self._release()

  def _release(self) -> None:
    if self._owner:
      self._owner.release()
