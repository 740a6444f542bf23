"""The same as `dreamer-jax demos import`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("demos import")
