"""The best policy of Lantern Isle: `world`'s model, and dreams in it.

Command:  python -m experiments.train --config=experiments/configs/lantern.py \\
            --workdir=runs/lantern
          python -m experiments.evaluate --checkpoint=runs/lantern --video
Hardware: two x86-64 cores, 5 GB of memory
Time:     105 minutes of collection and training, 18 of evaluation
Result:   docs/results/lantern.json, of before `learn.memory` came in
"""

from dreamer_jax import config, presets


def get_config() -> config.Config:
  """See `dreamer_jax.presets.lantern`."""
  return presets.lantern()
