"""Whether the model may be asked now, and what a fault means for that."""

import math

from dreamer_jax.planner import faults, limits
from dreamer_jax.planner.backends.abilities import Form, Ladder
from dreamer_jax.planner.backends.base import Backend, cost_usd
from dreamer_jax.planner.calls import Attempt
from dreamer_jax.planner.faults import Fault
from dreamer_jax.planner.settings import Settings

_PROMPT_TOKENS = 8000  # more than any prompt has, for the budget's worst case
_CAP_LIMIT = 65_536  # tokens; doubling ends there


class Access:
  """To one service: its limits, its models, and its moods."""

  def __init__(
    self, config: Settings, models: tuple[str, ...], backend: Backend | None
  ):
    """`models` in order of preference; a local server costs nothing."""
    self._config, self._models = config, models
    self._is_local = backend is None or backend.is_local
    self._ladder = Ladder() if backend is None else backend.ladder
    self._where = "" if backend is None else backend.address
    self._rate, self._breaker, self.budget = limits.of_config(config)
    self._not_before = -math.inf  # a 429 said so
    self._limited = 0  # 429s in a row
    self._index = 0
    self.off = "" if models else "rules only"  # why no model is asked any more

  @property
  def model(self) -> str:
    """The id to ask."""
    return self._models[self._index]

  @property
  def form(self) -> Form:
    """How to ask it."""
    return self._ladder.form(self.model)

  def phrase(self, fault: Fault) -> str:
    """What happened, for people."""
    return faults.phrase(fault, self._where)

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

  def succeed(self) -> bool:
    """The service answered; True if that settles a plainer form of asking."""
    self._breaker.close()
    self._limited = 0
    return self._ladder.succeed(self.model)

  def fail(self, fault: Fault, attempt: Attempt, now: float) -> Attempt | None:
    """One rule for each kind of fault.

    Returns:
      How to ask again, once a call may be made; None for not at all. `off` is
      set where that goes for the whole run.
    """
    kind = fault.kind
    if kind in faults.FATAL:
      self.off = self.phrase(fault)
      return None
    if self._may_step(fault, attempt) and self._ladder.step(self.model, fault):
      return attempt.again(kind)
    if kind == faults.NOT_FOUND:
      return self._next_model(attempt)
    if kind == faults.BAD_REQUEST:
      plainly = fault.status in faults.PLAINER
      self.off = self.phrase(fault) + (
        ", however plainly it was asked" if plainly else ""
      )
      return None
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

  def _may_step(self, fault: Fault, attempt: Attempt) -> bool:
    """A crash without a reason is first taken for a passing one."""
    if fault.kind == faults.SERVER and not fault.blames:
      return faults.SERVER in attempt.tried
    return fault.detail == faults.NO_CHAT or fault.kind in (
      faults.SERVER, faults.BAD_REQUEST, faults.NOT_FOUND
    )  # fmt: skip

  def _next_model(self, attempt: Attempt) -> Attempt | None:
    if self._index + 1 == len(self._models):
      names = ", ".join(self._models)
      self.off = f"{self._where} knows no model of that name (404): {names}"
      return None
    self._index += 1
    return attempt
