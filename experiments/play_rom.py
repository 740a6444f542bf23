"""`python -m experiments.play_rom`: the same as `dreamer-jax rom play`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("rom play")
