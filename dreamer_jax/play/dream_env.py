"""The dream as a gymnasium environment: the game, without its emulator.

Anything that plays `game.env.GameBoyEnv` can play this: buttons in, pictures,
rewards and ends out. All of them are the world model's.
"""

from typing import Any

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.agent.agent import Agent, make_policy
from dreamer_jax.contract import BADGE, BUTTONS, FRAME_SHAPE, SPECIES, TERMS
from dreamer_jax.evaluation.report import sidebyside
from dreamer_jax.evaluation.world_model import rollouts
from dreamer_jax.game import frames
from dreamer_jax.imagination import rewards
from dreamer_jax.types import Latent, Progress, feat
from dreamer_jax.world_model import heads

_ONCE = np.array((BADGE, SPECIES))


class DreamEnv(gymnasium.Env):
  """Begins where an agent has come to on the emulator, and goes on without.

  An observation is `[144, 160]` u8, shades from 0, white, to 3, black, as
  `GameBoyEnv` has them. An action is a button of `contract.BUTTONS`. The
  reward is the expected terms times the agent's `config.rewards`: a badge and
  a species are paid once, a map when it is new to the dream.

  Example:
    >>> import dreamer_jax
    >>> env = dreamer_jax.DreamEnv(dreamer_jax.load("pretrained"), context=3)
    >>> picture, info = env.reset(seed=1)
    >>> picture, reward, terminated, truncated, info = env.step(7)
    >>> picture.shape, sorted(info)
    ((144, 160), ['map', 'terms', 'x', 'y'])
  """

  metadata = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012

  def __init__(
    self,
    agent: Agent,
    context: int = 150,
    max_steps: int | None = None,
    render_mode: str | None = None,
  ):
    """Compiles a step of the dream.

    Args:
      agent: whose world model dreams, and whose policy plays first.
      context: actions of that, from power-on; the last frame is the last that
        the model sees.
      max_steps: actions until an episode is truncated; None for never.
      render_mode: None or "rgb_array".
    """
    self.observation_space = gymnasium.spaces.Box(0, 3, FRAME_SHAPE, np.uint8)
    self.action_space = gymnasium.spaces.Discrete(len(BUTTONS))
    self.render_mode = render_mode
    self._agent, self._context, self._max_steps = agent, context, max_steps
    self._starts: dict[int, tuple] = {}
    self._picture = jax.jit(
      lambda latent: agent.world.picture(agent.world_params, latent)
    )
    self._advance = jax.jit(self._dreamed)

  def reset(
    self, *, seed: int | None = None, options: dict[str, Any] | None = None
  ) -> tuple[np.ndarray, dict[str, Any]]:
    """Back to the last real frame of a play.

    Args:
      seed: of the play, and of what is dreamed; None for another one.
      options: nothing yet.

    Returns:
      The observation and `info`: map, x and y as the model believes them to
      be, and the reward terms by name.
    """
    super().reset(seed=seed, options=options)
    if seed is None:
      seed = int(self.np_random.integers(2**31))
    if seed not in self._starts:
      self._starts = {seed: self._start(seed)}
    self._latent, self._progress, self._paid = self._starts[seed]
    self._key, self._steps = jax.random.PRNGKey(seed), 0
    return self._seen(), self._info(np.zeros(len(TERMS), np.float32))

  def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
    """One action, of a button's press and release."""
    if not self.action_space.contains(int(action)):
      raise ValueError(f"action {action} is none of 0 to {len(BUTTONS) - 1}")
    self._key, key = jax.random.split(self._key)
    self._latent, self._progress, self._paid, terms, cont = self._advance(
      self._latent, self._progress, self._paid, jnp.full(1, action), key
    )
    self._steps += 1
    terms = np.asarray(terms[0])
    reward = float(terms @ np.asarray(self._agent.config.rewards.weights))
    is_over = bool(cont[0] < 0.5)
    is_cut = self._max_steps is not None and self._steps >= self._max_steps
    return self._seen(), reward, is_over, is_cut, self._info(terms)

  def render(self) -> np.ndarray | None:
    """`[144, 160, 3]` u8."""
    if self.render_mode != "rgb_array":
      return None
    grey = 255 - 85 * self._seen()
    return np.repeat(grey[..., None], 3, -1)

  def _start(self, seed: int) -> tuple[Latent, Progress, jax.Array]:
    """Plays on the emulator to where the dream begins."""
    agent = self._agent
    policy = make_policy(agent, 1)
    episode = sidebyside.play(agent, policy, self._context, seed)
    seen = rollouts.filter_episodes(
      agent.world, agent.world_params, agent.codebook, [episode]
    )
    last = np.full(1, len(episode) - 1)
    latent = seen.latents(np.zeros(1, int), last)
    met = np.zeros((1, 256), np.float32)
    met[0, np.unique(episode.decode_ram().map_id)] = 1
    return latent, Progress(jnp.asarray(met)), jnp.zeros((1, len(_ONCE)))

  def _dreamed(self, latent: Latent, progress: Progress, paid, action, key):
    """The next latent and history, the terms `[1, 7]` and the continue."""
    world, params = self._agent.world, self._agent.world_params
    latent = world.predict(params, latent, action, key)
    out = world.heads(params, feat(latent))
    terms = heads.expected_terms(out)
    maps = jax.nn.softmax(out["probe_map"], -1)
    (terms,) = rewards.complete_terms(terms[None], maps[None], progress)
    highest = jnp.maximum(paid, terms[:, _ONCE])
    terms = terms.at[:, _ONCE].set(highest - paid)
    met = jnp.maximum(progress.maps_seen, maps > 0.5)
    return latent, Progress(met), highest, terms, jax.nn.sigmoid(out["cont"])

  def _seen(self) -> np.ndarray:
    return frames.unpack(np.asarray(self._picture(self._latent)))[0]

  def _info(self, terms: np.ndarray) -> dict[str, Any]:
    out = self._agent.world.heads(
      self._agent.world_params, feat(self._latent)
    )
    place = {k: int(out[f"probe_{k}"][0].argmax()) for k in ("map", "x", "y")}
    return {**place, "terms": dict(zip(TERMS, terms.tolist(), strict=True))}
