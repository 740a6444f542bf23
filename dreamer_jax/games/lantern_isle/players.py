"""The scripts that play Lantern Isle, made as `games.definition` wants them."""

from collections.abc import Callable

from dreamer_jax.lantern_isle.players.courier import Courier
from dreamer_jax.lantern_isle.players.expert import Expert
from dreamer_jax.lantern_isle.players.explorer import WANDERING, Explorer


def expert(
  epsilon: float, strays: float = 0.0, blunders: float = 0.0
) -> Callable:
  """`rng -> Expert` with this share of random actions, and these mistakes."""
  return lambda rng: Expert(rng, epsilon, strays, blunders)


def explorer(*epsilon: float) -> Callable:
  """`rng -> Explorer`, with this share of random actions if one is given."""
  return lambda rng: Explorer(rng, *epsilon)


def wanderer(epsilon: float) -> Callable:
  """`rng -> Explorer` that also plays at random wherever it comes to."""
  return lambda rng: Explorer(rng, epsilon=epsilon, moods=WANDERING)


def courier(epsilon: float) -> Callable:
  """`rng -> Courier` with this share of random actions."""
  return lambda rng: Courier(rng, epsilon=epsilon)
