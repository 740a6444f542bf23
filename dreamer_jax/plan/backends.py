"""What a planner's model looks like to the service, and which ones there are.

A backend answers one question at a time, blocking, in the service's thread. It
never retries by itself, sets an explicit timeout, and turns whatever goes
wrong into a `Fault`. SDKs are imported when a backend is made, so that the
first call has nothing to load.
"""

import os
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from dreamer_jax.errors import UserError
from dreamer_jax.plan import faults

# USD for a million tokens in and out: list prices reported in July 2026, for
# the budget and its log. Check them where it matters; unknown models count as
# dear.
PRICES = {
  "gemini-3.5-flash-lite": (0.30, 2.50),
  "gemini-3.1-flash-lite": (0.25, 1.50),
  "gpt-6-luna": (1.00, 6.00),
  "gpt-5.6-luna": (1.00, 6.00),
}
DEAR = (5.0, 30.0)


class Question(NamedTuple):
  """One call."""

  model: str
  system: str
  user: str
  png: bytes | None
  schema: dict[str, Any]  # JSON schema of the reply
  max_output_tokens: int
  timeout_secs: float


class Answer(NamedTuple):
  """Its result."""

  text: str
  tokens_in: int
  tokens_out: int


class Backend(Protocol):
  """A model behind an API."""

  name: str
  is_local: bool  # costs nothing

  def ask(self, question: Question) -> Answer:
    """Calls the model once.

    Raises:
      Fault: whatever went wrong.
    """


def make(name: str, base_url: str | None = None) -> Backend:
  """A backend by name: gemini, openai or genai.

  Args:
    name: of the SDK and its wire protocol.
    base_url: another server; for openai any compatible one (Ollama, llama.cpp,
      vLLM).

  Raises:
    UserError: its SDK is not installed, or its key is not set.
  """
  makers: dict[str, Callable[..., Backend]] = {
    "gemini": _gemini, "openai": _openai, "genai": _genai,
  }  # fmt: skip
  if name not in makers:
    raise UserError(f"there is no planner {name!r}: choose of {sorted(makers)}")
  return makers[name](base_url)


def _gemini(base_url: str | None) -> Backend:
  key = _key("gemini", "GEMINI_API_KEY", "GOOGLE_API_KEY")
  try:
    with warnings.catch_warnings():  # the SDK says that it is no longer kept
      warnings.simplefilter("ignore")
      from dreamer_jax.plan.gemini import Gemini

      return Gemini(key, base_url)
  except ImportError as error:
    raise _missing("google-generativeai", error) from None


def _openai(base_url: str | None) -> Backend:
  needed = () if base_url else ("OPENAI_API_KEY",)
  key = _key("openai", *needed) if needed else os.environ.get("OPENAI_API_KEY")
  try:
    from dreamer_jax.plan.openai_chat import OpenAIChat
  except ImportError as error:
    raise _missing("openai", error) from None
  return OpenAIChat(key or "none", base_url)


def _genai(base_url: str | None) -> Backend:
  key = _key("genai", "GEMINI_API_KEY", "GOOGLE_API_KEY")
  try:
    from dreamer_jax.plan.genai import GenAI
  except ImportError as error:
    raise _missing("dreamer_jax[genai]", error) from None
  return GenAI(key, base_url)


def _key(planner: str, *names: str) -> str:
  """The key, from the environment and nowhere else."""
  for name in names:
    if os.environ.get(name):
      return os.environ[name]
  raise UserError(
    f"--planner={planner} needs a key: set {' or '.join(names)} in the "
    f"environment, or use --planner=rules"
  )


def _missing(package: str, error: ImportError) -> UserError:
  return UserError(f"the planner's SDK is missing ({error}): pip install "
                   f"'{package}', or use --planner=rules")  # fmt: skip


def guarded(call: Callable[[], Answer]) -> Answer:
  """Runs a call; any exception becomes a `Fault` without its message."""
  try:
    return call()
  except Exception as error:  # an SDK may raise anything
    raise faults.of_exception(error) from None


def cost_usd(model: str, tokens_in: int, tokens_out: int) -> float:
  """What a call costs by `PRICES`."""
  price_in, price_out = PRICES.get(model, DEAR)
  return (tokens_in * price_in + tokens_out * price_out) / 1e6
