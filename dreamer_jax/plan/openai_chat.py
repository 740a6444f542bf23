"""OpenAI's chat completions by the official SDK, for any compatible server."""

import base64
from typing import Any

import openai

from dreamer_jax.plan import faults
from dreamer_jax.plan.backends import Answer, Question, guarded
from dreamer_jax.plan.faults import Fault


class OpenAIChat:
  """A `backends.Backend`."""

  name = "openai"

  def __init__(self, key: str, base_url: str | None = None):
    """Makes the client; no call is made.

    Args:
      key: "none" for servers that want none.
      base_url: of a compatible server, "http://localhost:11434/v1" say.
    """
    self.is_local = base_url is not None
    # Compatible servers know the older name; OpenAI wants the newer.
    self._cap = "max_tokens" if base_url else "max_completion_tokens"
    self._client = openai.OpenAI(
      api_key=key, base_url=base_url, max_retries=0, timeout=20.0
    )
    self._chat = self._client.chat.completions  # loads what calls need, now

  def ask(self, question: Question) -> Answer:
    """See `Backend`."""
    return guarded(lambda: self._ask(question))

  def _ask(self, question: Question) -> Answer:
    content: list[dict[str, Any]] = [{"type": "text", "text": question.user}]
    if question.png:
      data = base64.b64encode(question.png).decode()
      url = {"url": f"data:image/png;base64,{data}", "detail": "low"}
      content.insert(0, {"type": "image_url", "image_url": url})
    form = {"name": "goal", "strict": True, "schema": question.schema}
    response = self._chat.create(
      model=question.model,
      messages=[
        {"role": "system", "content": question.system},
        {"role": "user", "content": content},
      ],
      response_format={"type": "json_schema", "json_schema": form},
      timeout=question.timeout_secs,
      **{self._cap: question.max_output_tokens},
    )
    return _read(response)


def _read(response) -> Answer:
  usage = getattr(response, "usage", None)
  count = lambda name: int(getattr(usage, name, 0) or 0)
  tokens = count("prompt_tokens"), count("completion_tokens")
  if not response.choices:
    raise Fault(faults.EMPTY, None, None, *tokens)
  choice = response.choices[0]
  if choice.finish_reason == "length":
    raise Fault(faults.TRUNCATED, None, None, *tokens)
  refused = getattr(choice.message, "refusal", None)
  if refused or choice.finish_reason == "content_filter":
    raise Fault(faults.REFUSED, None, None, *tokens)
  return Answer(choice.message.content or "", *tokens)
