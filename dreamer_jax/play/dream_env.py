"""The dream, one button at a time: for a person to play."""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.agent.agent import Agent, make_policy
from dreamer_jax.evaluation.report import sidebyside
from dreamer_jax.evaluation.world_model import rollouts
from dreamer_jax.game import frames
from dreamer_jax.game.env import BUTTONS
from dreamer_jax.types import feat


class Dream:
  """Begins where an agent has come to on the emulator, and goes on without."""

  def __init__(self, agent: Agent, context: int = 150, seed: int = 1_200_000):
    """Plays to where the dream begins.

    Args:
      agent: whose world model dreams, and whose policy plays first.
      context: actions of that, from power-on; the last frame is the last that
        the model sees.
      seed: of that play.
    """
    world, params = agent.world, agent.world_params
    episode = sidebyside.play(agent, make_policy(agent, 1), context, seed)
    seen = rollouts.filter_episodes(world, params, agent.codebook, [episode])
    last = len(episode) - 1
    self._start = seen.latents(np.zeros(1, int), np.full(1, last))
    self._step = jax.jit(
      lambda latent, action: world.forecast(params, latent, action)
    )
    self._picture = jax.jit(lambda latent: world.picture(params, latent))
    self._heads = jax.jit(lambda latent: world.heads(params, feat(latent)))
    self.reset()

  def reset(self) -> None:
    """Back to the last real frame."""
    self._latent, self.steps = self._start, 0

  def press(self, button: str) -> None:
    """One action: a button of `BUTTONS`, as long as the game holds it."""
    action = jnp.full(1, BUTTONS.index(button), jnp.int32)
    self._latent = self._step(self._latent, action)
    self.steps += 1

  def picture(self) -> np.ndarray:
    """`[144, 160]` u8 shades, as the model draws them now."""
    return frames.unpack(np.asarray(self._picture(self._latent)))[0]

  def position(self) -> tuple[int, int, int]:
    """Map, x and y, as the model believes them to be."""
    out = self._heads(self._latent)
    return tuple(int(out[f"probe_{k}"][0].argmax()) for k in ("map", "x", "y"))
