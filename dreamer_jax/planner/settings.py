"""What System 2 may do, and how patient it is."""

import dataclasses


@dataclasses.dataclass(unsafe_hash=True)
class Settings:
  """System 2: how often a model may be asked, and what is done about faults.

  No part of a run's `Config`: it matters when an agent plays, not when it
  learns.
  """

  gemini_models: tuple[str, ...] = (  # in order; the next one on a 404
    "gemini-3.5-flash-lite", "gemini-3.1-flash-lite",
  )  # fmt: skip
  openai_models: tuple[str, ...] = ("gpt-6-luna", "gpt-5.6-luna")
  stuck_steps: int = 500  # actions without story progress: ask; again every
  stall_steps: int = 60  # likewise of a battle in which nothing happens
  min_gap_secs: float = 12.0  # between two calls, retries included
  calls_per_minute: int = 5
  stale_secs: float = 60.0  # a reply to an older moment is dropped
  timeout_secs: float = 20.0  # of a connection, and of each wait for bytes
  deadline_secs: float = 45.0  # of a whole call; then it counts as timed out
  max_output_tokens: int = 4096  # models that think count that too
  breaker_secs: float = 5.0  # after repeated failures, doubling ...
  max_breaker_secs: float = 300.0  # ... up to this
  rate_limit_secs: float = 30.0  # after a 429 that names no time
  max_calls: int = 500  # of a session
  max_usd: float = 1.0  # of a session, by `planner.backends.base.PRICES`

  def patient(self) -> "Settings":
    """For a server of one's own, which may think for minutes on a CPU."""
    return dataclasses.replace(
      self, timeout_secs=120.0, deadline_secs=150.0, stale_secs=180.0
    )
