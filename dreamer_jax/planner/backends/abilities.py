"""A ladder of ways to ask, and what one server was found to take.

A server of one's own may know no JSON schema, see no pictures, have another
name for a field. What it does not take is given up, from its error's words
where they say it, else by trying; each model is probed once, by at most
`MAX_PROBES` calls, and what was found out holds for the session.
"""

from collections.abc import Collection
from typing import NamedTuple

from dreamer_jax.planner import faults
from dreamer_jax.planner.faults import (
  CAP_NAME,
  LENGTH,
  PATH,
  PICTURE,
  SCHEMA,
  STRICT,
  SYSTEM,
  Fault,
)  # fmt: skip

JSON_MODE = "json_mode"  # some JSON, of no schema
ALL = frozenset(
  {PICTURE, SCHEMA, STRICT, JSON_MODE, SYSTEM, CAP_NAME, LENGTH}
)  # fmt: skip
MAX_PROBES = 10
_IN_WORDS = {
  PICTURE: "words only, no picture", SCHEMA: "JSON mode instead of a schema",
  JSON_MODE: "plain words instead of JSON mode", STRICT: "no strict schema",
  SYSTEM: "no system message", CAP_NAME: "the other name of max_tokens",
  LENGTH: "shorter answers", PATH: "/v1 behind the address",
}  # fmt: skip
# What is given up together where an error does not say, in order. A crash is
# mostly about pictures, a refusal about the answer's form.
_BY_CRASH = (
  {PICTURE}, {SCHEMA}, {PICTURE, SCHEMA}, {SCHEMA, JSON_MODE},
  {PICTURE, SCHEMA, JSON_MODE}, ALL,
)  # fmt: skip
_BY_REFUSAL = (
  {SCHEMA}, {PICTURE}, {PICTURE, SCHEMA}, {SCHEMA, JSON_MODE},
  {PICTURE, SCHEMA, JSON_MODE}, ALL,
)  # fmt: skip

Missing = frozenset[str]


class Form(NamedTuple):
  """A way to ask; the default is the fullest."""

  missing: Missing = frozenset()  # what is done without

  def has(self, ability: str) -> bool:
    """Whether it is made use of."""
    return ability not in self.missing

  @property
  def json(self) -> str:
    """How the answer's form is asked for: a schema, JSON mode or nothing."""
    return next((a for a in (SCHEMA, JSON_MODE) if self.has(a)), "")

  def __str__(self) -> str:
    """For people."""
    said = [w for ability, w in _IN_WORDS.items() if ability in self.missing]
    if JSON_MODE in self.missing:
      said.remove(_IN_WORDS[SCHEMA])
    return ", ".join(said) or "everything"


class _Probing:
  """What is known of one model."""

  def __init__(self):
    self.known: Missing = frozenset()  # an error named it
    self.now: Missing = frozenset()
    self.tried: set[Missing] = set()
    self.is_proven = False  # `now` was answered
    self.is_spent = False  # every way was tried in vain

  def blamed(self, fault: Fault, can_miss: Missing) -> str:
    """What the fault names that is still made use of, or ""."""
    for ability in fault.blames:
      if ability == SCHEMA and SCHEMA in self.now:
        ability = JSON_MODE
      if ability in can_miss - self.now:
        return ability
    return ""

  def guesses(self, fault: Fault, can_miss: Missing) -> list[Missing]:
    """What to try where nothing is named, in order."""
    crashed = fault.kind == faults.SERVER
    order = _BY_CRASH if crashed else _BY_REFUSAL
    return [self.known | (can_miss & guess) for guess in order]


class Ladder:
  """What one server can do: the memory of a session."""

  def __init__(self, can_miss: Collection[str] = ALL, has_path: bool = True):
    """Nothing is known yet.

    Args:
      can_miss: what its backend can do without.
      has_path: False if "/v1" may be missing from the address.
    """
    self._can_miss, self._path = frozenset(can_miss), has_path
    self._by_model: dict[str, _Probing] = {}
    self._needs_v1 = False

  def form(self, model: str) -> Form:
    """How to ask a model now."""
    now = self._of(model).now
    return Form(now | {PATH} if self._needs_v1 else now)

  def is_proven(self, model: str) -> bool:
    """Whether it has answered to its present form."""
    return self._of(model).is_proven

  def succeed(self, model: str) -> bool:
    """It answered.

    Returns:
      Whether that settles a form other than the fullest.
    """
    known, self._path = self._of(model), True
    if known.is_spent:  # its errors meant nothing: find out anew
      self._by_model[model] = _Probing()
      return False
    is_new, known.is_proven = not known.is_proven, True
    return is_new and bool(self.form(model).missing)

  def step(self, model: str, fault: Fault) -> bool:
    """Finds another way to ask after a fault that may be about the form.

    Returns:
      Whether there is one. If not, the plainest stays.
    """
    if fault.kind == faults.NOT_FOUND or fault.detail == faults.NO_CHAT:
      return self._step_path(fault)
    known = self._of(model)
    plain = fault.status in faults.PLAINER or fault.blames
    guessed = not fault.blames and fault.kind == faults.SERVER
    if not plain or known.is_spent or (guessed and known.is_proven):
      return False
    known.tried.add(known.now)
    ways = known.guesses(fault, self._can_miss)
    if blamed := known.blamed(fault, self._can_miss):
      known.known |= {blamed}
      ways.insert(0, known.known)
    left = [way for way in ways if way not in known.tried]
    if not left or len(known.tried) > MAX_PROBES:
      known.is_spent = True
      return False
    known.now, known.is_proven = left[0], False
    return True

  def _step_path(self, fault: Fault) -> bool:
    """A 404 that names no model, or a page, may be about the address, once."""
    if self._path:
      return False
    if faults.MODEL in fault.blames or self._needs_v1:
      self._path = True
      self._needs_v1 &= faults.MODEL in fault.blames
      return False
    self._needs_v1 = True
    return True

  def _of(self, model: str) -> _Probing:
    return self._by_model.setdefault(model, _Probing())
