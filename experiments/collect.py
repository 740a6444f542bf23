"""`python -m experiments.collect`: the same as `dreamer-jax collect`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("collect")
