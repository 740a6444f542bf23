"""`python -m experiments.evaluate`: the same as `dreamer-jax evaluate`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("evaluate")
