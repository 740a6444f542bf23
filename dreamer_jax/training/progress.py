"""Where a run stands, and what it says of that."""

import dataclasses
import math

from dreamer_jax.errors import UserError

PHASES = ("collect", "world", "clone", "dream", "play")


@dataclasses.dataclass
class Counters:
  """Where the loop stands. `tick` only grows: it numbers checkpoints."""

  round: int = 0
  phase: str = "collect"
  done: int = 0  # updates of this phase
  tick: int = 0
  secs: float = 0.0  # of learning and playing, over all starts
  kept_tick: int = 0  # checkpoint of the policy that was kept last; 0: none
  kept_round: int = 0  # as which its games are stored ...
  kept_source: str = ""  # ... and of whom: policy, or at first clone


@dataclasses.dataclass(frozen=True)
class Event:
  """One report of the loop."""

  counters: Counters
  done: int  # of this phase
  total: int
  unit: str  # of done and total
  metrics: dict[str, float]


def check_finite(metrics: dict[str, float], counters: Counters) -> None:
  """Stops a run that has gone wrong.

  Raises:
    UserError: one of the metrics is no number.
  """
  bad = [k for k, v in metrics.items() if not math.isfinite(v)]
  if bad:
    raise UserError(
      f"{', '.join(bad)} became infinite or not a number in phase "
      f"{counters.phase}, update {counters.done}: the last good checkpoint is "
      "kept; try a smaller learning rate"
    )
