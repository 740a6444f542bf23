"""`python -m experiments.fuzz`: the same as `dreamer-jax rom fuzz`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("rom fuzz")
