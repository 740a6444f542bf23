"""A model's server on this machine, and every backend talking to it."""

import importlib.util

import pytest

from dreamer_jax.planner.backends import base, fake_server

KEY = "sk-test-0123456789abcdef"
MODULES = {
  "openai": "openai", "gemini": "google.genai",
  "gemini_legacy": "google.generativeai",
}  # fmt: skip


@pytest.fixture
def server():
  with fake_server.Loopback() as server:
    yield server


@pytest.fixture(params=MODULES)
def backend(request, server, monkeypatch):
  """Each SDK that is installed."""
  return make_backend(request.param, server, monkeypatch)


def make_backend(name, server, monkeypatch):
  parent = MODULES[name].split(".")[0]
  try:
    found = importlib.util.find_spec(parent) and importlib.util.find_spec(
      MODULES[name]
    )
  except ModuleNotFoundError:
    found = None
  if not found:
    pytest.skip(f"{MODULES[name]} is not installed")
  for variable in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
    monkeypatch.setenv(variable, KEY)
  monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
  monkeypatch.setenv("NO_PROXY", "127.0.0.1")
  monkeypatch.setenv("no_proxy", "127.0.0.1")
  return base.make(name, server.base_url(name))
