"""Where a run stands, and what it says of that."""

import dataclasses

PHASES = ("collect", "world", "clone", "dream")


@dataclasses.dataclass
class Counters:
  """Where the loop stands. `tick` only grows: it numbers checkpoints."""

  round: int = 0
  phase: str = "collect"
  done: int = 0  # updates of this phase
  tick: int = 0
  secs: float = 0.0  # of learning and playing, over all starts


@dataclasses.dataclass(frozen=True)
class Event:
  """One report of the loop."""

  counters: Counters
  done: int  # of this phase
  total: int
  unit: str  # of done and total
  metrics: dict[str, float]
