"""One step of the policy in the game: filter what is seen, then act."""

import functools
from typing import Protocol

import jax
import jax.numpy as jnp

from dreamer_jax.contract import NUM_ACTIONS
from dreamer_jax.policy.exploration import lean
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Latent, feat
from dreamer_jax.world_model.model import WorldModel


class ActFn(Protocol):
  """One step on N emulators: actions `[N]` i32 and the latents after it."""

  def __call__(
    self, params: dict, actor: dict, latent: Latent, action: jax.Array,
    tiles: jax.Array, is_first: jax.Array, goal: jax.Array, keys: jax.Array,
  ) -> tuple[jax.Array, Latent]: ...  # fmt: skip


@functools.lru_cache(maxsize=8)  # rounds and runs share what was compiled
def make_act(
  world: WorldModel,
  net: ActorCritic,
  greedy: bool = False,
  curiosity: float = 0.0,
  temperature: float = 1.0,
) -> ActFn:
  """One step of the policy on N emulators.

  Actions are drawn at a `temperature`: its logits divide by it, so that below 1
  likely actions become likelier.

  With `curiosity` it looks a step ahead, and leans to the actions whose
  outcome the world model's ensemble disagrees on.

  Each emulator has a key of its own, so that what one does depends on no other.
  """

  def one(params, actor, latent, action, token, is_first, goal, key):
    observe_key, act_key = jax.random.split(key)
    expand = lambda x: jax.tree.map(lambda y: y[None], x)
    latent = world.observe_step(
      params, *expand((latent, token, action, is_first)), observe_key
    )
    logits = net.logits(actor, feat(latent), goal[None])[0]
    if curiosity:  # what is looked at and what is drawn share no chance
      act_key, look_key = jax.random.split(act_key)
      logits = lean(logits, doubt(params, latent, look_key), curiosity)
    sampled = jax.random.categorical(act_key, logits / temperature)
    action = logits.argmax(-1) if greedy else sampled
    return action.astype(jnp.int32), jax.tree.map(lambda y: y[0], latent)

  def doubt(params, latent, key):
    every = jnp.arange(NUM_ACTIONS)
    spread = jax.tree.map(lambda x: jnp.repeat(x, NUM_ACTIONS, 0), latent)
    after = world.predict(params, spread, every, key)
    return world.uncertainty(params, after.deter)

  def act(params, actor, latent, action, tiles, is_first, goal, keys):
    token = world.encode(params, tiles)
    step = jax.vmap(one, in_axes=(None, None, 0, 0, 0, 0, 0, 0))
    return step(params, actor, latent, action, token, is_first, goal, keys)

  return jax.jit(act)
