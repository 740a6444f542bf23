"""Lantern Isle on two CPU cores, in minutes.

Command:  bash launch/quickstart.sh
Hardware: two x86-64 cores, 2.1 GB of memory
Time:     14 minutes, of which 9 are training
Result:   docs/results/quickstart.json
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.quickstart`."""
  return presets.quickstart()
