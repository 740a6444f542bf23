"""A recording answers as the model did, faults included."""

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.plan import cassette, faults
from dreamer_jax.plan.abilities import Ladder
from dreamer_jax.plan.backends import Answer, Question
from dreamer_jax.plan.faults import Fault
from tests.plan.conftest import KEY

QUESTION = Question("m", "system", "user", b"png", {"type": "object"}, 9, 1.0)


class Script:
  """Says these things in turn."""

  name, address, is_local = "script", "nowhere", False

  def __init__(self, *says):
    self.says, self.ladder = list(says), Ladder()

  def ask(self, question):
    say = self.says.pop(0)
    if isinstance(say, Fault):
      raise say
    return say


def test_what_was_recorded_is_replayed(tmp_path, monkeypatch):
  monkeypatch.setenv("OPENAI_API_KEY", KEY)
  path = tmp_path / "deep" / "tape.jsonl"
  said = [Answer("one", 1, 2), Fault(faults.RATE_LIMIT, 429, 7.0),
          Answer("two", 3, 4)]  # fmt: skip
  recorder = cassette.Recorder(Script(*said), path)
  for say in said:
    if isinstance(say, Fault):
      with pytest.raises(Fault):
        recorder.ask(QUESTION)
    else:
      assert recorder.ask(QUESTION) == say
  tape = cassette.Cassette(path)
  assert tape.ask(QUESTION) == said[0]
  with pytest.raises(Fault) as caught:
    tape.ask(QUESTION)
  assert vars(caught.value) == vars(said[1])
  assert tape.ask(QUESTION) == said[2]
  with pytest.raises(Fault) as caught:
    tape.ask(QUESTION)
  assert caught.value.kind == faults.ENDED
  assert KEY not in path.read_text()


def test_no_recording_is_one_sentence(tmp_path):
  with pytest.raises(UserError, match="cannot play the cassette"):
    cassette.Cassette(tmp_path / "none.jsonl")
  (tmp_path / "bad.jsonl").write_text('{"question": {}}\n')
  with pytest.raises(UserError, match="--record"):
    cassette.Cassette(tmp_path / "bad.jsonl")
