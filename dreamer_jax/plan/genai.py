"""Gemini by google-genai, the SDK that is maintained: the extra [genai]."""

from google import genai
from google.genai import types

from dreamer_jax.plan.backends import Answer, Question, guarded
from dreamer_jax.plan.gemini import read


class GenAI:
  """A `backends.Backend`."""

  name = "genai"
  is_local = False

  def __init__(self, key: str, base_url: str | None = None):
    """Makes the client; no call is made."""
    self._base_url = base_url
    self._client = genai.Client(
      api_key=key, vertexai=False, http_options=self._options(20.0)
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
    contents: list = [question.user]
    if question.png:
      contents.insert(
        0, types.Part.from_bytes(data=question.png, mime_type="image/png")
      )
    response = self._models.generate_content(
      model=question.model,
      contents=contents,
      config=types.GenerateContentConfig(
        system_instruction=question.system,
        response_mime_type="application/json",
        response_json_schema=question.schema,
        max_output_tokens=question.max_output_tokens,
        http_options=self._options(question.timeout_secs),
      ),
    )
    return read(response)
