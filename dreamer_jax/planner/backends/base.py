"""What a planner's model looks like to the service, and which ones there are.

A backend answers one question at a time, blocking, in the service's thread. It
never retries by itself, sets an explicit timeout, and turns whatever goes
wrong into a `Fault`. SDKs are imported when a backend is made, so that the
first call has nothing to load.
"""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from dreamer_jax.errors import UserError
from dreamer_jax.planner import faults
from dreamer_jax.planner.backends import environment
from dreamer_jax.planner.backends.abilities import Form, Ladder
from dreamer_jax.planner.backends.environment import Server

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
THOUGHTS = "<think>"
_EXTRA, _LEGACY = "dreamer_jax[planner]", "google-generativeai"
NAMES = ("gemini", "openai", "gemini_legacy", "genai")


class Question(NamedTuple):
  """One call."""

  model: str
  system: str
  user: str
  png: bytes | None
  schema: dict[str, Any]  # JSON schema of the reply
  max_output_tokens: int
  timeout_secs: float
  form: Form = Form()  # which of the API's features to use

  @property
  def all_words(self) -> str:
    """System and user texts as one, where there is no system message."""
    return f"{self.system}\n\n{self.user}"


class Answer(NamedTuple):
  """Its result."""

  text: str  # thoughts that stand for an answer begin with THOUGHTS
  tokens_in: int
  tokens_out: int
  is_cut: bool = False  # at the cap on tokens


class Backend(Protocol):
  """A model behind an API."""

  name: str
  address: str  # of its server, for people
  is_local: bool  # costs nothing
  ladder: Ladder  # what its server was found to take

  def ask(self, question: Question) -> Answer:
    """Calls the model once.

    Raises:
      Fault: whatever went wrong.
    """


def make(name: str, base_url: str | None = None) -> Backend:
  """A backend by name: gemini (also called genai), openai or gemini_legacy.

  Args:
    name: of the SDK and its wire protocol.
    base_url: another server; for openai any compatible one (Ollama, llama.cpp,
      vLLM, LM Studio). None takes openai's from $OPENAI_BASE_URL, if set.

  Raises:
    UserError: its SDK is not installed, its key is not set or no key, the
      address is none, or a variable for proxies or certificates is wrong.
  """
  if name not in NAMES:
    raise UserError(f"there is no planner {name!r}: choose of {sorted(NAMES)}")
  try:
    backend = _class_of(name)
  except ImportError as error:
    package = _LEGACY if name == "gemini_legacy" else _EXTRA
    raise UserError(
      f"--planner={name} needs an SDK that is not installed ({error.name}): "
      f"pip install '{package}', or use --planner=rules"
    ) from None
  server = environment.server_of(name, base_url)
  try:
    return backend(server)
  except Exception as error:  # whatever else the environment does to an SDK
    raise UserError(
      f"the SDK of --planner={name} does not start ({type(error).__name__}): "
      f"look at the variables for proxies and certificates, or use "
      f"--planner=rules"
    ) from None


def _class_of(name: str) -> Callable[[Server], Backend]:
  """Imports the SDK too."""
  if name == "openai":
    from dreamer_jax.planner.backends.openai import OpenAIChat

    return OpenAIChat
  if name == "gemini_legacy":
    with warnings.catch_warnings():  # the SDK says that it is no longer kept
      warnings.simplefilter("ignore")
      from dreamer_jax.planner.backends.gemini import GeminiLegacy

      return GeminiLegacy
  from dreamer_jax.planner.backends.genai import Gemini

  return Gemini


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
