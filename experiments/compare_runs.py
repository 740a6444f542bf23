"""The same as `dreamer-jax compare runs`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("compare runs")
