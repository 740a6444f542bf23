"""Gemini by google-generativeai, over REST: the SDK that has ended.

The SDK's own retries are switched off (`"retry": None`): by default it made
123 calls in 593 s against a dead server. Its async calls exist over gRPC only,
so the service's thread makes blocking ones.
"""

from typing import Any

import google.generativeai as genai
from google.generativeai import client as client_lib

from dreamer_jax.planner.backends import gemini_answer
from dreamer_jax.planner.backends.abilities import JSON_MODE, Ladder
from dreamer_jax.planner.backends.base import Answer, Question, guarded
from dreamer_jax.planner.backends.environment import Server
from dreamer_jax.planner.faults import LENGTH, PICTURE, SCHEMA, SYSTEM

_DROPPED_KEYS = ("additionalProperties",)  # not of Gemini's schema language


class GeminiLegacy:
  """A `backends.Backend`."""

  name = "gemini_legacy"
  is_local = False

  def __init__(self, server: Server):
    """Configures the SDK; no call is made."""
    self.address = server.shown("https://generativelanguage.googleapis.com")
    self.ladder = Ladder((PICTURE, SCHEMA, JSON_MODE, SYSTEM, LENGTH))
    options = {"api_endpoint": server.base_url} if server.base_url else None
    genai.configure(
      api_key=server.key, transport="rest", client_options=options
    )
    # A key cannot be refreshed, but on a 401 the transport tries to, twice.
    transport = client_lib.get_default_generative_client().transport
    session = getattr(transport, "_session", None)
    if hasattr(session, "_max_refresh_attempts"):
      session._max_refresh_attempts = 0
    if server.is_here and hasattr(session, "trust_env"):
      session.trust_env = False

  def ask(self, question: Question) -> Answer:
    """See `Backend`."""
    return guarded(lambda: self._ask(question))

  def _ask(self, question: Question) -> Answer:
    form = question.form
    config: dict[str, Any] = {
      "max_output_tokens": question.max_output_tokens, "candidate_count": 1,
    }  # fmt: skip
    if form.json:
      config["response_mime_type"] = "application/json"
    if form.json == SCHEMA:
      config["response_schema"] = to_gemini(question.schema)
    has_system = form.has(SYSTEM)
    model = genai.GenerativeModel(
      question.model,
      system_instruction=question.system if has_system else None,
      generation_config=config,
    )
    parts: list[Any] = [question.user if has_system else question.all_words]
    if question.png:
      parts.insert(0, {"mime_type": "image/png", "data": question.png})
    response = model.generate_content(
      parts,
      request_options={"timeout": question.timeout_secs, "retry": None},
    )
    return gemini_answer.read(response)


def to_gemini(schema: dict[str, Any]) -> dict[str, Any]:
  """A JSON schema in Gemini's dialect."""
  result = {}
  for key, value in schema.items():
    if key in _DROPPED_KEYS:
      continue
    if key == "type":
      result["type_"] = value.upper()
    elif key == "enum":
      result |= {"format_": "enum", "enum": value}
    elif key == "properties":
      result[key] = {name: to_gemini(v) for name, v in value.items()}
    else:
      result[key] = value
  return result
