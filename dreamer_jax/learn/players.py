"""The scripts that play for a run, and how its emulators are set."""

from collections.abc import Callable

from dreamer_jax.cartridge.courier import Courier
from dreamer_jax.cartridge.expert import Expert
from dreamer_jax.cartridge.explorer import WANDERING, Explorer
from dreamer_jax.config import Config
from dreamer_jax.goals.tasks import Commanded


def make_expert(epsilon: float, strays: float = 0.0) -> Callable:
  """`rng -> Expert` with this share of random actions, and these strays."""
  return lambda rng: Expert(rng, epsilon=epsilon, strays=strays)


def make_explorer(epsilon: float) -> Callable:
  """`rng -> Explorer` with this share of random actions."""
  return lambda rng: Explorer(rng, epsilon=epsilon)


def make_wanderer(epsilon: float) -> Callable:
  """`rng -> Explorer` that also plays at random wherever it comes to."""
  return lambda rng: Explorer(rng, epsilon=epsilon, moods=WANDERING)


def make_courier(epsilon: float) -> Callable:
  """`rng -> Courier` with this share of random actions, its goals known."""
  return lambda rng: Commanded(Courier(rng, epsilon=epsilon), *rng.spawn(1))


def env_options(config: Config) -> dict:
  """What `GameBoyEnv` takes of the configuration."""
  env = config.env
  return {
    "press_frames": env.press_frames,
    "action_frames": env.action_frames,
    "max_steps": env.max_steps,
    "stop_badges": env.stop_badges,
    "start_frames": env.start_frames,
  }
