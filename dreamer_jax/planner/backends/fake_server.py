"""A server on this machine that answers, and fails, like the models' own.

It speaks both wire protocols (OpenAI's chat completions, Gemini's
generateContent) over a real socket. Tests and the loop's timing use it in
place of a service: what a call meets is chosen by name, see `BEHAVIORS`.
"""

import http.server
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from dreamer_jax.planner.backends.fake_bodies import (
  LIMITS,
  WRAPS,
  Call,
  answer,
  envelope,
  error,
  trouble,
)  # fmt: skip

FAULTS = (  # and "good"
  "good", "slow", "rate_limit_wait", "rate_limit", "error_500", "hang", "drop",
  "drop_mid_body", "bad_json", "truncated", "unknown_goal", "infeasible_goal",
  "refusal", "empty", "huge", "wrong_schema", "bad_key", "not_found",
  "bad_request", "hijack", "free_text", "no_body", "drip", "not_http_json",
)  # fmt: skip
BEHAVIORS = (*FAULTS, *WRAPS, *LIMITS)
RETRY_AFTER_SECS = 40
SLOW_SECS = 0.05


class Loopback:
  """The server; a context manager. Port and URLs are of 127.0.0.1."""

  def __init__(self, behavior: str | Sequence[str] = "good"):
    """`behavior` of each call in turn; the last one goes on for ever."""
    self.calls: list[Call] = []
    self.answer: Callable[[Call], dict[str, Any]] = _first_goal
    self.models: set[str] | None = None  # known ids; None knows all
    self.slow_secs = SLOW_SECS  # of the behavior "slow"
    self._lock = threading.Lock()
    self._stop = threading.Event()
    self.set(behavior)
    server = self

    class Handler(_Handler):
      loopback = server

    self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    self._http.daemon_threads = True
    self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
    self._thread = threading.Thread(
      target=self._http.serve_forever, args=(0.02,), daemon=True
    )

  def set(self, behavior: str | Sequence[str]) -> None:
    """Changes what calls meet from now on."""
    names = [behavior] if isinstance(behavior, str) else list(behavior)
    unknown = set(names) - set(BEHAVIORS)
    if unknown or not names:
      raise ValueError(f"no such behavior: {unknown}; choose of {BEHAVIORS}")
    with self._lock:
      self._behaviors = names

  def base_url(self, backend: str) -> str:
    """What a backend of that name is to be given."""
    return self.url + ("/v1" if backend == "openai" else "")

  def __enter__(self) -> "Loopback":
    self._thread.start()
    return self

  def __exit__(self, *_) -> None:
    self._stop.set()  # ends hangs
    self._http.shutdown()
    self._http.server_close()

  def take(self, call: Call) -> str:
    """Notes a call and names what it meets."""
    with self._lock:
      self.calls.append(call)
      if self.models is not None and call.model not in self.models:
        return "not_found"
      names = self._behaviors
      return names.pop(0) if len(names) > 1 else names[0]

  def pause(self, secs: float) -> None:
    """Waits, unless the server is stopped."""
    self._stop.wait(secs)


class _Handler(http.server.BaseHTTPRequestHandler):
  """One connection."""

  loopback: Loopback
  protocol_version = "HTTP/1.1"

  def log_message(self, *_) -> None:
    """Says nothing."""

  def do_POST(self) -> None:
    size = int(self.headers.get("Content-Length", 0))
    body = json.loads(self.rfile.read(size) or b"{}")
    if self.path.endswith("/chat/completions"):
      protocol, model = "openai", body.get("model", "")
    else:
      protocol = "gemini"
      model = self.path.split("/models/")[-1].split(":")[0]
    call = Call(protocol, model, body, dict(self.headers), self.path)
    self._behave(self.loopback.take(call), call)

  def _behave(self, name: str, call: Call) -> None:
    statuses = {
      "rate_limit_wait": 429, "rate_limit": 429, "error_500": 500,
      "bad_key": 401, "not_found": 404, "bad_request": 400,
    }  # fmt: skip
    good = self.loopback.answer(call)
    if met := trouble(name, call):
      self._send(met[0], error(call, *met))
    elif name in statuses:
      headers = {}
      if name == "rate_limit_wait":
        headers["Retry-After"] = str(RETRY_AFTER_SECS)
      self._send(statuses[name], error(call, statuses[name]), headers)
    elif name in ("hang", "drop"):
      if name == "hang":
        self.loopback.pause(30)
      self.close_connection = True
    elif name == "slow":
      self.loopback.pause(self.loopback.slow_secs)
      self._send(200, envelope(call, json.dumps(good)))
    elif name == "drip":
      self._drip(envelope(call, json.dumps(good)))
    elif name == "drop_mid_body":
      data = envelope(call, json.dumps(good))
      self._head(200, len(data) * 2)
      self.wfile.write(data)
      self.close_connection = True
    elif name == "no_body":
      self._send(200, b"")
    elif name == "not_http_json":
      self._send(200, b"<html>busy</html>")
    else:
      self._send(200, envelope(call, *answer(name, good)))

  def _drip(self, data: bytes) -> None:
    """Half of the answer, then a byte now and then: no read times out."""
    self._head(200, len(data))
    half = len(data) // 2
    self.wfile.write(data[:half])
    for i in range(half, len(data)):
      self.loopback.pause(0.05)
      try:
        self.wfile.write(data[i : i + 1])
        self.wfile.flush()
      except OSError:
        return

  def _head(self, status: int, size: int, headers=None) -> None:
    self.send_response(status)
    self.send_header("Content-Type", "application/json")
    self.send_header("Content-Length", str(size))
    for name, value in (headers or {}).items():
      self.send_header(name, value)
    self.end_headers()

  def _send(self, status: int, data: bytes, headers=None) -> None:
    try:
      self._head(status, len(data), headers)
      self.wfile.write(data)
    except OSError:  # the caller lost patience
      self.close_connection = True


def _first_goal(call: Call) -> dict[str, Any]:
  """What the model says when it is good: the last goal offered."""
  return {
    "goal_id": call.goal_ids[-1], "goal": "as offered",
    "rationale": "it is next", "confidence": 0.9,
  }  # fmt: skip
