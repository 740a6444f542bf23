"""Writes the play to a video while it happens: nothing piles up in memory."""

import os
import pathlib
import queue
import subprocess
import threading

import imageio_ffmpeg
import numpy as np

from dreamer_jax.data.files import TEMPORARY
from dreamer_jax.errors import UserError
from dreamer_jax.play import picture
from dreamer_jax.play.runtime import Scene

_WAITING = 64  # scenes that may wait for the encoder


class Recording:
  """A viewer that becomes an H.264 video; a context manager.

  Drawing and encoding happen in a thread. In real time a scene that finds the
  queue full is left out, so the loop never waits.
  """

  is_open = True

  def __init__(self, path: str | pathlib.Path, fps: float, may_skip: bool):
    """Begins a video.

    Args:
      path: replaced when the recording ends; until then it is as it was.
      fps: scenes a second.
      may_skip: leave scenes out rather than wait.
    """
    self.path = pathlib.Path(path)
    self.skipped = 0
    self._fps, self._may_skip = fps, may_skip
    self._temporary = self.path.with_name(
      f".{self.path.name}.{os.getpid()}{TEMPORARY}"
    )
    self._scenes: queue.Queue[Scene | None] = queue.Queue(_WAITING)
    self._error = ""
    self._count = 0
    try:
      self.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
      raise self._trouble(error.strerror) from None
    self._thread = threading.Thread(target=self._encode, daemon=True)

  def __enter__(self) -> "Recording":
    self._thread.start()
    return self

  def __exit__(self, *_) -> None:
    self._scenes.put(None)
    self._thread.join()
    if self._error:
      self._temporary.unlink(missing_ok=True)
      raise self._trouble(self._error)
    if self._count:
      os.replace(self._temporary, self.path)

  def frame(self, frame: np.ndarray) -> None:
    """Frames within an action are not recorded."""

  def scene(self, scene: Scene) -> None:
    """Adds a picture."""
    try:
      self._scenes.put(scene, block=not self._may_skip)
    except queue.Full:
      self.skipped += 1

  def _encode(self) -> None:
    process = None
    while (scene := self._scenes.get()) is not None:
      if self._error:
        continue  # empty the queue, so that nobody waits
      try:
        drawn = picture.compose(scene)
        process = process or self._start(*drawn.shape[:2])
        process.stdin.write(drawn.tobytes())
        self._count += 1
      except OSError as error:
        self._error = error.strerror or type(error).__name__
    if process is not None:
      _, said = process.communicate()
      if process.returncode and not self._error:
        lines = said.decode(errors="replace").strip().splitlines()
        self._error = lines[-1] if lines else "the encoder failed"

  def _start(self, height: int, width: int) -> subprocess.Popen:
    command = [
      imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error",
      "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
      "-r", f"{self._fps}", "-i", "-", "-c:v", "libx264", "-crf", "22",
      "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p",
      "-movflags", "+faststart", "-f", "mp4", str(self._temporary),
    ]  # fmt: skip
    return subprocess.Popen(
      command, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )

  def _trouble(self, reason: str) -> UserError:
    return UserError(
      f"cannot write {self.path}: {reason}; make room, choose another --out, "
      f"or leave the video out with --novideo"
    )
