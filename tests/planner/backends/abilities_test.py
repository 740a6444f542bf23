"""The ladder: what a server does not take is found out once, and given up."""

import json

import numpy as np
import pytest

from dreamer_jax.planner import faults
from dreamer_jax.planner.backends import abilities, base
from dreamer_jax.planner.backends.abilities import JSON_MODE, Ladder
from dreamer_jax.planner.faults import (
  LENGTH,
  PICTURE,
  SCHEMA,
  STRICT,
  SYSTEM,
  Fault,
)
from tests.planner.conftest import make_backend
from tests.planner.driving import Driver, Fake

# limit -> (calls until an answer, picture, form) and the SDKs that can
# step down there.
EXPECTED = {
  "text_only": (3, False, "schema"),  # a 500 is first taken for a passing one
  "text_only_said": (2, False, "schema"),
  "no_schema": (2, True, "json"),
  "no_schema_quiet": (2, True, "json"),
  "plain_only": (5, True, "plain"),
  "words_only_no_schema": (5, False, "json"),
  "plain_words_only": (6, False, "plain"),
  "no_system": (2, True, "schema"),
  "short_context": (2, True, "schema"),
}
OPENAI_ONLY = {
  "no_strict": (2, True, "schema"), "other_cap": (2, True, "schema"),
}  # fmt: skip


def settle(backend, server, limit, expected):
  server.set(limit)
  calls, picture, form = expected
  driver = Driver(backend)
  planner = driver.run(75.0)
  assert planner.decision.source == backend.name
  assert len(server.calls) == calls
  assert server.calls[-1].has_picture == picture
  assert server.calls[-1].form == form
  assert len(driver.lines("plainer")) >= 1
  assert [line["form"] for line in driver.lines("settled")] == [
    str(backend.ladder.form("model-1"))
  ]
  at = np.array(driver.calls_at)
  assert len(at) < 2 or np.diff(at).min() >= 12.0
  # It holds for the session: another episode asks that way at once.
  again = Driver(backend).run(1.0)
  assert len(server.calls) == calls + 1
  assert again.decision.source == backend.name
  return driver


@pytest.mark.parametrize("limit", EXPECTED)
def test_what_a_server_cannot_is_found_out_once(backend, server, limit):
  driver = settle(backend, server, limit, EXPECTED[limit])
  last = server.calls[-1]
  assert last.has_system == (limit != "no_system")
  assert last.cap == (1024 if limit == "short_context" else 4096)
  assert "You direct a player" in last.text  # without a system message too
  took_over, *_, back = driver.told
  assert "the rules set the goals since action" in took_over
  assert "it is asked again, with" in driver.told[-2] and "again" in back


@pytest.mark.parametrize("limit", OPENAI_ONLY)
def test_names_that_only_some_servers_know(server, monkeypatch, limit):
  backend = make_backend("openai", server, monkeypatch)
  settle(backend, server, limit, OPENAI_ONLY[limit])
  body = server.calls[-1].body
  if limit == "no_strict":
    assert "strict" not in body["response_format"]["json_schema"]
  else:
    assert "max_completion_tokens" in body and "max_tokens" not in body


def test_words_alone_are_a_plain_string(server, monkeypatch):
  backend = make_backend("openai", server, monkeypatch)
  settle(backend, server, "text_only_said", EXPECTED["text_only_said"])
  system, user = server.calls[-1].body["messages"]
  assert isinstance(user["content"], str) and system["role"] == "system"


def test_a_missing_v1_is_tried_once(server, monkeypatch):
  make_backend("openai", server, monkeypatch)
  backend = base.make("openai", server.url + "/chat/completions/")
  settle(backend, server, "v1_only", (2, True, "schema"))
  assert [c.path for c in server.calls] == [
    "/chat/completions", "/v1/chat/completions", "/v1/chat/completions",
  ]  # fmt: skip
  server.models = set()  # and now the model is not there
  driver = Driver(backend)
  planner = driver.run(60.0)
  assert len(server.calls) == 5 and "model-1, model-2" in planner.off
  assert all(c.path.startswith("/v1/") for c in server.calls[3:])


def test_nowhere_is_nowhere_with_v1_too(server, monkeypatch):
  make_backend("openai", server, monkeypatch)
  backend = base.make("openai", server.url)
  server.set("not_found")
  planner = Driver(backend).run(60.0)
  assert "404" in planner.off
  assert [c.path.startswith("/v1/") for c in server.calls] == [
    False, True, False,
  ]  # fmt: skip
  assert [c.model for c in server.calls] == ["model-1", "model-1", "model-2"]


def test_where_plain_words_fail_too_the_rules_stay(backend, server):
  server.set("bad_request")
  driver = Driver(backend)
  planner = driver.run(600.0)
  assert len(server.calls) <= abilities.MAX_PROBES
  assert "however plainly it was asked" in planner.off
  last = server.calls[-1]
  assert not last.has_picture and last.form == "plain" and not last.has_system
  assert driver.told[-1].startswith("System 2: the request was refused (400)")
  assert "the rules set the goals since action 2" in driver.told[-1]


@pytest.mark.parametrize("behavior", ["bad_key", "rate_limit", "drop"])
def test_what_says_nothing_of_the_form_leaves_it(backend, server, behavior):
  server.set([behavior, behavior, "good"])
  driver = Driver(backend)
  driver.run(130.0)
  assert all(c.has_picture and c.form == "schema" for c in server.calls)
  assert not driver.lines("plainer")


def test_an_outage_costs_no_ability(backend, server):
  """All fails, the plainest too; when it ends, the fullest form is back."""
  server.set("error_500")
  driver = Driver(backend)
  driver.run(400.0)
  assert not driver.planner.off
  server.set("good")
  driver.run(310.0)
  assert driver.planner.decision.source == backend.name
  driver.planner.request("test")
  driver.run(13.0)
  assert server.calls[-1].has_picture and server.calls[-1].form == "schema"


def step(ladder, kind, status, *blames):
  stepped = ladder.step("m", Fault(kind, status, blames=blames))
  return sorted(ladder.form("m").missing) if stepped else None


def test_a_named_lack_is_the_only_one_given_up():
  ladder = Ladder()
  bad = faults.BAD_REQUEST
  assert step(ladder, bad, 400, STRICT) == [STRICT]
  assert step(ladder, bad, 400, PICTURE, STRICT) == [PICTURE, STRICT]
  assert step(ladder, bad, 400, SCHEMA) == sorted([PICTURE, SCHEMA, STRICT])
  assert JSON_MODE in step(ladder, bad, 400, SCHEMA)
  assert LENGTH not in ladder.form("m").missing
  assert SYSTEM in step(ladder, bad, 400, SYSTEM)
  ladder.succeed("m")
  assert ladder.form("m").json == ""
  assert ladder.form("another").missing == frozenset()


def test_a_crash_of_a_form_that_worked_is_no_lack():
  ladder = Ladder()
  ladder.succeed("m")
  assert step(ladder, faults.SERVER, 500) is None
  assert step(ladder, faults.SERVER, 500, PICTURE) == [PICTURE]
  for status in (502, 503, 529):
    assert step(Ladder(), faults.SERVER, status) is None


def test_probing_ends():
  for kind, status in ((faults.BAD_REQUEST, 400), (faults.SERVER, 500)):
    ladder, forms = Ladder(), []
    while (form := step(ladder, kind, status)) is not None:
      forms.append(tuple(form))
    assert len(forms) == len(set(forms)) <= abilities.MAX_PROBES


@pytest.mark.parametrize(
  ("status", "message", "kind", "blames"),
  [
    (500, "image input is not supported - hint: provide the mmproj",
     faults.SERVER, PICTURE),
    (400, "Model does not support images. Please use a model that does.",
     faults.BAD_REQUEST, PICTURE),
    (422, "unknown variant `image_url`, expected `text`", faults.BAD_REQUEST,
     PICTURE),
    (400, "'messages.1.content' must be a string", faults.BAD_REQUEST,
     PICTURE),
    (404, "No endpoints found that support image input", faults.BAD_REQUEST,
     PICTURE),
    (400, "This response_format type is unavailable now", faults.BAD_REQUEST,
     SCHEMA),
    (400, "JSON mode is not enabled for models/tiny", faults.BAD_REQUEST,
     SCHEMA),
    (400, "Developer instruction is not enabled for models/tiny",
     faults.BAD_REQUEST, SYSTEM),
    (400, "Conversation roles must alternate user/assistant",
     faults.BAD_REQUEST, SYSTEM),
    (400, "maximum context length is 4096 tokens. Reduce max_tokens",
     faults.BAD_REQUEST, LENGTH),
    (400, "API key not valid. Please pass a valid API key.", faults.BAD_KEY,
     ""),
    (400, "User location is not supported for the API use.", faults.DENIED, ""),
    (402, "Insufficient Balance", faults.DENIED, ""),
    (429, "insufficient_quota", faults.DENIED, ""),
    (429, "You exceeded your quota, please check your plan and billing details",
     faults.RATE_LIMIT, ""),
    (404, 'model "llama3.2-vision" not found, try pulling it first',
     faults.NOT_FOUND, None),
    (400, "No models loaded. Please load a model", faults.NOT_FOUND, None),
    (407, "", faults.DROPPED, ""), (503, "Loading model", faults.SERVER, ""),
  ],
)  # fmt: skip
def test_the_words_of_servers(status, message, kind, blames):
  for body in (message, json.dumps({"error": {"message": message}}),
               json.dumps({"detail": [{"msg": message, "input": {
                 "image_url": 1, "response_format": 2}}]})):  # fmt: skip
    fault = faults.of_status(status, body=body)
    assert fault.kind == kind
    assert blames is None or ((*fault.blames, "")[0] == blames)
    assert message not in f"{vars(fault)}" or not message


def test_a_backend_that_can_miss_nothing_is_off_at_once():
  class Refusing(Fake):
    def ask(self, question):
      raise Fault(faults.BAD_REQUEST, 400)

  driver = Driver(Refusing())
  driver.run(60.0)
  assert driver.planner.off and len(driver.calls_at) == 1


def test_a_page_in_place_of_an_answer_may_be_about_the_address():
  page = Fault(faults.MALFORMED, detail=faults.NO_CHAT)
  assert not Ladder().step("m", page)
  ladder = Ladder(has_path=False)
  assert ladder.step("m", page) and not ladder.form("m").has(faults.PATH)
  assert not ladder.step("m", page) and ladder.form("m").has(faults.PATH)
