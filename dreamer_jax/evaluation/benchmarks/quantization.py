"""Measures what fewer bits cost: the same figures for each form of an agent."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import games
from dreamer_jax.agent.agent import Agent, rom_of
from dreamer_jax.config import change
from dreamer_jax.data.episodes import Episode
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation import evaluation
from dreamer_jax.evaluation.world_model import openloop
from dreamer_jax.types import feat


def held_out(agent: Agent, count: int, seed: int) -> list[Episode]:
  """Scripted play, a third each of `evaluation.scripted_episodes`' kinds.

  Args:
    agent: whose game it is.
    count: episodes, at least three.
    seed: of the first.

  Raises:
    UserError: no script knows the game.
  """
  rom = rom_of(agent)
  if not games.get(rom).players:
    raise UserError(
      f"the loss of fidelity is measured on scripted play, and no script knows "
      f"{rom.name}: give --nomeasure"
    )
  config = change(
    agent.config, {"evaluate.scripted": count, "evaluate.seed": seed}
  )
  return evaluation.scripted_episodes(agent._replace(config=config))


def compare(
  agents: dict[str, Agent],
  episodes: Sequence[Episode],
  windows: int,
  seed: int,
) -> dict[str, dict]:
  """Measures each agent on the same windows of the same episodes.

  Args:
    agents: by name; the first is what the others are compared with.
    episodes: that no model was trained on.
    windows: forecasts of each.
    seed: of their choice.

  Returns:
    by name, `openloop.measure`'s figures and `same_actions`, the share of
    steps whose most likely action is that of the first agent.
  """
  rows, first = {}, None
  place = games.get(rom_of(next(iter(agents.values())))).world().place
  for name, agent in agents.items():
    report = openloop.measure(
      openloop.prepare(agent.world, agent.world_params, agent.codebook),
      episodes, place,
      openloop.Plan(windows, moments=0, branches=0, seed=seed), None,
    )  # fmt: skip
    actions = best_actions(agent, episodes)
    first = actions if first is None else first
    rows[name] = {**report, "same_actions": float((actions == first).mean())}
  return rows


def best_actions(agent: Agent, episodes: Sequence[Episode]) -> np.ndarray:
  """`[all steps]` i32, the actor's most likely action for the first goal.

  The model filters the true pictures and actions; each step's chance is the
  same for every agent.
  """
  world = agent.world
  longest = max(len(e) for e in episodes)

  @jax.jit
  def run(tiles, action, first):
    latents, _ = world.observe(
      agent.world_params, world.initial(1),
      world.encode(agent.world_params, tiles), action, first,
      jax.random.PRNGKey(0),
    )  # fmt: skip
    goal = jnp.asarray(agent.goals[:1])[:, None]
    logits = agent.net.logits(agent.actor, feat(latents), goal)
    return logits[0].argmax(-1)

  chosen = []
  for episode in episodes:
    pad = lambda x: np.concatenate([x, np.repeat(x[-1:], longest - len(x), 0)])
    tiles = pad(agent.codebook.encode(episode.packed))
    action = pad(episode.action.astype(np.int32))
    first = np.arange(longest) == 0
    actions = run(tiles[None], action[None], first[None])
    chosen.append(np.asarray(actions)[: len(episode)])
  return np.concatenate(chosen)
