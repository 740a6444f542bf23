"""Dreams of a policy in the world model: where they start, what they pay."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.imagination import commands, rollout
from dreamer_jax.nn import precision
from dreamer_jax.policy import networks
from dreamer_jax.types import Batch, Command, Latent, Progress
from dreamer_jax.world_model import heads
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


def make_dream(
  world: WorldModel, config: config_lib.Behavior, weights: jax.Array
) -> Callable:
  """`(world_params, actor, start, progress, command, rng) -> Dream`."""
  net = networks.actor(config)
  appraise = make_appraisal(world, config, weights)
  dtype = precision.compute_dtype(config.dtype)

  def dream(params, actor, start, progress, command: Command, rng):
    def act(features, goal, key):
      logits = networks.action_logits(
        net, actor, features, goal, config.actor_unimix
      )
      action = jax.random.categorical(key, logits)
      return action, networks.log_prob(logits, action)

    def reward(features, progress):
      terms, value, *ends = appraise(params, features, progress, command.id)
      if config.explore_scale:
        value += config.explore_scale * doubt(features[1:])
      return terms, value, *ends

    def doubt(features):
      flat = precision.read(features).reshape(-1, features.shape[-1])
      nats = world.uncertainty(params, flat[:, : start.deter.shape[-1]])
      return nats.reshape(features.shape[:-1])

    def trust(features):
      return (doubt(features) < config.uncertainty_cap).astype(jnp.float32)

    predict = lambda latent, action, key: world.predict(
      params, latent, action, key
    )
    return rollout.imagine(
      predict, act, reward, start, progress, command.embedding, rng,
      config.horizon, trust if config.uncertainty_cap else None, dtype,
    )  # fmt: skip

  return dream


def make_appraisal(
  world: WorldModel, config: config_lib.Behavior, weights: jax.Array
) -> Callable:
  """What the model says of dreamed states.

  `(world_params, feat [H+1, N, F], progress, goal id [N])` -> terms, reward,
  cont and reached, `[H, N]` of arriving at each but the first.
  """

  def appraise(params, features, progress: Progress, goal_id):
    # A step at a time: all together would not fit a CPU's cache.
    read = lambda x: world.heads(params, precision.read(x), goal_id)
    out = jax.lax.map(read, features)
    arrived = {name: x[1:] for name, x in out.items()}
    maps = jax.nn.softmax(arrived["probe_map"], -1)
    terms = rollout.first_times(heads.expected_terms(out))
    terms = rollout.complete_terms(terms, maps, progress)
    # Goal 0 is the badge term's event: one head says both.
    chance = jax.nn.sigmoid(out["badge"])
    if "goal_done" in out:
      asked = jax.nn.sigmoid(out["goal_done"])
      chance = jnp.where(goal_id == commands.DEFAULT, chance, asked)
    reached = rollout.rising_edge(chance, heads.LIKELY)
    cont = jax.nn.sigmoid(arrived["cont"])
    reward, cont = rollout.reward_of(
      terms, cont, reached, weights, config.goal_scale
    )
    return terms, reward, cont, reached

  return appraise


def starts(
  batch: Batch, latents: Latent, goals: jax.Array,
  config: config_lib.Behavior, rng: jax.Array,
) -> tuple[Latent, Progress, Command, jax.Array]:  # fmt: skip
  """`branches` dream starts from every step past the context: `[N, ...]` each.

  The branches of a step follow each other, and share its goal.

  Returns:
    latents, progress, commands, and 1 where the episode still runs.
  """
  goal_key, noise_key = jax.random.split(rng)
  flat = lambda x: x[:, config.context :].reshape(-1, *x.shape[2:])
  branch = lambda tree: jax.tree.map(
    lambda x: jnp.repeat(x, config.branches, 0), tree
  )
  ids = commands.for_dreams(
    goal_key, flat(batch.hindsight), flat(batch.feasible),
    (config.goal_commanded, config.goal_hindsight),
  )  # fmt: skip
  command = commands.embed(noise_key, goals, ids, config.goal_noise)
  alive = 1.0 - flat(batch.is_terminal).astype(jnp.float32)
  progress = Progress(unpack_bits(flat(batch.maps_seen)))
  return branch((jax.tree.map(flat, latents), progress, command, alive))
