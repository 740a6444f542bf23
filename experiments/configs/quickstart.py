"""Lantern Isle on two CPU cores, in minutes.

Command:  bash launch/quickstart.sh
"""

from dreamer_jax import config


def get_config() -> config.Config:
  """See `dreamer_jax.config.quickstart`."""
  return config.quickstart()
