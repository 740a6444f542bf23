"""Tells what the model expects along a dream: events, states and amounts.

A dream under given actions says, step by step, how likely each event is. An
event within k steps is predicted where its probability exceeds one half at
one of them, and has happened where its reward term is positive at one.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.contract import NEW_MAP, NUM_MAPS, NUM_TERMS, STUCK, TERMS
from dreamer_jax.evaluation.world_model.rollouts import make_forecast, pad_rows
from dreamer_jax.evaluation.world_model.windows import Windows
from dreamer_jax.imagination import rewards
from dreamer_jax.types import Progress, feat
from dreamer_jax.world_model import heads
from dreamer_jax.world_model.model import WorldModel

# Event -> the reward term that is positive where it happens.
EVENTS = {name: i for i, name in enumerate(TERMS) if i != STUCK}
STATES = ("in_battle", "dialog_open")
HP = ("hp_fraction", "enemy_hp_fraction")
_TOGETHER = 128  # windows at once
_SURE = 0.5


class Prospects(NamedTuple):
  """What was expected of N windows at each of K steps."""

  events: dict[str, np.ndarray]  # [N, K] f32 probabilities, of `EVENTS`
  states: dict[str, np.ndarray]  # [N, K] f32 probabilities, of `STATES`
  hp: dict[str, np.ndarray]  # [N, K] f32 fractions, of `HP`


def make_prospector(world: WorldModel, params) -> Callable:
  """Compiles `(windows, sampled, seed) -> Prospects`."""
  programs = {
    sampled: jax.jit(_program(world, params, sampled))
    for sampled in (False, True)
  }

  def run(windows: Windows, sampled: bool = False, seed: int = 0) -> Prospects:
    count = windows.count
    seen = np.unpackbits(windows.seen, axis=-1, bitorder="little")
    parts = []
    for i in range(0, count, _TOGETHER):
      rows = lambda x, i=i: pad_rows(x, i, _TOGETHER)
      part = programs[sampled](
        jax.tree.map(rows, windows.start),
        rows(windows.action),
        rows(seen),
        jax.random.PRNGKey(seed + i),
      )
      parts.append(jax.tree.map(np.asarray, part))
    join = lambda *x: np.concatenate(x, 1)[:, :count].T
    return Prospects(*jax.tree.map(join, *parts))

  return run


def _program(world: WorldModel, params, sampled: bool) -> Callable:
  forecast = make_forecast(world, params, sampled)

  def run(start, action, seen, rng):
    latents = forecast(start, action, rng)
    out = world.heads(params, feat(latents))  # [K, n, ...]
    chance = {name: jax.nn.sigmoid(out[name]) for name in heads.EVENTS}
    for name in heads.AMOUNTS:  # the first bin is an amount of nothing
      chance[name] = 1 - jax.nn.softmax(out[name], -1)[..., 0]
    maps = jax.nn.softmax(out["probe_map"], -1)
    progress = Progress(seen.astype(jnp.float32)[:, :NUM_MAPS])
    terms = jnp.zeros((*maps.shape[:2], NUM_TERMS))
    terms = rewards.complete_terms(terms, maps, progress)
    chance["new_map"] = terms[..., NEW_MAP]
    states = {
      name: jax.nn.softmax(out[f"probe_{name}"], -1)[..., 1] for name in STATES
    }
    hp = {name: jnp.clip(out[f"probe_{name}"], 0, 1) for name in HP}
    return {name: chance[name] for name in EVENTS}, states, hp

  return run


def happened(terms: np.ndarray, name: str, within: int) -> np.ndarray:
  """`[N]` bool: the event came in the first steps of `[N, K+1, 7]` terms."""
  return (terms[:, 1 : within + 1, EVENTS[name]] > 0).any(1)


def expected(chance: np.ndarray, within: int) -> np.ndarray:
  """`[N]` bool: `[N, K]` probabilities say that it comes in these steps."""
  return chance[:, :within].max(1) > _SURE
