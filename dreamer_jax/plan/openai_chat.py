"""OpenAI's chat completions by the official SDK, for any compatible server."""

import base64
import json
import re
from typing import Any

import openai

from dreamer_jax.plan import faults
from dreamer_jax.plan.abilities import Form, Ladder
from dreamer_jax.plan.backends import THOUGHTS, Answer, Question, guarded
from dreamer_jax.plan.environment import Server
from dreamer_jax.plan.faults import (
  CAP_NAME,
  PATH,
  SCHEMA,
  STRICT,
  SYSTEM,
  Fault,
)  # fmt: skip

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
    response = chat.create(
      model=question.model,
      messages=_messages(question),
      timeout=question.timeout_secs,
      **self._options(question, form),
    )
    return _read(response)

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


def _read(response) -> Answer:
  usage = getattr(response, "usage", None)
  count = lambda name: int(getattr(usage, name, 0) or 0)
  tokens = count("prompt_tokens"), count("completion_tokens")
  if not response.choices:
    raise _without_choices(response, tokens)
  choice = response.choices[0]
  message = choice.message
  refused = getattr(message, "refusal", None)
  if refused or choice.finish_reason == "content_filter":
    raise Fault(faults.REFUSED, None, None, *tokens)
  text = _text(message.content) or _called(message)
  for name in ("reasoning_content", "reasoning"):
    if not text.strip():
      thoughts = getattr(message, name, None)
      text = THOUGHTS + thoughts if isinstance(thoughts, str) else text
  return Answer(text, *tokens, choice.finish_reason == "length")


def _without_choices(response, tokens: tuple[int, int]) -> Fault:
  """Some servers answer 200 and put the error into the body."""
  error = getattr(response, "error", None)
  if not error:
    return Fault(faults.EMPTY, None, None, *tokens)
  code = error.get("code") if isinstance(error, dict) else None
  status = code if isinstance(code, int) and 400 <= code < 600 else 400
  return faults.of_status(status, body=json.dumps({"error": error}))


def _text(content: Any) -> str:
  """A message's content, which may be a list of parts."""
  if isinstance(content, str):
    return content
  if not isinstance(content, list):
    return ""
  said = []
  for part in content:
    kind = part.get("type", "text") if isinstance(part, dict) else ""
    text = part.get("text", "") if isinstance(part, dict) else part
    if isinstance(text, str) and kind in ("text", "output_text", ""):
      said.append(text)
  return "".join(said)


def _called(message) -> str:
  """The arguments of a call of a tool that stands for the answer."""
  calls = [getattr(c, "function", None) for c in message.tool_calls or ()]
  calls.append(getattr(message, "function_call", None))
  found = [getattr(call, "arguments", None) for call in calls]
  return "\n".join(
    text if isinstance(text, str) else json.dumps(text)
    for text in found
    if text
  )
