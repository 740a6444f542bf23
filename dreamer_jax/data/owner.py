"""The owner of a run's folder: the one process that writes to it.

Its name stands in `owner.json`: program, process, host, start. Where the
process can be seen from here, it is asked whether it lives: its number, and
when it began, as numbers are used again. Otherwise (another host or container,
a restart, a copy of the folder) its heartbeat tells: the time of the file.
"""

import contextlib
import dataclasses
import fcntl
import json
import logging
import os
import pathlib
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import psutil

from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError

FILE = "owner.json"
BEAT_SECS = 10.0
SILENT_SECS = 90.0  # without a beat: dead. A bucket shows times a minute late
_LOOK_SECS = 1.0  # between looks for a beat
_LONG_DEAD_SECS = 3600.0  # by the clocks, which may differ between hosts
_SAME_START_SECS = 2.0  # the system's clock may be set meanwhile
# Of a run: no place for another, whose files would be taken for its own.
_PARTS = {"checkpoints", "demos", "episodes", "tensorboard", "profile"}


@dataclasses.dataclass(frozen=True)
class _Holder:
  """What a folder's `owner.json` says."""

  program: str
  pid: int
  host: str
  space: str  # in which process numbers mean something: kernel and container
  began: float  # of the process, seconds of the epoch
  folder: str = ""  # which it holds; a copy of that has another place
  inode: int = 0  # likewise; it stays where the folder is renamed
  token: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)

  def is_of(self, folder: pathlib.Path) -> bool:
    """It took this folder, and not one that this is a copy of."""
    place, inode = _place(folder)
    return self.folder in ("", place) or self.inode == inode

  @property
  def is_near(self) -> bool:
    """Its process would be seen from here."""
    return (self.host, self.space) == (socket.gethostname(), _space())

  @property
  def is_running(self) -> bool:
    """Its process is there; to be asked where `is_near`."""
    try:
      process = psutil.Process(self.pid)
      began, is_over = process.create_time(), process.status() == "zombie"
    except psutil.Error:
      return False
    return not is_over and abs(began - self.began) < _SAME_START_SECS

  def __str__(self) -> str:
    if not self.pid:
      return f"a program that is not known ({FILE} is damaged)"
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began))
    return f"{self.program} (process {self.pid} on {self.host}, since {when})"


class Owner:
  """Holds a folder until `release`, or until its process ends."""

  def __init__(
    self, folder: str | os.PathLike, program: str,
    say: Callable[[str], None] = logging.warning,
  ):  # fmt: skip
    """Takes the folder, made if absent; that of a dead process is taken over.

    Where only a heartbeat can tell, this waits until it is heard, at most
    `SILENT_SECS`.

    Args:
      folder: of the run.
      program: which others are told to be at work there.
      say: takes a line for people to read.

    Raises:
      UserError: another process has the folder, or it cannot be written.
    """
    self._folder = pathlib.Path(folder)
    self._path = self._folder / FILE
    self._mine = _Holder(
      program, os.getpid(), socket.gethostname(), _space(),
      psutil.Process().create_time(), *self._made(),
    )  # fmt: skip
    self._take(say)
    self._is_over = threading.Event()
    threading.Thread(target=self._beat, daemon=True).start()

  def __enter__(self) -> "Owner":
    return self

  def __exit__(self, *_) -> None:
    self.release()

  def check(self) -> None:
    """Makes sure that the folder is still this process's.

    Raises:
      UserError: another has taken it, as this one had not been heard; or it
        was moved away or deleted.
    """
    there = _read(self._path)
    if there is None and not self._is_here():
      raise UserError(
        f"{self._folder} was moved or deleted while this process worked there: "
        "put it back, or give its new place, and start again to go on from "
        "the last checkpoint"
      )
    if there is None:  # somebody deleted the file
      self._write()
    elif there.token != self._mine.token:
      raise UserError(
        f"{self._folder} was taken over by {there} while this process was not "
        "heard of: it writes nothing more there"
      )

  def _is_here(self) -> bool:
    """The folder is the one that was taken, not one made anew in its place."""
    try:
      return _place(self._folder)[1] == self._mine.inode
    except OSError:
      return False

  def release(self) -> None:
    """Gives the folder up."""
    self._is_over.set()
    there = _read(self._path)
    if there is not None and there.token == self._mine.token:
      self._path.unlink(missing_ok=True)

  def _made(self) -> tuple[str, int]:
    """Makes the folder; where it is, and its number."""
    run = pathlib.Path(os.path.abspath(self._folder)).parent
    if self._folder.name in _PARTS and (run / "config.json").exists():
      raise UserError(
        f"{self._folder} is a part of the run in {run}: give the run's folder, "
        "or choose another --workdir"
      )
    try:
      self._folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
      raise UserError(
        f"cannot make the folder {self._folder}: {error.strerror}; choose "
        "another --workdir"
      ) from None
    return _place(self._folder)

  def _take(self, say: Callable[[str], None]) -> None:
    watched = None  # the heartbeat that stood there first, and since when
    while True:
      with _alone(self._folder):
        there = _read(self._path)
        if there is None or self._is_free(there):
          self._write()
          return
        beat = _beat_of(self._path)
      is_seen = there.is_near and there.is_of(self._folder)
      if is_seen or (watched and beat != watched[0]):
        raise UserError(self._refusal(there))
      if time.time() - beat > _LONG_DEAD_SECS:
        self._path.unlink(missing_ok=True)
      elif watched is None:
        watched = (beat, time.monotonic())
        say(
          f"{self._folder} was last written by {there}: waiting for a sign of "
          f"life from it, {SILENT_SECS:.0f} s at most"
        )
      elif time.monotonic() - watched[1] > SILENT_SECS:
        self._path.unlink(missing_ok=True)
      else:
        time.sleep(_LOOK_SECS)

  def _is_free(self, there: _Holder) -> bool:
    """Its process has ended, or is this one."""
    is_me = there.is_near and there.pid == self._mine.pid
    return is_me or (there.is_near and not there.is_running)

  def _refusal(self, there: _Holder) -> str:
    near = f" (kill {there.pid})" if there.is_near else ""
    return (
      f"{self._folder} is in use by {there}: wait until that has ended, stop "
      f"it{near}, or choose another --workdir"
    )

  def _write(self) -> None:
    text = json.dumps(dataclasses.asdict(self._mine), indent=2)
    write_atomic(self._path, text.encode())

  def _beat(self) -> None:
    while not self._is_over.wait(BEAT_SECS):
      there = _read(self._path)
      if there is None or there.token != self._mine.token:
        return
      with contextlib.suppress(OSError):
        os.utime(self._path)


def _place(folder: pathlib.Path) -> tuple[str, int]:
  """A folder's path without links, and its number in the file system."""
  return os.path.realpath(folder), os.stat(folder).st_ino


def _space() -> str:
  """Where process numbers are the same: this kernel's run, this container."""
  found = []
  with contextlib.suppress(OSError):
    found.append(os.readlink("/proc/self/ns/pid"))
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id")
    found.append(boot.read_text().strip())
  return " ".join(found)


def _read(path: pathlib.Path) -> _Holder | None:
  """Who holds the folder; None for nobody."""
  try:
    return _Holder(**json.loads(path.read_bytes()))
  except FileNotFoundError:
    return None
  except NotADirectoryError:
    return None
  except (OSError, ValueError, TypeError):  # whoever it was, it may live
    return _Holder("a program", 0, "a host", f"{path} is damaged", 0.0, "")


def _beat_of(path: pathlib.Path) -> float:
  try:
    return path.stat().st_mtime
  except OSError:
    return 0.0


@contextlib.contextmanager
def _alone(folder: pathlib.Path) -> Iterator[None]:
  """Processes of this host pass one by one, where the file system can do it."""
  handle = None
  with contextlib.suppress(OSError):
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
  try:
    yield
  finally:
    if handle is not None:
      os.close(handle)
