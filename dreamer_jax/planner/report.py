"""Sums up a model's calls in sentences for the person who plays."""

import collections
from collections.abc import Callable

_DROPS = {
  "stale": "the answer came too late",
  "unknown goal": "the answer names no goal that there is",
  "infeasible": "the answer names a goal that cannot be reached now",
  "already done": "the answer names a goal that is reached already",
}


class Report:
  """Counts what went wrong, and says it once when it happens."""

  def __init__(self, tell: Callable[[str], None] | None = None):
    """`tell` gets a line whenever something changes; None keeps quiet."""
    self._tell = tell or (lambda line: None)
    self._told = ""
    self.useless: collections.Counter[str] = collections.Counter()
    self.ruled_since: int | None = None  # the action; None: a model is heard
    self.why = ""  # the rules are in charge

  def count(self, why: str) -> None:
    """A call came to nothing."""
    self.useless[why] += 1

  def failed(self, why: str, step: int, plainer: str = "") -> None:
    """The rules stay in charge after such a call.

    Args:
      why: in words.
      step: the action.
      plainer: the form in which it is asked from now on, if that changed.
    """
    then = f"it is asked again, with {plainer}" if plainer else ""
    self._rule(why, step, then)

  def dropped(self, why: str, step: int) -> None:
    """An answer's goal was not taken; `why` as the journal has it."""
    self.count(_DROPS[why])
    self.failed(_DROPS[why], step)

  def off(self, why: str, step: int) -> None:
    """No more calls."""
    self._rule(why, step, "there are no more calls")

  def heard(self, source: str, step: int) -> None:
    """The model's goal is set."""
    if self.ruled_since is not None:
      self._say(f"{source} sets the goals again, from action {step} on")
    self.ruled_since, self.why = None, ""

  def _rule(self, why: str, step: int, then: str) -> None:
    if self.ruled_since is None:
      self.ruled_since = step
    self.why = f"{why}; {then}" if then else why
    since = f"the rules set the goals since action {self.ruled_since}"
    self._say(f"{self.why}; {since}")

  def _say(self, line: str) -> None:
    """What was said last is not said again."""
    if line != self._told:
      self._told = line
      self._tell(f"System 2: {line}")

  def calls(self, count: int) -> str:
    """How many calls there were, and what became of them."""
    calls = "1 call" if count == 1 else f"{count:,} calls"
    if not self.useless:
      return calls
    kinds = ", ".join(f"{n} × {why}" for why, n in self.useless.most_common())
    return f"{calls}, {self.useless.total()} of no use: {kinds}"

  def in_charge(self) -> str:
    """Since when the rules set the goals, and why; "" while a model does."""
    if self.ruled_since is None:
      return ""
    return f"the rules, since action {self.ruled_since}: {self.why}"
