"""The best world model of Lantern Isle: `base`, and no policy.

Command:  dreamer-jax train --config=experiments/configs/world.py \\
            --workdir=runs/world
          dreamer-jax evaluate --checkpoint=runs/world --world_only
Hardware: two x86-64 cores, 3 GB of memory
Time:     74 minutes of collection and training, 6 of evaluation
Result:   docs/results/world.json
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.world`."""
  return presets.world()
