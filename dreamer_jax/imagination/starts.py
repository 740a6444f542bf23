"""Makes the starts of dreams: latents of recorded steps, and goals for them."""

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.imagination import commands
from dreamer_jax.types import Batch, Command, Latent, Progress
from dreamer_jax.world_model.loss import unpack_bits
from dreamer_jax.world_model.model import WorldModel


def posterior(world: WorldModel, params, batch: Batch, rng) -> Latent:
  """Latents `[B, T, ...]` of a batch, as constants.

  Remembered ones where the batch has them; else windows begin anew.
  """
  if batch.memory is not None:
    classes = world.initial(1).stoch.shape[-1]
    stoch = jax.nn.one_hot(batch.memory.stoch, classes)
    deter = batch.memory.deter.astype(jnp.float32)
    return Latent(deter, stoch, jnp.zeros_like(stoch))
  latents, _ = world.observe(
    params, world.initial(batch.action.shape[0]),
    world.encode(params, batch.tiles), batch.action, batch.is_first, rng,
  )  # fmt: skip
  return jax.lax.stop_gradient(latents)


def starts(
  batch: Batch, latents: Latent, goals: jax.Array,
  config: config_lib.PolicyConfig, rng: jax.Array,
) -> tuple[Latent, Progress, Command, jax.Array]:  # fmt: skip
  """`branches` dream starts from every step past the context: `[N, ...]` each.

  The branches of a step follow each other, and share its goal.

  Returns:
    latents, progress, commands, and 1 where the episode still runs.
  """
  goal_key, noise_key = jax.random.split(rng)
  flat = lambda x: x[:, config.imagination.context :].reshape(-1, *x.shape[2:])
  branch = lambda tree: jax.tree.map(
    lambda x: jnp.repeat(x, config.imagination.branches, 0), tree
  )
  ids = commands.for_dreams(
    goal_key, flat(batch.hindsight), flat(batch.feasible),
    (config.imagination.goal_commanded, config.imagination.goal_hindsight),
  )  # fmt: skip
  command = commands.embed(noise_key, goals, ids, config.cloning.goal_noise)
  alive = 1.0 - flat(batch.is_terminal).astype(jnp.float32)
  progress = Progress(unpack_bits(flat(batch.maps_seen)))
  return branch((jax.tree.map(flat, latents), progress, command, alive))
