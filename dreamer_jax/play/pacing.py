"""Keeps the loop at the console's pace, and measures how well that went."""

import time
from collections.abc import Callable

import numpy as np

FRAME_HZ = 59.7275  # frames a second of a Game Boy
_LOST_SECS = 0.25  # behind by more: begin anew, do not hurry after it


class Pacer:
  """Waits for the next frame's time.

  Attributes:
    times: when each frame was shown, seconds.
    late_secs: how long after its time each frame was shown; it adds up
      while frames are caught up on, where the jitter ends at a period.
  """

  def __init__(
    self,
    hz: float | None = FRAME_HZ,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
  ):
    """`hz` of None never waits."""
    self._period = 1 / hz if hz else 0.0
    self._clock, self._sleep = clock, sleep
    self._next = clock()
    self.times: list[float] = []
    self.late_secs: list[float] = []

  def wait(self) -> None:
    """Returns when the next frame is due."""
    if self._period:
      self._next += self._period
      ahead = self._next - self._clock()
      if ahead > 0:
        self._sleep(ahead)
      elif ahead < -_LOST_SECS:
        self._next = self._clock()
    now = self._clock()
    self.times.append(now)
    self.late_secs.append(now - self._next if self._period else 0.0)


def jitter_ms(times: list[float], hz: float = FRAME_HZ) -> np.ndarray:
  """`[N - 1]` f64: how far each frame's time from the one before is off."""
  return np.abs(np.diff(times) - 1 / hz) * 1e3
