"""`python -m experiments.draw_world`: the same as `dreamer-jax rom map`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("rom map")
