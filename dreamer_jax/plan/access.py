"""Whether the model may be asked now, and what a fault means for that."""

import math

from dreamer_jax.plan import faults, limits
from dreamer_jax.plan.backends import cost_usd
from dreamer_jax.plan.calls import Attempt
from dreamer_jax.plan.faults import Fault
from dreamer_jax.plan.settings import Settings

_PROMPT_TOKENS = 8000  # more than any prompt has, for the budget's worst case
_CAP_LIMIT = 65_536  # tokens; doubling ends there


class Access:
  """To one service: its limits, its models, and its moods."""

  def __init__(self, config: Settings, models: tuple[str, ...], is_local: bool):
    """`models` in order of preference; a local server costs nothing."""
    self._config, self._models, self._is_local = config, models, is_local
    self._rate, self._breaker, self.budget = limits.of_config(config)
    self._not_before = -math.inf  # a 429 said so
    self._limited = 0  # 429s in a row
    self._index = 0
    self.off = "" if models else "rules only"  # why no model is asked any more

  @property
  def model(self) -> str:
    """The id to ask."""
    return self._models[self._index]

  def is_ready(self, now: float) -> bool:
    """Whether rate, breaker and the service's own wish allow a call."""
    wishes = self._rate.ready_at(), self._breaker.ready_at, self._not_before
    return not self.off and now >= max(wishes)

  def begin(self, now: float, cap: int) -> bool:
    """Counts a call that is about to be made; False if the budget is spent."""
    worst = 0.0 if self._is_local else cost_usd(self.model, _PROMPT_TOKENS, cap)
    if not self.budget.allows(worst):
      self.off = "the budget is spent"
      return False
    self.budget.calls += 1
    self._rate.count(now)
    return True

  def succeed(self) -> None:
    """The service answered."""
    self._breaker.close()
    self._limited = 0

  def fail(self, fault: Fault, attempt: Attempt, now: float) -> Attempt | None:
    """One rule for each kind of fault.

    Returns:
      How to ask again, once a call may be made; None for not at all. `off` is
      set where that goes for the whole run.
    """
    kind = fault.kind
    if kind in faults.FATAL:
      self.off = kind
      return None
    if kind == faults.NOT_FOUND:
      if self._index + 1 == len(self._models):
        self.off = "no model id is known to the service"
        return None
      self._index += 1
      return attempt
    if kind == faults.RATE_LIMIT:
      wait = self._config.rate_limit_secs * 2 ** min(self._limited, 4)
      self._limited += 1
      asked = fault.retry_after_secs
      self._not_before = now + (wait if asked is None else asked)
      return attempt
    if kind in faults.TRANSIENT:
      if faults.SERVER in attempt.tried or self._breaker.wait_secs:
        self._breaker.open(now)
      return attempt.again(faults.SERVER)
    self.succeed()  # it did answer, if to no use
    if kind in attempt.tried or (
      kind == faults.REFUSED and not attempt.picture
    ):
      return None
    again = attempt.again(kind)
    return again if again.cap <= _CAP_LIMIT else None
