"""The best policy of Lantern Isle: a model as `world`'s, and dreams in it.

Command:  dreamer-jax train --config=experiments/configs/lantern.py \\
            --workdir=runs/lantern
          dreamer-jax evaluate --checkpoint=runs/lantern --video
Hardware: two x86-64 cores, 5 GB of memory
Time:     78 to 91 minutes of collection and training, 10 to 25 of evaluation
Result:   docs/results/lantern.json and the package's agent (docs/pretrained.md)
          are of earlier settings (one round); BUILD_NOTES, "Fumbling",
          "Menus on the way" and "A leash that moves on", has what is known of
          three
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.lantern`."""
  return presets.lantern()
