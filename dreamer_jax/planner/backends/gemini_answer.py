"""Reads a response of Gemini's: both of its SDKs name things alike."""

import json

from dreamer_jax.planner import faults
from dreamer_jax.planner.backends.base import THOUGHTS, Answer
from dreamer_jax.planner.faults import Fault

_STOP, _MAX_TOKENS = 1, 2  # Candidate.FinishReason


def read(response) -> Answer:
  """The answer's text.

  Raises:
    Fault: there is none, or the model refused.
  """
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
  is_cut = reason in ("MAX_TOKENS", _MAX_TOKENS)
  usual = ("STOP", _STOP, "FINISH_REASON_UNSPECIFIED", None, 0)
  if not is_cut and reason not in usual:
    raise Fault(faults.REFUSED, None, None, *tokens)
  parts = getattr(candidate.content, "parts", None) or ()
  said, thought = "", ""
  for part in parts:
    text = getattr(part, "text", "") or _called(part)
    if getattr(part, "thought", False):
      thought += text
    else:
      said += text
  if thought and not said.strip():
    said = THOUGHTS + thought
  return Answer(said, *tokens, is_cut)


def _called(part) -> str:
  """The arguments of a part that calls a function instead of answering."""
  call = getattr(part, "function_call", None)
  arguments = getattr(call, "args", None)
  try:
    return json.dumps(dict(arguments)) if arguments else ""
  except (TypeError, ValueError):
    return ""
