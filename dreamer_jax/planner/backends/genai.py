"""Gemini by google-genai, the SDK that Google maintains: extra [planner]."""

from google import genai
from google.genai import types

from dreamer_jax.planner.backends import gemini_answer
from dreamer_jax.planner.backends.abilities import JSON_MODE, Ladder
from dreamer_jax.planner.backends.base import Answer, Question, guarded
from dreamer_jax.planner.backends.environment import Server
from dreamer_jax.planner.faults import LENGTH, PICTURE, SCHEMA, SYSTEM


class Gemini:
  """A `backends.Backend`."""

  name = "gemini"
  is_local = False

  def __init__(self, server: Server):
    """Makes the client; no call is made."""
    self.address = server.shown("https://generativelanguage.googleapis.com")
    self.ladder = Ladder((PICTURE, SCHEMA, JSON_MODE, SYSTEM, LENGTH))
    self._base_url = server.base_url
    options = self._options(20.0)
    if server.is_here:  # past any proxy
      options.client_args = {"trust_env": False}
    self._client = genai.Client(
      api_key=server.key, vertexai=False, http_options=options
    )
    self._models = self._client.models  # loads what calls need, now

  def _options(self, timeout_secs: float) -> types.HttpOptions:
    return types.HttpOptions(
      base_url=self._base_url,
      timeout=round(timeout_secs * 1000),
      retry_options=types.HttpRetryOptions(attempts=1),  # the first is all
    )

  def ask(self, question: Question) -> Answer:
    """See `Backend`."""
    return guarded(lambda: self._ask(question))

  def _ask(self, question: Question) -> Answer:
    form = question.form
    has_system = form.has(SYSTEM)
    contents: list = [question.user if has_system else question.all_words]
    if question.png:
      contents.insert(
        0, types.Part.from_bytes(data=question.png, mime_type="image/png")
      )
    response = self._models.generate_content(
      model=question.model,
      contents=contents,
      config=types.GenerateContentConfig(
        system_instruction=question.system if has_system else None,
        response_mime_type="application/json" if form.json else None,
        response_json_schema=question.schema if form.json == SCHEMA else None,
        max_output_tokens=question.max_output_tokens,
        http_options=self._options(question.timeout_secs),
      ),
    )
    return gemini_answer.read(response)
