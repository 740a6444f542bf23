"""A recording answers as the model did, faults included."""

import json

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.planner import faults
from dreamer_jax.planner.backends import cassette
from dreamer_jax.planner.backends.abilities import Ladder
from dreamer_jax.planner.backends.base import Answer, Question
from dreamer_jax.planner.faults import Fault
from tests.planner.conftest import KEY

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


ANSWER = {"text": "x", "tokens_in": 1, "tokens_out": 1}


@pytest.mark.parametrize(
  "line",
  [
    "{", "null", "[]", "{}", '{"answer": "x"}', '{"fault": {"kind": "zzz"}}',
    '{"fault": "x"}', json.dumps({"answer": ANSWER | {"new": 1}}), "[" * 50_000,
    json.dumps({"answer": ANSWER | {"text": None}}),
    json.dumps({"answer": ANSWER | {"tokens_in": "many"}}),
    json.dumps({"answer": ANSWER})[:30],
  ],
)  # fmt: skip
def test_the_damaged_line_is_named(tmp_path, line):
  path = tmp_path / "bad.jsonl"
  path.write_text(json.dumps({"answer": ANSWER}) + f"\n\n{line}\n")
  with pytest.raises(UserError, match="its line 3 is no call"):
    cassette.Cassette(path)


def test_a_folder_and_other_files_are_no_cassette(tmp_path):
  with pytest.raises(UserError, match=r"cassette .* \(Is a directory\)"):
    cassette.Cassette(tmp_path)
  (tmp_path / "x").write_bytes(b"\xff\xfe\0")
  with pytest.raises(UserError, match="it is no text"):
    cassette.Cassette(tmp_path / "x")
