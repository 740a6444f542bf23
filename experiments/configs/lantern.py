"""The best policy of Lantern Isle: a model as `world`'s, and dreams in it.

Command:  dreamer-jax train --config=lantern --workdir=runs/lantern
          dreamer-jax evaluate --checkpoint=runs/lantern --video
Hardware: two x86-64 cores, 5 GB of memory
Time:     80 to 95 minutes of collection and training, 15 to 30 of evaluation
Result:   both badges in 20 of 20 games, 10.1 species:
          docs/results/lantern.json, and the package's agent
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.lantern`."""
  return presets.lantern()
