"""What can go wrong with a call, reduced to kinds with one rule each.

A `Fault` never carries a message of the service: such messages quote requests,
keys even. It carries a kind, a status, a waiting time, and what of the request
the service did not take, which is all that rules and log need.
"""

import errno
import json
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

from dreamer_jax.planner import waits

# Kinds, and what `access` does about them.
BAD_KEY = "bad_key"  # 401, 403: off for the run
DENIED = "denied"  # no credit, not in this country: the same
NOT_FOUND = "not_found"  # 404: the next model id; off after the last
BAD_REQUEST = "bad_request"  # 400 and its like: asked in a plainer form
RATE_LIMIT = "rate_limit"  # 429: wait what it says
SERVER = "server"  # 5xx: one retry, a plainer form, then a breaker
TIMEOUT = "timeout"  # one retry, then a breaker
DROPPED = "dropped"  # the same: the connection broke
MALFORMED = "malformed"  # no JSON of the schema: one fresh ask
EMPTY = "empty"  # nothing in it: the same
TRUNCATED = "truncated"  # one retry with a doubled cap
REFUSED = "refused"  # one retry without the picture
ENDED = "ended"  # a cassette's end: off

FATAL = frozenset({BAD_KEY, DENIED, ENDED})
TRANSIENT = frozenset({SERVER, TIMEOUT, DROPPED})
PLAINER = frozenset({400, 413, 415, 422, 500, 501})  # may be about the form

# What of a request a service did not take; see `abilities`.
PICTURE, SCHEMA, STRICT, SYSTEM, CAP_NAME, LENGTH, PATH, MODEL = (
  "picture", "schema", "strict", "system", "cap_name", "length", "path",
  "model",
)  # fmt: skip

NO_CHAT = "no chat"  # an answer of some program, but not of this API

# How a connection failed.
NOBODY, NO_HOST, CERTIFICATE, NO_TLS, WANTS_TLS, PROXY = (
  "nobody listens", "no such host", "certificate", "speaks no https",
  "wants https", "proxy",
)  # fmt: skip

_PHRASES = {
  BAD_KEY: "{where} refused the key",
  DENIED: "the service refuses this account (credit, or country)",
  NOT_FOUND: "no such model or page at {where}",
  BAD_REQUEST: "the request was refused",
  RATE_LIMIT: "too many calls for the service",
  SERVER: "the server failed",
  TIMEOUT: "no answer in time",
  DROPPED: "the connection broke",
  MALFORMED: "the answer is of no use",
  EMPTY: "the answer is empty",
  TRUNCATED: "the answer was cut off at the cap on tokens",
  REFUSED: "the model refused to answer",
  ENDED: "the cassette has no more answers",
  NOBODY: "nobody listens at {where} (is the server running: Ollama, "
          "llama.cpp, vLLM, LM Studio? is it this port?)",
  NO_HOST: "the host of {where} is not known here (is this machine online?)",
  CERTIFICATE: "the certificate of {where} is not trusted here: SSL_CERT_FILE "
               "may name a file with its authority",
  NO_TLS: "{where} speaks no https: try http://",
  WANTS_TLS: "{where} wants https: try https://",
  PROXY: "the way to {where} is closed: correct or unset the proxy, or name "
         "the host in NO_PROXY",
  PICTURE: "{where} takes no pictures",
  SCHEMA: "{where} does not take this form of JSON",
  STRICT: "{where} takes no strict schema",
  SYSTEM: "{where} takes no system message",
  CAP_NAME: "{where} has another name for max_tokens",
  NO_CHAT: "{where} answers, but not as this API does (is it the right "
           "address?)",
  LENGTH: "the model's context is too short for question and answer",
}  # fmt: skip

_MAX_BODY = 8192  # letters of an error that are looked at
_TIMEOUT_NAMES = re.compile(r"timeout|deadline", re.IGNORECASE)
_PARSE_NAMES = re.compile(r"json|parse|decode|validation|attribute|key|index",
                          re.IGNORECASE)  # fmt: skip
_KEY_WORDS = re.compile(r"api[_ ]?key.{0,20}(?:not valid|invalid|incorrect)|"
                        r"(?:invalid|incorrect).{0,10}api[_ ]?key")  # fmt: skip
_DENIED_WORDS = re.compile(
  r"insufficient[_ ](?:quota|balance|credits?)|location is not supported|"
  r"country, region|billing_(?:hard|not)"
)
_TLS_WORDS = re.compile(r"plain http request.{0,20}https")
# In this order: messages about lengths name the caps, those about pictures
# the whole message's form.
_BLAMES = tuple(
  (what, re.compile(words))
  for what, words in (
    (LENGTH, r"context (?:length|size|window)|maximum context|n_ctx|"
             r"exceed\w*.{0,30}context|max_model_len|prompt is too long|"
             r"max_\w*tokens.{0,30}(?:too large|at most|less than|exceed)|"
             r"at most \d+ (?:completion|output) tokens"),
    (PICTURE, r"image|vision|multi-?modal|mmproj|content.{0,60}string"),
    (STRICT, r"\bstrict\b"),
    (SCHEMA, r"response_?format|json.?(?:schema|object|mode)|guided|grammar|"
             r"structured.?output|response_?mime_?type|response_?schema|"
             r"response_?json|additionalproperties"),
    (CAP_NAME, r"max_(?:completion_)?tokens"),
    (SYSTEM, r"system (?:role|message|prompt|instruction)|role.{0,20}system|"
             r"developer instruction|roles must alternate"),
    (MODEL, r"model.{0,80}not (?:found|exist)|model.{0,40}no longer|"
            r"(?:unknown|invalid) model\b|model_not_found|"
            r"no models? (?:is |are )?loaded"),
    (PATH, r"unexpected endpoint"),
  )
)  # fmt: skip


class Fault(Exception):
  """A call that gave no usable answer."""

  def __init__(
    self,
    kind: str,
    status: int | None = None,
    retry_after_secs: float | None = None,
    tokens_in: int = 0,
    tokens_out: int = 0,
    blames: Sequence[str] = (),
    detail: str = "",
  ):
    """`kind` is one of this module's; tokens are what was used up all the same.

    Args:
      kind: what happened.
      status: of HTTP, where there was one.
      retry_after_secs: how long the server asks to wait.
      tokens_in: of the prompt.
      tokens_out: of the useless answer.
      blames: what of the request was not taken, the likeliest first; empty
        where that is not known.
      detail: the reason in words of our own.
    """
    super().__init__(f"{kind}" + (f" ({status})" if status else ""))
    self.kind, self.status = kind, status
    self.retry_after_secs = retry_after_secs
    self.tokens_in, self.tokens_out = tokens_in, tokens_out
    self.blames, self.detail = tuple(blames), detail


def phrase(fault: Fault, where: str = "that address") -> str:
  """What happened, in a few words of our own; `where` is the server."""
  detail = fault.detail
  if detail in (NOBODY, NO_HOST) and " through " in where:
    detail = PROXY  # it is the proxy that was not found
  words = _PHRASES.get(detail, detail) or _PHRASES[fault.kind]
  words = words.replace("{where}", where)
  return f"{words} ({fault.status})" if fault.status else words


def of_status(
  status: int, headers: Mapping[str, str] | None = None, body: str = ""
) -> Fault:
  """The fault that an HTTP status means, with the hints of its body."""
  words = _words(body)
  blames = [what for what, said in _BLAMES if said.search(words)]
  if status in (401, 403) or (status == 400 and _KEY_WORDS.search(words)):
    return Fault(BAD_KEY, status)
  if status == 402 or _DENIED_WORDS.search(words):
    return Fault(DENIED, status)
  if status == 407:
    return Fault(DROPPED, status, detail=PROXY)
  if status == 429:
    return Fault(RATE_LIMIT, status, waits.asked(headers or {}, body))
  if status in (404, 405, 410) or blames[:1] in ([MODEL], [PATH]):
    if MODEL not in blames and {PICTURE, SCHEMA} & set(blames):
      return Fault(BAD_REQUEST, status, blames=blames)  # a router has none
    return Fault(NOT_FOUND, status, blames=blames)
  if status in (408, 504):
    return Fault(TIMEOUT, status)
  detail = next(iter(blames), "")
  if status >= 500:
    return Fault(SERVER, status, blames=blames, detail=detail)
  if 400 <= status < 500:
    detail = WANTS_TLS if _TLS_WORDS.search(words) else detail
    return Fault(BAD_REQUEST, status, blames=blames, detail=detail)
  return Fault(MALFORMED, status)


def of_exception(error: BaseException) -> Fault:
  """The fault behind an exception of any of the SDKs.

  They agree on little but a status; what has none is told by its type's name,
  its causes included. Messages are kept nowhere.
  """
  if isinstance(error, Fault):
    return error
  status = _status(error)
  if status is not None:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    return of_status(status, headers, _body(error, response))
  causes = _causes(error)
  if detail := next(filter(None, map(_of_connection, causes)), ""):
    return Fault(DROPPED, detail=detail)
  if _TIMEOUT_NAMES.search(" ".join(type(e).__name__ for e in causes)):
    return Fault(TIMEOUT)
  if any("decode" in type(e).__name__.lower() for e in causes):
    return Fault(MALFORMED, detail=NO_CHAT)
  if isinstance(error, ValueError | TypeError | LookupError | AttributeError):
    return Fault(MALFORMED)
  if _PARSE_NAMES.search(type(error).__name__):
    return Fault(MALFORMED)
  return Fault(DROPPED)


def _of_connection(error: BaseException) -> str:
  """How it failed, for one exception of the chain."""
  if isinstance(error, ssl.SSLCertVerificationError):
    return CERTIFICATE
  if isinstance(error, ssl.SSLError):
    reason = str(getattr(error, "reason", "")).upper()
    return NO_TLS if "WRONG_VERSION" in reason or "RECORD" in reason else ""
  if isinstance(error, socket.gaierror):
    return NO_HOST
  if getattr(error, "errno", None) == errno.ECONNREFUSED:
    return NOBODY
  return PROXY if type(error).__name__ == "ProxyError" else ""


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


def _words(body: str) -> str:
  """What an error says, without the request that it may quote."""

  def texts(tree: Any) -> list[str]:
    if isinstance(tree, dict):
      told = (v for k, v in tree.items() if k not in ("input", "ctx", "body"))
      return [text for value in told for text in texts(value)]
    if isinstance(tree, list):
      return [text for value in tree for text in texts(value)]
    return [tree] if isinstance(tree, str) else []

  try:
    said = " ".join(texts(json.loads(body)))
  except (ValueError, RecursionError):
    said = body
  return said[:_MAX_BODY].lower()


def _causes(error: BaseException | None) -> list[BaseException]:
  found: list[BaseException] = []
  while error is not None and len(found) < 12:
    found.append(error)
    error = error.__cause__ or error.__context__
  return found
