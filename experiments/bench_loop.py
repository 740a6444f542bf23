"""`python -m experiments.bench_loop`: the same as `dreamer-jax bench loop`."""

from dreamer_jax.cli.dispatch import run

if __name__ == "__main__":
  run("bench loop")
