"""One call in a thread of its own: from a moment of the game to a result.

Whatever takes time happens in that thread: finding the feasible goals, coding
the picture, the call itself, reading the answer. The loop only looks whether
it is over.
"""

import dataclasses
import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.planner import faults, prompt, reader, schema
from dreamer_jax.planner.backends.abilities import Form
from dreamer_jax.planner.backends.base import Backend, Question, cost_usd
from dreamer_jax.planner.faults import LENGTH, PICTURE, Fault
from dreamer_jax.planner.reader import Choice
from dreamer_jax.planner.schema import Outcome, Request


class Moment(NamedTuple):
  """What the loop shows the planner after an action."""

  facts: Facts  # of one step, scalar fields
  frame: np.ndarray  # [144, 160] u8 shades; nobody writes to it later
  outcome: str = ""  # of a battle that ended with the action, or ""


@dataclasses.dataclass(frozen=True)
class Attempt:
  """How to ask, and what was tried before in the same matter."""

  reasons: tuple[str, ...]
  tried: frozenset[str] = frozenset()  # kinds of faults already retried
  cap: int = 4096  # tokens of the answer
  picture: bool = True

  def again(self, kind: str) -> "Attempt":
    """The retry after a fault of this kind."""
    cap = self.cap * 2 if kind == faults.TRUNCATED else self.cap
    picture = self.picture and kind != faults.REFUSED
    return Attempt(self.reasons, self.tried | {kind}, cap, picture)


class Situation(NamedTuple):
  """Everything that a call is about."""

  moment: Moment
  game: str
  steps_without_progress: int
  current_goal: int | None
  recent: tuple[Outcome, ...]


class Result(NamedTuple):
  """What a call came to; `fault` of None means that there is a reply."""

  fault: Fault | None
  choice: Choice | None
  tokens_in: int
  tokens_out: int
  usd: float


class Job:
  """A call that runs, or ran, in a daemon thread."""

  def __init__(self, call: Callable[[], Result]):
    """Starts it."""
    self.result: Result | None = None
    self._thread = threading.Thread(
      target=self._run, args=(call,), name="planner", daemon=True
    )
    self._thread.start()

  def _run(self, call: Callable[[], Result]) -> None:
    try:
      self.result = call()
    except Exception as error:  # a bug in here must not stop the play either
      self.result = Result(faults.of_exception(error), None, 0, 0, 0.0)

  @property
  def is_over(self) -> bool:
    """Whether there is a result."""
    return self.result is not None

  def wait(self, secs: float) -> None:
    """For tests and for leaving: returns when it is over, or late."""
    self._thread.join(secs)


def ask(
  backend: Backend, model: str, situation: Situation, attempt: Attempt,
  form: Form, timeout_secs: float,
) -> Result:  # fmt: skip
  """Makes the call; faults are results too."""
  picture = attempt.picture and form.has(PICTURE)
  request = request_of(situation, picture)
  system, user = prompt.of_request(request)
  question = Question(
    model, system, user, schema.png(request.frame) if picture else None,
    schema.reply_schema(request.feasible),
    attempt.cap if form.has(LENGTH) else attempt.cap // 4, timeout_secs, form,
  )  # fmt: skip
  tokens = (0, 0)
  price = lambda: 0.0 if backend.is_local else cost_usd(model, *tokens)
  try:
    answer = backend.ask(question)
    tokens = answer.tokens_in, answer.tokens_out
    choice = reader.read(answer, request.feasible)
  except Fault as fault:
    if fault.tokens_in or fault.tokens_out:
      tokens = fault.tokens_in, fault.tokens_out
    return Result(fault, None, *tokens, price())
  return Result(None, choice, *tokens, price())


def request_of(situation: Situation, picture: bool) -> Request:
  """The planner's input for a situation."""
  moment, game = situation.moment, situation.game
  return Request(
    frame=moment.frame,
    state=schema.state_of(
      moment.facts.ram, game, situation.steps_without_progress
    ),
    current_goal=situation.current_goal,
    feasible=tuple(vocabulary.feasible_ids(moment.facts, game)),
    recent=situation.recent,
    picture=picture,
  )
