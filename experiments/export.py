"""`python -m experiments.export`: the same as `dreamer-jax export`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("export")
