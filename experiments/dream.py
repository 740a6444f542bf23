"""`python -m experiments.dream`: the same as `dreamer-jax dream`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("dream")
