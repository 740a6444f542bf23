"""OpenAI's chat completions by the official SDK, for any compatible server."""

import base64
import re
from typing import Any

import openai

from dreamer_jax.planner.backends import chat_answer
from dreamer_jax.planner.backends.abilities import Form, Ladder
from dreamer_jax.planner.backends.base import Answer, Question, guarded
from dreamer_jax.planner.backends.environment import Server
from dreamer_jax.planner.faults import (  # fmt: skip
  CAP_NAME,
  PATH,
  SCHEMA,
  STRICT,
  SYSTEM,
)

# Compatible servers know the older name; OpenAI wants the newer.
_CAPS = ("max_tokens", "max_completion_tokens")


class OpenAIChat:
  """A `backends.Backend`."""

  name = "openai"

  def __init__(self, server: Server):
    """Makes the client; no call is made."""
    self.address = server.shown("https://api.openai.com")
    self.is_local = server.is_own
    url = server.base_url
    has_path = url is None or re.search(r"/v\d", url) is not None
    self.ladder = Ladder(has_path=has_path)
    self._url = url
    here = {"http_client": openai.DefaultHttpxClient(trust_env=False)}
    self._client = openai.OpenAI(
      api_key=server.key, base_url=url, max_retries=0, timeout=20.0,
      organization=server.organization, project=server.project,
      **(here if server.is_here else {}),
    )  # fmt: skip
    self._chat = self._client.chat.completions  # loads what calls need, now

  def ask(self, question: Question) -> Answer:
    """See `Backend`."""
    return guarded(lambda: self._ask(question))

  def _ask(self, question: Question) -> Answer:
    form, chat = question.form, self._chat
    if not form.has(PATH):
      chat = self._client.with_options(
        base_url=f"{self._url}/v1"
      ).chat.completions
    response = chat.with_raw_response.create(
      model=question.model,
      messages=_messages(question),
      timeout=question.timeout_secs,
      **self._options(question, form),
    )
    return chat_answer.read(response.content)

  def _options(self, question: Question, form: Form) -> dict[str, Any]:
    """The fields that not every server takes."""
    name = _CAPS[self.is_local != form.has(CAP_NAME)]
    options: dict[str, Any] = {name: question.max_output_tokens}
    if form.json == SCHEMA:
      named = {"name": "goal", "schema": question.schema}
      if form.has(STRICT):
        named["strict"] = True
      options["response_format"] = {"type": "json_schema", "json_schema": named}
    elif form.json:
      options["response_format"] = {"type": "json_object"}
    return options


def _messages(question: Question) -> list[Any]:
  """Words alone are a plain string: many servers know no list of parts."""
  has_system = question.form.has(SYSTEM)
  content: Any = question.user if has_system else question.all_words
  if question.png:
    data = base64.b64encode(question.png).decode()
    url = {"url": f"data:image/png;base64,{data}", "detail": "low"}
    content = [
      {"type": "image_url", "image_url": url}, {"type": "text", "text": content}
    ]  # fmt: skip
  user = {"role": "user", "content": content}
  system = {"role": "system", "content": question.system}
  return [system, user] if has_system else [user]
