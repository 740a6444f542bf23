"""What can go wrong with a call, reduced to kinds with one rule each.

A `Fault` never carries a message of the service: such messages quote requests,
keys even. It carries a kind, a status and a waiting time, which is all that
the rules of `service` and the log need.
"""

import json
import re
from collections.abc import Mapping

# Kinds, and what `service` does about them.
BAD_KEY = "bad_key"  # 401, 403: off for the run
NOT_FOUND = "not_found"  # 404: the next model id; off after the last
BAD_REQUEST = "bad_request"  # 400 and its like: off for the run
RATE_LIMIT = "rate_limit"  # 429: wait what it says
SERVER = "server"  # 5xx: one retry, then a breaker
TIMEOUT = "timeout"  # the same
DROPPED = "dropped"  # the same: the connection broke
MALFORMED = "malformed"  # no JSON of the schema: one fresh ask
EMPTY = "empty"  # nothing in it: the same
TRUNCATED = "truncated"  # one retry with a doubled cap
REFUSED = "refused"  # one retry without the picture
ENDED = "ended"  # a cassette's end: off

FATAL = frozenset({BAD_KEY, BAD_REQUEST, ENDED})
TRANSIENT = frozenset({SERVER, TIMEOUT, DROPPED})
MAX_WAIT_SECS = 3600.0  # a server may ask for more; it is asked again then
_TIMEOUT_NAMES = re.compile(r"timeout|deadline", re.IGNORECASE)
_PARSE_NAMES = re.compile(r"json|parse|decode|validation|attribute|key|index",
                          re.IGNORECASE)  # fmt: skip


class Fault(Exception):
  """A call that gave no usable answer."""

  def __init__(
    self,
    kind: str,
    status: int | None = None,
    retry_after_secs: float | None = None,
    tokens_in: int = 0,
    tokens_out: int = 0,
  ):
    """`kind` is one of this module's; tokens are what was used up all the same.

    Args:
      kind: what happened.
      status: of HTTP, where there was one.
      retry_after_secs: how long the server asks to wait.
      tokens_in: of the prompt.
      tokens_out: of the useless answer.
    """
    super().__init__(f"{kind}" + (f" ({status})" if status else ""))
    self.kind, self.status = kind, status
    self.retry_after_secs = retry_after_secs
    self.tokens_in, self.tokens_out = tokens_in, tokens_out


def of_status(
  status: int, headers: Mapping[str, str] | None = None, body: str = ""
) -> Fault:
  """The fault that an HTTP status means."""
  if status in (401, 403):
    return Fault(BAD_KEY, status)
  if status == 404:
    return Fault(NOT_FOUND, status)
  if status == 429:
    return Fault(RATE_LIMIT, status, retry_after(headers or {}, body))
  if status in (408, 504):
    return Fault(TIMEOUT, status)
  if status >= 500:
    return Fault(SERVER, status)
  if 400 <= status < 500:
    return Fault(BAD_REQUEST, status)
  return Fault(MALFORMED, status)


def retry_after(headers: Mapping[str, str], body: str = "") -> float | None:
  """Seconds to wait by the header `Retry-After`, or Gemini's `retryDelay`."""
  lower = {str(k).lower(): v for k, v in headers.items()}
  found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*", lower.get("retry-after", ""))
  found = found or re.search(r'"retryDelay":\s*"(\d+(?:\.\d+)?)s"', body[:8192])
  return min(float(found[1]), MAX_WAIT_SECS) if found else None


def of_exception(error: BaseException) -> Fault:
  """The fault behind an exception of any of the SDKs.

  They agree on little but a status; what has none is told by its type's name,
  its causes included. Messages are never read.
  """
  if isinstance(error, Fault):
    return error
  status = _status(error)
  if status is not None:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    return of_status(status, headers, _body(error, response))
  names = " ".join(_names(error))
  if _TIMEOUT_NAMES.search(names):
    return Fault(TIMEOUT)
  if isinstance(error, ValueError | TypeError | LookupError | AttributeError):
    return Fault(MALFORMED)
  if _PARSE_NAMES.search(type(error).__name__):
    return Fault(MALFORMED)
  return Fault(DROPPED)


def _status(error: BaseException) -> int | None:
  for name in ("status_code", "code"):
    value = getattr(error, name, None)
    value = getattr(value, "value", value)  # http.HTTPStatus
    if isinstance(value, int) and 100 <= value < 600:
      return value
  return None


def _body(error, response) -> str:
  text = getattr(response, "text", "")
  if isinstance(text, str) and text:
    return text
  details = getattr(error, "details", None)
  try:
    return json.dumps(details) if isinstance(details, dict | list) else ""
  except (TypeError, ValueError):
    return ""


def _names(error: BaseException | None) -> list[str]:
  names = []
  while error is not None and len(names) < 8:
    names.append(type(error).__name__)
    error = error.__cause__ or error.__context__
  return names
