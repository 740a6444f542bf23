"""`python -m experiments.bench`: the same as `dreamer-jax bench`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("bench")
