"""Seconds, and nothing learned: for tests and for trying the programs.

Command:  dreamer-jax train --config=experiments/configs/debug.py \\
            --workdir=runs/debug
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.debug`."""
  return presets.debug()
