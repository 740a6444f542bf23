"""The same as `dreamer-jax demos start-states`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("demos start-states")
