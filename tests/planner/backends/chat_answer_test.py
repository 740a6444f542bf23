"""Bodies of servers that resemble OpenAI's more or less."""

import gzip
import json

import pytest

from dreamer_jax.planner import faults, reader
from dreamer_jax.planner.backends import chat_answer
from dreamer_jax.planner.faults import Fault

GOOD = {"goal_id": "next_badge", "goal": "x", "confidence": 0.9}
TEXT = json.dumps(GOOD)


def chat(content=TEXT, usage=None, **message):
  message = {"role": "assistant", "content": content, **message}
  choice = {"index": 0, "message": message, "finish_reason": "stop"}
  return {"id": "c", "choices": [choice], "usage": usage}


def stream(*pieces, key="content", more=()):
  chunks = [{"choices": [{"index": 0, "delta": {key: p}}]} for p in pieces]
  lines = [f"data: {json.dumps(c)}" for c in (*chunks, *more)]
  return "\n\n".join([": keep-alive", *lines, "data: [DONE]", ""])


def encoded(tree):
  return tree.encode() if isinstance(tree, str) else json.dumps(tree).encode()


CALL = {"type": "function", "function": {"name": "goal", "arguments": TEXT}}


@pytest.mark.parametrize(
  "tree",
  [
    chat(), chat(GOOD), chat([{"type": "text", "text": TEXT}]),
    chat(None, tool_calls=[CALL]), chat("", tool_calls=CALL),
    chat(None, tool_calls=[{"function": {"arguments": GOOD}}]),
    chat(None, function_call={"name": "goal", "arguments": TEXT}),
    chat(None, parsed=GOOD), chat("", reasoning_content=f"so {TEXT}"),
    {"choices": [{"text": TEXT}]}, {"choices": [{"delta": {"content": TEXT}}]},
    chat(usage=[1]), chat(usage="many"), chat(usage={"prompt_tokens": "many"}),
    stream(TEXT[:9], TEXT[9:]), stream(TEXT[:9], None, TEXT[9:], ""),
    stream(TEXT).replace("data: ", ""), stream(TEXT).replace("\n", "\r\n"),
    stream(TEXT) + "data: {cut", stream(f"so {TEXT}", key="reasoning_content"),
    stream([CALL], key="tool_calls"), stream(TEXT, more=[{"choices": []}]),
  ],
)  # fmt: skip
def test_an_answer_of_any_such_server_counts(tree):
  answer = chat_answer.read(encoded(tree))
  assert reader.read(answer, (0, 1)).goal == 0
  assert not answer.is_cut


@pytest.mark.parametrize(
  "body",
  [
    json.dumps(chat()).encode("utf-16"), json.dumps(chat()).encode("utf-8-sig"),
    json.dumps(chat(TEXT + " \u00e9"), ensure_ascii=False).encode("cp1252"),
    json.dumps(chat(usage={"prompt_tokens": float("nan")})).encode(),
  ],
)  # fmt: skip
def test_an_answer_in_any_encoding_counts(body):
  assert reader.read(chat_answer.read(body), (0, 1)).goal == 0


@pytest.mark.parametrize(
  ("told", "tokens"),
  [
    ({"prompt_tokens": "9", "completion_tokens": 6.0}, (9, 6)),
    ({"prompt_tokens": -9, "completion_tokens": 1e400}, (0, 0)),
    (None, (0, 0)),
  ],
)
def test_tokens_are_counted_where_they_are_told(told, tokens):
  answer = chat_answer.read(encoded(chat(usage=told)))
  assert (answer.tokens_in, answer.tokens_out) == tokens


@pytest.mark.parametrize(
  "body",
  [
    b"", b"null", b"[]", encoded([chat()]), encoded("text"), b"{}",
    b"<html><body>Welcome to nginx</body></html>",
    gzip.compress(b"{}", mtime=0), b'{"detail": "Not Found"}',
    b"[" * 100_000, b"data: [DONE]",
    b'{"model": "m", "message": {"content": "{"}, "done": false}\n' * 2,
  ],
)  # fmt: skip
def test_what_is_no_chat_completion_is_told(body):
  with pytest.raises(Fault) as caught:
    chat_answer.read(body)
  assert caught.value.kind == faults.MALFORMED
  said = faults.phrase(caught.value, "http://localhost:1")
  assert said.startswith("http://localhost:1 answers, but not as this API")


@pytest.mark.parametrize(
  "tree",
  [
    {"choices": []}, {"choices": None}, {"choices": "x"}, {"choices": [None]},
    {"choices": {"0": 1}}, {"choices": [{"message": None}]}, chat(None),
    chat(7), chat(None, tool_calls=[{"type": "custom"}]),
  ],
)  # fmt: skip
def test_an_empty_one_is_empty(tree):
  with pytest.raises(Fault) as caught:
    reader.read(chat_answer.read(encoded(tree)), (0, 1))
  assert caught.value.kind == faults.EMPTY


@pytest.mark.parametrize(
  ("error", "kind"),
  [
    ("Unexpected endpoint or method. (POST /chat/completions)",
     faults.NOT_FOUND),
    ({"code": 429, "message": "slow down"}, faults.RATE_LIMIT),
    ({"message": "no vision here"}, faults.BAD_REQUEST),
    ("No models loaded", faults.NOT_FOUND),
  ],
)  # fmt: skip
def test_an_error_in_a_200_is_an_error(error, kind):
  for body in ({"error": error}, stream("{", more=[{"error": error}])):
    with pytest.raises(Fault) as caught:
      chat_answer.read(encoded(body))
    assert caught.value.kind == kind


def test_a_refusal_and_a_cut_are_told_apart():
  with pytest.raises(Fault) as caught:
    chat_answer.read(encoded(chat(None, refusal="I cannot.")))
  assert caught.value.kind == faults.REFUSED
  tree = chat()
  tree["choices"][0]["finish_reason"] = "length"
  assert chat_answer.read(encoded(tree)).is_cut
