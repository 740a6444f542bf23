"""`python -m experiments.play`: the same as `dreamer-jax play`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("play")
