"""`python -m dreamer_jax`: the same as the command `dreamer-jax`."""

from dreamer_jax.cli.dispatch import main

if __name__ == "__main__":
  main()
