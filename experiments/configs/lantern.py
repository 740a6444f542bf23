"""The best policy of Lantern Isle: `world`'s model, and dreams in it.

Command:  python -m experiments.train --config=experiments/configs/lantern.py \\
            --workdir=runs/lantern
          python -m experiments.evaluate --checkpoint=runs/lantern --video
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.lantern`."""
  return presets.lantern()
