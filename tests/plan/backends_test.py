"""The real SDKs on a real socket: each kind of trouble is told apart."""

import importlib.util

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.goals.vocabulary import IDS
from dreamer_jax.plan import backends, faults, loopback, schema
from dreamer_jax.plan.backends import Question
from dreamer_jax.plan.faults import Fault

FEASIBLE = (0, IDS["new_map"], IDS["isle_go_brightwater"])


def ask(backend, png=b"\x89PNG", **changes):
  question = Question(
    "model-1", "system", "user", png, schema.reply_schema(FEASIBLE), 4096, 0.4
  )
  return backend.ask(question._replace(**changes))


def test_a_good_answer(backend, server):
  answer = ask(backend)
  assert schema.parse_reply(answer.text).goal_id == "isle_go_brightwater"
  assert (answer.tokens_in, answer.tokens_out) == (900, 60)
  call = server.calls[0]
  assert call.goal_ids == ["next_badge", "new_map", "isle_go_brightwater"]
  assert call.cap == 4096 and call.has_picture and call.model == "model-1"
  assert "system" in call.text and "thinking" not in call.text.lower()
  ask(backend, png=None)
  assert not server.calls[1].has_picture


@pytest.mark.parametrize(
  ("behavior", "kind"),
  [
    ("rate_limit_wait", faults.RATE_LIMIT), ("rate_limit", faults.RATE_LIMIT),
    ("error_500", faults.SERVER), ("hang", faults.TIMEOUT),
    ("drop", faults.DROPPED), ("drop_mid_body", faults.DROPPED),
    ("truncated", faults.TRUNCATED), ("refusal", faults.REFUSED),
    ("bad_key", faults.BAD_KEY), ("not_found", faults.NOT_FOUND),
    ("bad_request", faults.BAD_REQUEST),
    ("not_http_json", faults.MALFORMED),
  ],
)  # fmt: skip
def test_each_trouble_is_one_call_and_its_kind(backend, server, behavior, kind):
  server.set(behavior)
  with pytest.raises(Fault) as caught:
    ask(backend)
  assert caught.value.kind == kind
  assert len(server.calls) == 1  # no SDK retries by itself
  waits = caught.value.retry_after_secs
  expected = (
    loopback.RETRY_AFTER_SECS if behavior == "rate_limit_wait" else None
  )
  assert waits == expected
  assert "key" not in str(caught.value) or kind == faults.BAD_KEY
  if behavior in ("truncated", "refusal"):
    assert caught.value.tokens_out == 60  # useless, and paid for


@pytest.mark.parametrize(
  "behavior", ["bad_json", "empty", "huge", "wrong_schema", "no_body"]
)
def test_useless_answers_are_malformed(backend, server, behavior):
  server.set(behavior)
  with pytest.raises(Fault) as caught:
    schema.parse_reply(ask(backend, timeout_secs=5.0).text)
  assert caught.value.kind in (faults.MALFORMED, faults.EMPTY)
  assert len(server.calls) == 1


def test_no_fault_carries_a_message():
  error = ValueError("key sk-secret")
  fault = faults.of_exception(error)
  assert "secret" not in str(fault) + repr(fault) + repr(vars(fault))


def test_a_missing_key_is_one_sentence(monkeypatch):
  for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
    monkeypatch.delenv(name, raising=False)
  for name in ("gemini", "openai", "genai"):
    with pytest.raises(UserError, match=r"needs a key: set .*_API_KEY"):
      backends.make(name)
  with pytest.raises(UserError, match="there is no planner 'gpt'"):
    backends.make("gpt")


@pytest.mark.skipif(
  not importlib.util.find_spec("openai"), reason="openai is not installed"
)
def test_a_local_server_wants_no_key(monkeypatch):
  monkeypatch.delenv("OPENAI_API_KEY", raising=False)
  backend = backends.make("openai", "http://127.0.0.1:1/v1")
  assert backend.is_local
  with pytest.raises(Fault) as caught:  # nobody listens there
    ask(backend)
  assert caught.value.kind == faults.DROPPED


def test_waiting_times_are_read_where_they_are():
  assert faults.retry_after({"Retry-After": "7"}) == 7
  assert faults.retry_after({"retry-after": "1.5"}) == 1.5
  assert faults.retry_after({"Retry-After": "Wed, 21 Oct"}) is None
  assert faults.retry_after({}, '{"retryDelay": "19s"}') == 19
  assert faults.retry_after({"Retry-After": "999999"}) == faults.MAX_WAIT_SECS


def test_costs_are_counted():
  assert backends.cost_usd("gemini-3.5-flash-lite", 10**6, 0) == 0.30
  assert backends.cost_usd("of tomorrow", 10**6, 10**6) == 35.0
