"""The roadmap's size: 512 deter, 32x32 stoch.

Command:  dreamer-jax train --config=experiments/configs/base.py \\
            --workdir=runs/base
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.base`."""
  return presets.base()
