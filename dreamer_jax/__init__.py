"""DreamerJAX: learns Pokémon Red inside its own dream.

A trained agent, the game, and the agent's dream of the game:

  >>> import dreamer_jax
  >>> agent = dreamer_jax.load("pretrained")
  >>> game = dreamer_jax.make_env()          # Lantern Isle, or your own ROM
  >>> dream = dreamer_jax.DreamEnv(agent, context=3)
  >>> picture, info = dream.reset(seed=1)
  >>> picture, reward, terminated, truncated, info = dream.step(7)  # right

Both are gymnasium environments. `WorldModel` is the model as pure functions
over its parameters, and `imagine` lets a policy act in it.
"""

import importlib

__version__ = "0.4.0"
# Name -> the module that has it; imported where it is first asked for, so that
# a process with an emulator alone never loads JAX.
_HOMES = {
  "load": "agent.agent",
  "make_env": "game.env",
  "DreamEnv": "play.dream_env",
  "WorldModel": "world_model.model",
  "ActorCritic": "policy.networks",
  "imagine": "imagination.rollout",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str):
  if name not in _HOMES:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
  home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
  return getattr(home, name)


def __dir__() -> list[str]:
  return sorted(__all__)
