"""The same as `dreamer-jax compare world-models`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("compare world-models")
