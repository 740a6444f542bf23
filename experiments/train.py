"""`python -m experiments.train`: the same as `dreamer-jax train`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("train")
