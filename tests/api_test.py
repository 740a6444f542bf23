"""The public API: what its docstrings show runs."""

import doctest
import subprocess
import sys

import pytest

import dreamer_jax
from dreamer_jax.game import env
from dreamer_jax.play import dream_env


@pytest.mark.parametrize("module", [dreamer_jax, env, dream_env])
def test_examples_run(module):
  found = doctest.testmod(module)
  assert found.attempted >= 4 and not found.failed


def test_names_are_there():
  assert dreamer_jax.__version__.count(".") == 2
  for name in dreamer_jax.__all__:
    assert getattr(dreamer_jax, name) is not None
    assert name in dir(dreamer_jax)
  with pytest.raises(AttributeError, match="no attribute 'lode'"):
    dreamer_jax.lode  # noqa: B018


def test_the_game_needs_no_jax():
  code = "import dreamer_jax, sys; dreamer_jax.make_env; print(*sys.modules)"
  done = subprocess.run(
    [sys.executable, "-c", code], capture_output=True, text=True, check=True
  )
  assert not {"jax", "flax"} & set(done.stdout.split())
