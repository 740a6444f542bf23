"""`python -m experiments.inspect`: the same as `dreamer-jax inspect`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("inspect")
