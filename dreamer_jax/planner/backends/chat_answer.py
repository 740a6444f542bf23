"""Reads the body of a chat completion, of OpenAI's or of what resembles it.

Servers of one's own leave fields out, name them otherwise, write numbers as
words, or send a stream that nobody asked for. So the body is read as it came,
and not by the SDK, which knows one form.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from dreamer_jax.planner import faults
from dreamer_jax.planner.backends.base import THOUGHTS, Answer
from dreamer_jax.planner.faults import Fault

_THOUGHTS = ("reasoning_content", "reasoning")
_MOST_TOKENS = 10**9  # more is no count
Tokens = tuple[int, int]  # of prompt and answer


def read(body: bytes) -> Answer:
  """The answer's text.

  Raises:
    Fault: it is no chat completion, it holds an error, it is empty, or the
      model refused.
  """
  tree = _tree(body)
  usage = _mapping(tree.get("usage"))
  tokens = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
  choice = _first(tree.get("choices"))
  message = _mapping(choice.get("message"))
  message = message or _mapping(choice.get("delta")) or choice
  end = choice.get("finish_reason")
  if message.get("refusal") or end == "content_filter":
    raise Fault(faults.REFUSED, None, None, *tokens)
  text = _text(message.get("content")) or _text(message.get("text"))
  text = text or _called(message) or _parsed(message)
  for name in _THOUGHTS:
    thoughts = message.get(name)
    if not text.strip() and isinstance(thoughts, str):
      text = THOUGHTS + thoughts if thoughts else text
  if not text.strip() and not choice:
    raise _without_choice(tree, tokens)
  return Answer(text, *tokens, end == "length")


def _tree(body: bytes) -> dict[str, Any]:
  """The body's object; the chunks of a stream as one."""
  text = body.decode("utf-8", "replace")
  for read in (
    lambda: json.loads(body),  # UTF-16 too
    lambda: json.loads(text),  # with letters of another encoding
    lambda: _joined(_chunks(text)),
  ):
    try:
      tree = read()
    except (ValueError, RecursionError):
      continue
    if isinstance(tree, dict):
      return tree
  raise Fault(faults.MALFORMED, detail=faults.NO_CHAT)


def _chunks(text: str) -> Iterator[dict[str, Any]]:
  """Objects that stand a line each, as events of a stream."""
  for line in text.splitlines():
    line = re.sub(r"^\s*data:", "", line).strip()
    if line.startswith("{"):
      try:
        yield json.loads(line)
      except (ValueError, RecursionError):
        continue  # the stream was cut


def _joined(chunks: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
  """One answer of a stream's chunks; None if there are none."""
  tree: dict[str, Any] = {}
  said: dict[str, Any] = {}
  called, end = "", None
  for chunk in chunks:
    if chunk.get("error"):
      return chunk
    choice = _first(chunk.get("choices"))
    delta = _mapping(choice.get("delta"))
    for name in ("content", *_THOUGHTS, "refusal"):
      if isinstance(delta.get(name), str):
        said[name] = said.get(name, "") + delta[name]
    called += _called(delta)
    end = choice.get("finish_reason") or end
    tree |= {k: v for k, v in chunk.items() if v is not None}
  if not said and not called:
    return None
  said["function_call"] = {"arguments": called}
  return tree | {"choices": [{"message": said, "finish_reason": end}]}


def _mapping(value: Any) -> dict[str, Any]:
  return value if isinstance(value, dict) else {}


def _first(value: Any) -> dict[str, Any]:
  return _mapping(value[0]) if isinstance(value, list) and value else {}


def _count(usage: dict[str, Any], name: str) -> int:
  """A number of tokens; 0 for what is none."""
  try:
    count = int(usage.get(name) or 0)
  except (TypeError, ValueError, OverflowError):
    return 0
  return min(max(count, 0), _MOST_TOKENS)


def _without_choice(tree: dict[str, Any], tokens: Tokens) -> Fault:
  """Some servers answer 200 and put the error into the body."""
  error = tree.get("error")
  if not error:
    is_chat = "choices" in tree
    return Fault(
      faults.EMPTY if is_chat else faults.MALFORMED, None, None, *tokens,
      detail="" if is_chat else faults.NO_CHAT,
    )  # fmt: skip
  code = _mapping(error).get("code")
  status = code if isinstance(code, int) and 400 <= code < 600 else 400
  return faults.of_status(status, body=json.dumps({"error": error}))


def _text(content: Any) -> str:
  """A message's content, which may be an object or a list of parts."""
  if isinstance(content, str):
    return content
  if isinstance(content, dict):
    return json.dumps(content)
  if not isinstance(content, list):
    return ""
  said = []
  for part in content:
    kind = part.get("type", "text") if isinstance(part, dict) else ""
    text = part.get("text", "") if isinstance(part, dict) else part
    if isinstance(text, str) and kind in ("text", "output_text", ""):
      said.append(text)
  return "".join(said)


def _called(message: dict[str, Any]) -> str:
  """The arguments of a call of a tool that stands for the answer."""
  calls = message.get("tool_calls")
  calls = calls if isinstance(calls, list) else [calls]
  calls = [_mapping(_mapping(call).get("function")) for call in calls]
  calls.append(_mapping(message.get("function_call")))
  found = [call.get("arguments") for call in calls]
  return "\n".join(
    text if isinstance(text, str) else json.dumps(text)
    for text in found
    if text
  )


def _parsed(message: dict[str, Any]) -> str:
  """What a server has read of the model's JSON by itself."""
  parsed = message.get("parsed")
  return json.dumps(parsed) if isinstance(parsed, dict) else ""
