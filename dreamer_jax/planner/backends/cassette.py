"""Records what a model answered, and answers the same again without it.

A line is one call: its question without keys and picture, and the answer or
the fault. A replay gives the recorded answers in their order.
"""

import hashlib
import json
import pathlib

from dreamer_jax.errors import UserError
from dreamer_jax.planner import faults
from dreamer_jax.planner.backends.abilities import Ladder
from dreamer_jax.planner.backends.base import Answer, Backend, Question
from dreamer_jax.planner.faults import Fault
from dreamer_jax.planner.journal import redact


class Recorder:
  """A backend that writes down what another one says."""

  def __init__(self, backend: Backend, path: str | pathlib.Path):
    """Appends to `path`.

    Raises:
      UserError: it cannot be written.
    """
    self.name, self.is_local = backend.name, backend.is_local
    self.ladder, self.address = backend.ladder, backend.address
    self._backend, self._path = backend, pathlib.Path(path)
    try:
      self._path.parent.mkdir(parents=True, exist_ok=True)
      self._path.open("a", encoding="utf-8").close()
    except OSError as error:
      raise UserError(
        f"cannot record to {path} ({error.strerror}): name another file with "
        f"--record"
      ) from None

  def ask(self, question: Question) -> Answer:
    """See `Backend`."""
    try:
      answer = self._backend.ask(question)
    except Fault as fault:
      self._write(question, {"fault": vars(fault)})
      raise
    self._write(question, {"answer": answer._asdict()})
    return answer

  def _write(self, question: Question, result: dict) -> None:
    shot = hashlib.sha256(question.png).hexdigest() if question.png else None
    asked = question._asdict() | {"png": shot, "form": str(question.form)}
    line = redact(json.dumps({"question": asked, **result}))
    with self._path.open("a", encoding="utf-8") as file:
      file.write(line + "\n")


class Cassette:
  """A backend that plays a recording."""

  name = address = "cassette"
  is_local = True

  def __init__(self, path: str | pathlib.Path):
    """Reads all of it.

    Raises:
      UserError: there is no such recording, or it is damaged.
    """
    at, why = 0, ""
    self._results: list[Answer | Fault] = []
    try:
      text = pathlib.Path(path).read_text(encoding="utf-8-sig")
      for line in text.splitlines():
        at += 1
        if line.strip():
          self._results.append(_result(json.loads(line)))
    except OSError as error:
      why = str(error.strerror)
    except (ValueError, KeyError, TypeError, RecursionError):
      why = f"its line {at} is no call" if at else "it is no text"
    if why:
      raise UserError(
        f"cannot play the cassette {path} ({why}): record one with "
        f"--record=FILE beside --planner=gemini or openai"
      )
    self._next = 0
    self.ladder = Ladder()  # so that recorded faults lead on as they did

  def ask(self, question: Question) -> Answer:
    """The next recorded answer, or fault, whatever was asked."""
    if self._next == len(self._results):
      raise Fault(faults.ENDED)
    result = self._results[self._next]
    self._next += 1
    if isinstance(result, Fault):
      raise result
    return result


def _result(line: dict) -> Answer | Fault:
  """The answer or fault of a line; ValueError and its like for neither."""
  if "fault" in line:
    fault = Fault(**line["fault"])
    faults.phrase(fault)  # knows its kind
    return fault
  answer = Answer(**line["answer"])
  numbers = answer.tokens_in, answer.tokens_out
  if not isinstance(answer.text, str) or {type(n) for n in numbers} != {int}:
    raise ValueError("it is no answer")
  return answer
