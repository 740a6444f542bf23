"""System 1 on one emulator: filter, act, judge, and look a little ahead."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.agent.agent import Agent
from dreamer_jax.game import frames
from dreamer_jax.policy.act import make_act
from dreamer_jax.types import feat

DREAM_STEPS = (1, 5, 15)  # actions ahead that are shown


class Thought(NamedTuple):
  """What System 1 makes of a frame."""

  action: int
  value: float  # of the critic; nan where the agent has none


class System1:
  """The trained policy, with the goal given anew at every action."""

  def __init__(self, agent: Agent, greedy: bool = False):
    """`greedy` takes the most likely action; else it is drawn."""
    self._agent = agent
    self._act = make_act(agent.world, agent.net, greedy)
    self._critic = getattr(agent, "critic", None)
    self._value, self._dream = _make_value(agent), _make_dream(agent)
    self.reset(0)

  def reset(self, seed: int) -> None:
    """An episode begins."""
    self._latent = jax.tree.map(jnp.asarray, self._agent.world.initial(1))
    self._action = jnp.zeros(1, jnp.int32)
    self._seed, self._steps = seed % 2**32, 0

  def act(self, packed: np.ndarray, goal_id: int) -> Thought:
    """Takes the present frame, `[18, 20, 16]` u8, and acts for a goal."""
    agent, goal = self._agent, self._agent.goals[goal_id][None]
    keys = np.array([[self._seed, self._steps]], np.uint32)
    tiles = agent.codebook.encode(packed[None])
    self._action, self._latent = self._act(
      agent.world_params, agent.actor, self._latent, self._action, tiles,
      np.array([self._steps == 0]), goal, keys,
    )  # fmt: skip
    self._steps += 1
    value = np.nan
    if self._critic is not None:
      value = float(self._value(self._critic, self._latent, goal)[0])
    return Thought(int(self._action[0]), value)

  def dream(self, goal_id: int) -> np.ndarray:
    """`[len(DREAM_STEPS), 144, 160]` u8: the frames that it expects."""
    agent = self._agent
    tiles = self._dream(
      agent.world_params, agent.actor, self._latent, self._action,
      agent.goals[goal_id][None],
    )  # fmt: skip
    return agent.codebook.frames(np.asarray(tiles))

  def warm_up(self) -> None:
    """Compiles everything, so that no frame waits for it."""
    self.act(np.zeros((frames.ROWS, frames.COLUMNS, 16), np.uint8), 0)
    self.dream(0)
    self.reset(0)


def _make_value(agent: Agent):
  net = agent.net
  return jax.jit(
    lambda critic, latent, goal: net.value(critic, feat(latent), goal)
  )


def _make_dream(agent: Agent):
  """`(params, actor, latent, action, goal) -> tiles` of `DREAM_STEPS`."""
  net, world = agent.net, agent.world
  at = np.array(DREAM_STEPS) - 1

  def dream(params, actor, latent, action, goal):
    def step(carry, _):
      latent, action = carry
      latent = world.forecast(params, latent, action)
      logits = net.logits(actor, feat(latent), goal)
      return (latent, logits.argmax(-1).astype(jnp.int32)), latent

    _, latents = jax.lax.scan(
      step, (latent, action), None, length=max(DREAM_STEPS)
    )
    chosen = jax.tree.map(lambda x: x[at, 0], latents)
    return world.tiles(params, chosen)

  return jax.jit(dream)
