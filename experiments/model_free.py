"""`python -m experiments.model_free`: the same as `dreamer-jax model-free`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("model-free")
