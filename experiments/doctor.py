"""`python -m experiments.doctor`: the same as `dreamer-jax rom doctor`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("rom doctor")
