"""A video of the policy's play with what the model had foreseen beside it.

At every step the game is shown beside the pictures that the model dreamed of
this very step 5 and 15 actions earlier, when it had seen no later frame; the
actions are those that were played since.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dreamer_jax.agent.agent import Agent
from dreamer_jax.contract import BADGE, NEW_MAP
from dreamer_jax.data.episodes import Episode
from dreamer_jax.evaluation.report import video
from dreamer_jax.evaluation.report.results import percent
from dreamer_jax.evaluation.world_model import rollouts
from dreamer_jax.game import frames
from dreamer_jax.game.env import BUTTONS

AHEAD = (5, 15)  # actions


class Foresight(NamedTuple):
  """The game from step `first` on, and what was dreamed of each step."""

  first: int
  real: np.ndarray  # [N, 144, 160] u8 shades
  action: np.ndarray  # [N] u8, led to that frame
  dreamed: dict[int, np.ndarray]  # [N, 144, 160] u8, so many actions ahead

  def right(self, ahead: int) -> np.ndarray:
    """`[N]`: share of each picture's pixels that was foreseen."""
    return (self.real == self.dreamed[ahead]).mean((1, 2))


def foresee(agent: Agent, episode: Episode, first: int, last: int) -> Foresight:
  """What the model expected of the steps `first` to `last` of an episode.

  Args:
    agent: its world model watches the episode from its first frame on.
    episode: what was played.
    first: at least `max(AHEAD)`.
    last: at most the episode's last step.
  """
  if not max(AHEAD) <= first <= last < len(episode):
    raise ValueError(f"steps {first} to {last} of {len(episode)}")
  world, params = agent.world, agent.world_params
  data = rollouts.filter_episodes(world, params, agent.codebook, [episode])
  dreamer = rollouts.Dreamer(world, params)
  reader = rollouts.Reader(world, params)
  at = np.arange(first, last + 1)
  dreamed = {}
  for ahead in AHEAD:
    start = data.latents(np.zeros_like(at), at - ahead)
    steps = at[:, None] - ahead + 1 + np.arange(ahead)
    action = episode.action[steps].astype(np.int32)
    latent = dreamer(start, action, (ahead,)).at(ahead)
    dreamed[ahead] = reader.pictures(latent)
  return Foresight(
    first, frames.unpack(episode.packed[at]), episode.action[at], dreamed
  )


def highlight(episodes: Sequence[Episode], length: int) -> tuple[int, int, int]:
  """The episode with the most badges, and its steps up to the last of them.

  Returns:
    Index of the episode, first and last step; without a badge, those up to
    the end of the episode that met most maps.
  """
  score = lambda e: (e.terms[:, BADGE].sum(), e.terms[:, NEW_MAP].sum())
  best = max(range(len(episodes)), key=lambda i: score(episodes[i]))
  episode = episodes[best]
  won = np.flatnonzero(episode.terms[:, BADGE])
  last = len(episode) - 1
  if len(won):
    last = min(last, int(won[-1]) + 8)  # the badge is looked at
  return best, max(max(AHEAD), last - length + 1), last


def pictures(seen: Foresight, scale: int = 2) -> list[np.ndarray]:
  """The video's pictures."""
  result = []
  right = {k: seen.right(k) for k in AHEAD}
  for i in range(len(seen.real)):
    panels = [seen.real[i], *(seen.dreamed[k][i] for k in AHEAD)]
    shares = "  ·  ".join(
      f"{percent(right[k][i])} of pixels right {k} actions ahead" for k in AHEAD
    )
    result.append(
      video.beside(
        [video.colorize(panel) for panel in panels],
        ["game", *(f"foreseen {k} actions ago" for k in AHEAD)],
        f"action {seen.first + i}: {BUTTONS[seen.action[i]]}  ·  {shares}",
        scale,
      )
    )
  return result
