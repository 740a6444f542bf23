"""The real SDKs on a real socket: each kind of trouble is told apart."""

import datetime
import importlib
import importlib.util
import subprocess
import sys
from email import utils

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.goals.vocabulary import IDS
from dreamer_jax.planner import backends, faults, reader, schema, waits
from dreamer_jax.planner.backends import base, fake_bodies, fake_server
from dreamer_jax.planner.backends.base import Question
from dreamer_jax.planner.faults import Fault
from tests.planner.conftest import KEY

FEASIBLE = (0, IDS["new_map"], IDS["isle_go_brightwater"])


def ask(backend, png=b"\x89PNG", **changes):
  question = Question(
    "model-1", "system", "user", png, schema.reply_schema(FEASIBLE), 4096, 5.0
  )
  return backend.ask(question._replace(**changes))


def test_a_good_answer(backend, server):
  answer = ask(backend)
  assert reader.read(answer, FEASIBLE).goal == IDS["isle_go_brightwater"]
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
    ("refusal", faults.REFUSED),
    ("bad_key", faults.BAD_KEY), ("not_found", faults.NOT_FOUND),
    ("bad_request", faults.BAD_REQUEST),
    ("not_http_json", faults.MALFORMED),
  ],
)  # fmt: skip
def test_each_trouble_is_one_call_and_its_kind(backend, server, behavior, kind):
  server.set(behavior)
  with pytest.raises(Fault) as caught:
    ask(backend, timeout_secs=0.4 if behavior == "hang" else 5.0)
  assert caught.value.kind == kind
  assert len(server.calls) == 1  # no SDK retries by itself
  if behavior == "not_http_json":
    assert "not as this API does" in faults.phrase(caught.value)
  waits = caught.value.retry_after_secs
  expected = (
    fake_server.RETRY_AFTER_SECS if behavior == "rate_limit_wait" else None
  )
  assert waits == expected
  assert "key" not in str(caught.value) or kind == faults.BAD_KEY
  if behavior == "refusal":
    assert caught.value.tokens_out == 60  # useless, and paid for


@pytest.mark.parametrize(
  ("behavior", "kind"),
  [
    ("bad_json", faults.MALFORMED), ("empty", faults.EMPTY),
    ("huge", faults.MALFORMED), ("wrong_schema", faults.MALFORMED),
    ("no_body", None), ("truncated", faults.TRUNCATED),
  ],
)  # fmt: skip
def test_useless_answers_have_their_kind(backend, server, behavior, kind):
  server.set(behavior)
  with pytest.raises(Fault) as caught:
    reader.read(ask(backend), FEASIBLE)
  assert kind is None or caught.value.kind == kind
  assert caught.value.kind in (faults.MALFORMED, faults.EMPTY, kind)
  assert len(server.calls) == 1


@pytest.mark.parametrize("wrap", fake_bodies.WRAPS)
def test_a_wrapped_answer_counts(backend, server, wrap):
  server.set(wrap)
  choice = reader.read(ask(backend), FEASIBLE)
  assert choice.goal == IDS["isle_go_brightwater"]


def test_no_fault_carries_a_message():
  error = ValueError("key sk-secret")
  fault = faults.of_exception(error)
  assert "secret" not in str(fault) + repr(fault) + repr(vars(fault))


def test_a_missing_key_is_one_sentence(monkeypatch):
  for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
    monkeypatch.delenv(name, raising=False)
  for name in base.NAMES:
    with pytest.raises(UserError, match=r"needs a key: set .*_API_KEY"):
      base.make(name)
  with pytest.raises(UserError, match="there is no planner 'gpt'"):
    base.make("gpt")


@pytest.mark.parametrize(
  ("name", "module", "package"),
  [
    ("openai", "openai", r"'dreamer_jax\[planner\]'"),
    ("gemini", "google.genai", r"'dreamer_jax\[planner\]'"),
    ("genai", "google.genai", r"'dreamer_jax\[planner\]'"),
    ("gemini_legacy", "google.generativeai", "'google-generativeai'"),
  ],
)
def test_an_absent_sdk_is_one_sentence(monkeypatch, name, module, package):
  for key in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
    monkeypatch.setenv(key, KEY)
  for file in ("openai", "genai", "gemini"):
    home = f"dreamer_jax.planner.backends.{file}"
    monkeypatch.delitem(sys.modules, home, False)
    monkeypatch.delattr(backends, file, False)
  parent, _, child = module.rpartition(".")
  if parent:
    monkeypatch.delattr(importlib.import_module(parent), child, False)
  monkeypatch.setitem(sys.modules, module, None)
  with pytest.raises(UserError, match=f"pip install {package}") as caught:
    base.make(name)
  assert KEY not in str(caught.value)


def test_the_base_install_wants_no_sdk_of_the_extra():
  """Everything but the backends themselves loads without any SDK."""
  blocked = ("openai", "google.genai", "google.generativeai", "httpx")
  program = (
    "import sys, pkgutil, importlib\n"
    f"sys.modules.update(dict.fromkeys({blocked!r}))\n"
    "import dreamer_jax.planner as plan\n"
    "name = 'dreamer_jax.planner.'\n"
    "for module in pkgutil.walk_packages(plan.__path__, name):\n"
    "  if module.name.split('.')[-1] not in ('openai', 'genai', 'gemini'):\n"
    "    importlib.import_module(module.name)\n"
  )
  subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.skipif(
  not importlib.util.find_spec("openai"), reason="openai is not installed"
)
def test_a_local_server_wants_no_key(monkeypatch):
  monkeypatch.delenv("OPENAI_API_KEY", raising=False)
  backend = base.make("openai", "http://127.0.0.1:1/v1")
  assert backend.is_local
  with pytest.raises(Fault) as caught:  # nobody listens there
    ask(backend)
  assert caught.value.kind == faults.DROPPED
  assert "is the server running: Ollama" in faults.phrase(caught.value)


def test_waiting_times_are_read_where_they_are():
  assert waits.asked({"Retry-After": "7"}) == 7
  assert waits.asked({"retry-after": "1.5"}) == 1.5
  assert waits.asked({"Retry-After": "Wed, 21 Oct"}) is None
  assert waits.asked({"Retry-After": "-5"}) is None
  assert waits.asked({"Retry-After": "9", "retry-after-ms": "1500"}) == 1.5
  assert waits.asked({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
  soon = utils.format_datetime(
    datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=600)
  )
  assert 500 < waits.asked({"Retry-After": soon}) < 700
  assert waits.asked({}, "Rate limit reached. Please try again in 20s.") == 20
  assert waits.asked({}, "Please try again in 250ms.") == 0.25
  assert waits.asked({}, '{"retryDelay": "19s"}') == 19
  assert waits.asked({"Retry-After": "999999"}) == waits.MAX_WAIT_SECS


def test_costs_are_counted():
  assert base.cost_usd("gemini-3.5-flash-lite", 10**6, 0) == 0.30
  assert base.cost_usd("of tomorrow", 10**6, 10**6) == 35.0
