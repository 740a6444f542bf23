"""One tiny run that several tests look at."""

import pytest

from dreamer_jax import presets
from dreamer_jax.training.loop import Loop


@pytest.fixture(name="tiny_run", scope="session")
def fixture_tiny_run(tmp_path_factory):
  """(config, workdir, events) of a `debug` run to its end."""
  workdir = str(tmp_path_factory.mktemp("run"))
  config = presets.debug()
  loop = Loop(config, workdir)
  loop.resume()
  return config, workdir, list(loop.run())
