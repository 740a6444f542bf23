"""1024 deter, 64x32 stoch: for accelerators. Not yet run to its end.

Command:  dreamer-jax train --config=experiments/configs/large.py \\
            --workdir=runs/large
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.large`."""
  return presets.large()
