"""The emulator and the dream under the same actions, side by side."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.agent.agent import Agent, rom_of
from dreamer_jax.data.collect import collect
from dreamer_jax.data.episodes import FIELDS, Episode
from dreamer_jax.data.policies import Policy
from dreamer_jax.data.probes import probes
from dreamer_jax.evaluation.report import video
from dreamer_jax.evaluation.world_model import rollouts
from dreamer_jax.game import frames
from dreamer_jax.game.env import BUTTONS
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.training.playing import env_options

STRIP_STEPS = (0, 1, 5, 10, 15, 25, 50, 100)  # columns of the film strip


class SideBySide(NamedTuple):
  """Both over time. The dream is on its own after step `context`."""

  real: np.ndarray  # [T, 144, 160] u8 shades
  dreamed: np.ndarray  # [T, 144, 160] u8; of the posterior up to `context`
  action: np.ndarray  # [T] u8, led to that frame
  truth: np.ndarray  # [T, 3] int, map, x and y of the RAM
  read: np.ndarray  # [T, 3] int, the same, read off the latent
  is_valid: np.ndarray  # [T] bool, whether `truth` can be trusted
  context: int

  @property
  def steps(self) -> int:
    """How many were dreamed."""
    return len(self.real) - 1 - self.context

  def exact(self, step: int) -> float:
    """Share of the pixels that are right after `step` dreamed steps."""
    t = self.context + step
    return float((self.real[t] == self.dreamed[t]).mean())


def play(agent: Agent, policy: Policy, steps: int, seed: int) -> Episode:
  """Plays `steps` actions from power-on; a badge does not end it.

  Args:
    agent: who says which game, and how it is played.
    policy: for one emulator.
    steps: actions.
    seed: of the episode.
  """
  options = env_options(agent.config)
  options |= {"max_steps": steps, "stop_badges": None}
  with VectorEnv(1, num_workers=0, rom=rom_of(agent), **options) as vector:
    return next(collect(vector, policy, seeds=[seed], source="policy"))


def dream(
  agent: Agent,
  episode: Episode,
  context: int,
  sampled: bool = False,
  seed: int = 0,
  steps: int | None = None,
) -> SideBySide:
  """Filters an episode up to step `context`, then forecasts what follows.

  Args:
    agent: its world model dreams.
    episode: gives frames up to `context`, actions beyond.
    context: at least 0, less than the episode's last step.
    sampled: draw latents from the prior; False takes the most likely.
    seed: of those draws.
    steps: dreamed at most; None for the rest of the episode.
  """
  if steps is not None:
    episode = _first(episode, context + steps + 1)
  if not 0 <= context < len(episode) - 1:
    raise ValueError(f"context {context} of an episode of {len(episode)} steps")
  world, params = agent.world, agent.world_params
  watched = _first(episode, context + 1)
  data = rollouts.filter_episodes(world, params, agent.codebook, [watched])
  steps_seen = np.arange(context + 1)
  seen = data.latents(np.zeros_like(steps_seen), steps_seen)
  start = jax.tree.map(lambda x: x[-1:], seen)
  forecast = rollouts.make_forecast(world, params, sampled)
  action = jnp.asarray(episode.action[None, context + 1 :].astype(np.int32))
  ahead = forecast(start, action, jax.random.PRNGKey(seed))
  join = lambda a, b: jnp.concatenate([a, b[:, 0]])
  latents = jax.tree.map(join, seen, ahead)
  reader = rollouts.Reader(world, params)
  labels = probes(episode.decode_ram())
  truth = [labels[name] for name in ("map", "x", "y")]
  return SideBySide(
    real=frames.unpack(episode.packed),
    dreamed=reader.pictures(latents),
    action=episode.action,
    truth=np.stack(truth, -1),
    read=np.stack(reader.position(latents), -1),
    is_valid=labels["valid"] > 0,
    context=context,
  )


def find_context(
  episodes: Sequence[Episode], steps: int, battle: bool
) -> tuple[Episode, int] | None:
  """A place to dream on from: the one nearest to its episode's middle.

  Args:
    episodes: to search, in order.
    steps: that follow the place, with trusted positions at both ends.
    battle: one begins within the first half of them; False: there is none,
      and the map changes if possible.

  Returns:
    The episode and the step; None where there is none.
  """
  found = []
  for i, episode in enumerate(episodes):
    labels = probes(episode.decode_ram())
    fights = np.append(0, np.cumsum(labels["in_battle"] > 0))
    start = np.arange(1, len(episode) - steps)
    valid = labels["valid"]
    ok = (valid[start] > 0) & (valid[start + steps] > 0)
    ok &= labels["in_battle"][start] == 0
    soon = fights[start + steps // 2 + 1] - fights[start]
    later = fights[start + steps + 1] - fights[start]
    ok &= (soon > 0) if battle else (later == 0)
    moves = labels["map"][start] != labels["map"][start + steps]
    dull = np.zeros_like(ok) if battle else ~moves
    for s, is_dull in zip(start[ok], dull[ok], strict=True):
      found.append((bool(is_dull), abs(int(s) - len(episode) // 2), i, int(s)))
  if not found:
    return None
  _, _, i, s = min(found)
  return episodes[i], s


def _first(episode: Episode, count: int) -> Episode:
  """The first `count` steps of an episode."""
  fields = {name: getattr(episode, name)[:count] for name in FIELDS}
  return dataclasses.replace(episode, **fields)


def pictures(
  pair: SideBySide, scale: int = 3, lead: int = 12
) -> list[np.ndarray]:
  """A video's pictures: game and dream, from `lead` steps before the dream."""
  result = []
  for t in range(max(0, pair.context - lead), len(pair.real)):
    step = t - pair.context
    share = (pair.real[t] == pair.dreamed[t]).mean()
    state = f"dream, {step} steps on its own" if step > 0 else "model, watching"
    button = BUTTONS[pair.action[t]] if t else "power on"
    result.append(
      video.beside(
        [video.colorize(pair.real[t]), video.colorize(pair.dreamed[t])],
        ["game", state],
        f"{button}  ·  {100 * share:.1f} % of pixels right",
        scale,
      )
    )
  return result


def strip(
  pair: SideBySide, steps: Sequence[int] = STRIP_STEPS, scale: int = 1
) -> np.ndarray:
  """The film strip of those steps that were dreamed."""
  steps = [step for step in steps if step <= pair.steps]
  at = [pair.context + step for step in steps]
  return video.film_strip(pair.real[at], pair.dreamed[at], steps, scale)
