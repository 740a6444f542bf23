"""Gemini by google-generativeai, over REST.

The SDK's own retries are switched off (`"retry": None`): by default it made
123 calls in 593 s against a dead server. Its async calls exist over gRPC only,
so the service's thread makes blocking ones.
"""

from typing import Any

import google.generativeai as genai
from google.generativeai import client as client_lib

from dreamer_jax.plan import faults
from dreamer_jax.plan.backends import Answer, Question, guarded
from dreamer_jax.plan.faults import Fault

_STOP, _MAX_TOKENS = 1, 2  # Candidate.FinishReason
_DROPPED_KEYS = ("additionalProperties",)  # not of Gemini's schema language


class Gemini:
  """A `backends.Backend`."""

  name = "gemini"
  is_local = False

  def __init__(self, key: str, base_url: str | None = None):
    """Configures the SDK; no call is made."""
    options = {"api_endpoint": base_url} if base_url else None
    genai.configure(api_key=key, transport="rest", client_options=options)
    # A key cannot be refreshed, but on a 401 the transport tries to, twice.
    transport = client_lib.get_default_generative_client().transport
    session = getattr(transport, "_session", None)
    if hasattr(session, "_max_refresh_attempts"):
      session._max_refresh_attempts = 0

  def ask(self, question: Question) -> Answer:
    """See `Backend`."""
    return guarded(lambda: self._ask(question))

  def _ask(self, question: Question) -> Answer:
    model = genai.GenerativeModel(
      question.model,
      system_instruction=question.system,
      generation_config={
        "response_mime_type": "application/json",
        "response_schema": to_gemini(question.schema),
        "max_output_tokens": question.max_output_tokens,
        "candidate_count": 1,
      },
    )
    parts: list[Any] = [question.user]
    if question.png:
      parts.insert(0, {"mime_type": "image/png", "data": question.png})
    response = model.generate_content(
      parts,
      request_options={"timeout": question.timeout_secs, "retry": None},
    )
    return read(response)


def read(response) -> Answer:
  """The answer's text, or the fault; both Gemini SDKs name things alike."""
  usage = response.usage_metadata
  count = lambda name: int(getattr(usage, name, 0) or 0)
  out = count("candidates_token_count") + count("thoughts_token_count")
  tokens = count("prompt_token_count"), out
  if not response.candidates:
    feedback = getattr(response, "prompt_feedback", None)
    blocked = bool(getattr(feedback, "block_reason", None))
    kind = faults.REFUSED if blocked else faults.EMPTY
    raise Fault(kind, None, None, *tokens)
  candidate = response.candidates[0]
  reason = getattr(candidate.finish_reason, "name", candidate.finish_reason)
  if reason in ("MAX_TOKENS", _MAX_TOKENS):
    raise Fault(faults.TRUNCATED, None, None, *tokens)
  if reason not in ("STOP", _STOP, "FINISH_REASON_UNSPECIFIED", None, 0):
    raise Fault(faults.REFUSED, None, None, *tokens)
  parts = getattr(candidate.content, "parts", None) or ()
  said = (p for p in parts if not getattr(p, "thought", False))
  text = "".join(getattr(part, "text", "") or "" for part in said)
  return Answer(text, *tokens)


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
