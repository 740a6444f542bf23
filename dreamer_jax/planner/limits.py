"""When a call may be made: rate, breaker and budget. Time is passed in."""

import collections
import dataclasses
import math

from dreamer_jax.planner.settings import Settings


class Rate:
  """At least so long apart, and at most so many in any minute."""

  def __init__(self, min_gap_secs: float, per_minute: int):
    self._gap, self._most = min_gap_secs, per_minute
    self._calls: collections.deque[float] = collections.deque(maxlen=per_minute)

  def ready_at(self) -> float:
    """The earliest time of the next call."""
    if not self._calls:
      return -math.inf
    ready = self._calls[-1] + self._gap
    if len(self._calls) == self._most:
      ready = max(ready, self._calls[0] + 60.0)
    return ready

  def count(self, now: float) -> None:
    """A call is made."""
    self._calls.append(now)


class Breaker:
  """Keeps away from a service that fails, longer each time."""

  def __init__(self, first_secs: float, most_secs: float):
    self._first, self._most = first_secs, most_secs
    self.wait_secs = 0.0  # of the latest opening; 0 = closed
    self.ready_at = -math.inf

  def open(self, now: float) -> None:
    """It failed: wait, twice as long as the last time."""
    doubled = 2 * self.wait_secs if self.wait_secs else self._first
    self.wait_secs = min(doubled, self._most)
    self.ready_at = now + self.wait_secs

  def close(self) -> None:
    """It answered."""
    self.wait_secs, self.ready_at = 0.0, -math.inf


@dataclasses.dataclass
class Budget:
  """What was spent, and what may be."""

  max_calls: int
  max_usd: float
  calls: int = 0
  tokens_in: int = 0
  tokens_out: int = 0
  usd: float = 0.0

  def allows(self, worst_usd: float) -> bool:
    """Whether one more call, however long its answer, stays within it."""
    return self.calls < self.max_calls and self.usd + worst_usd <= self.max_usd

  def spend(self, tokens_in: int, tokens_out: int, usd: float) -> None:
    """A call came back."""
    self.tokens_in += tokens_in
    self.tokens_out += tokens_out
    self.usd += usd


def of_config(config: Settings) -> tuple[Rate, Breaker, Budget]:
  """Fresh ones, as the configuration has them."""
  return (
    Rate(config.min_gap_secs, config.calls_per_minute),
    Breaker(config.breaker_secs, config.max_breaker_secs),
    Budget(config.max_calls, config.max_usd),
  )
