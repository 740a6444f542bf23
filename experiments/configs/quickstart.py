"""Lantern Isle on two CPU cores, in minutes.

Command:  bash launch/quickstart.sh
Hardware: two x86-64 cores, 2.1 GB of memory
Time:     about 14 minutes, install and evaluation included
Result:   docs/results/quickstart.json
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.quickstart`."""
  return presets.quickstart()
