"""Compiled checks of clone, model and critic on held-out experience.

On held-out episodes the return of the recorded actions is known. The model
dreams those same actions from the same starts, and the critic's values are
compared with that return. `training.monitors` says when it matters.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.config import change
from dreamer_jax.contract import BADGE
from dreamer_jax.imagination import commands, rewards, rollout, starts
from dreamer_jax.policy import behavior_cloning, grpo, ppo, surrogate
from dreamer_jax.policy.learner import PolicyState
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Batch, Dream, Latent, Metrics, Progress, feat
from dreamer_jax.world_model.loss import unpack_bits
from dreamer_jax.world_model.model import WorldModel

# look(state, world_params, windows [K, B, T, ...]) -> metrics
LookFn = Callable[[PolicyState, dict, Batch], Metrics]
# look(actor, world_params, windows) -> metrics
CloneLookFn = Callable[[dict, dict, Batch], Metrics]
# compare(world_params, batch, latents, rng) -> metrics
CompareFn = Callable[[dict, Batch, Latent, jax.Array], Metrics]
# judge(state, world_params, batch, latents, rng) -> metrics
JudgeFn = Callable[[PolicyState, dict, Batch, Latent, jax.Array], Metrics]


def commanded(config: config_lib.PolicyConfig) -> config_lib.PolicyConfig:
  """The settings, with goal 0 in every dream, as play from power-on has it."""
  return change(config, {
    "imagination.goal_commanded": 1.0, "imagination.goal_hindsight": 0.0,
  })  # fmt: skip


def make_clone_look(
  world: WorldModel,
  net: ActorCritic,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
) -> CloneLookFn:
  """How well a clone foretells held-out players.

  How often the clone does what held-out players meant, told goal 0 where they
  were about it, and told what came next.
  """

  def look(actor, params, windows: Batch) -> dict:
    keys = jax.random.split(jax.random.PRNGKey(0), len(windows.action))
    latents = jax.lax.map(
      lambda x: starts.posterior(world, params, *x), (windows, keys)
    )
    flat = lambda tree: jax.tree.map(
      lambda x: x.reshape(-1, *x.shape[2:]), tree
    )
    batch, features = flat(windows), feat(flat(latents))
    metrics = {}
    for name, commanded in (("default", 1.0), ("hindsight", 0.0)):
      ids, weight = commands.for_cloning(
        keys[0], batch.hindsight, batch.clone, commanded
      )
      weight *= (ids == commands.DEFAULT) == (commanded > 0)
      logits = net.logits(actor, features, goals[ids])
      _, got = behavior_cloning.bc_loss(
        logits, batch.intent, batch.is_first, weight, 0.0
      )
      metrics[f"{name}_accuracy"] = got["bc_accuracy"]
      metrics[f"{name}_nll"] = got["bc_nll"]
    return metrics

  return jax.jit(look)


def make_look(
  world: WorldModel,
  net: ActorCritic,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
  weights: jax.Array,
) -> LookFn:
  """What policy, critic and model are worth on held-out windows.

  The same windows and the same chance each time. What it returns is logged,
  and no gradient comes near it.
  """
  compare = make_comparison(world, config, weights)
  judge = _make_judge(world, net, config, goals, weights)

  def look(state: PolicyState, params, windows: Batch) -> dict:
    def one(_, inputs):
      batch, key = inputs
      keys = jax.random.split(key, 3)
      latents = starts.posterior(world, params, batch, keys[0])
      return None, {
        **compare(params, batch, latents, keys[1]),
        **judge(state, params, batch, latents, keys[2]),
      }

    keys = jax.random.split(jax.random.PRNGKey(0), len(windows.action))
    _, metrics = jax.lax.scan(one, None, (windows, keys))
    return jax.tree.map(lambda x: x.mean(0), metrics)

  return jax.jit(look)


def make_comparison(
  world: WorldModel, config: config_lib.PolicyConfig, weights: jax.Array
) -> CompareFn:
  """Recorded actions, dreamed: the model's return beside the game's.

  Both returns are of goal 0, discounted, over the horizon or what is left of
  the window, and end where the episode does.
  """
  appraise = rewards.make_appraisal(world, config, weights)

  def compare(params, batch: Batch, latents, rng):
    steps = batch.action.shape[1]
    horizon = min(
      config.imagination.horizon, steps - 1 - config.imagination.context
    )
    first = jnp.arange(config.imagination.context, steps - horizon)
    after = first[:, None] + 1 + jnp.arange(horizon)  # [starts, H]
    at = lambda x: x[:, first].reshape(-1, *x.shape[2:])
    ahead = lambda x: jnp.moveaxis(x[:, after], 2, 0).reshape(
      horizon, -1, *x.shape[2:]
    )

    def step(latent, inputs):
      latent = world.predict(params, latent, *inputs)
      return latent, feat(latent)

    start = jax.tree.map(at, latents)
    inputs = (ahead(batch.action), jax.random.split(rng, horizon))
    _, arrived = jax.lax.scan(step, start, inputs)
    features = jnp.concatenate([feat(start)[None], arrived])
    progress = Progress(unpack_bits(at(batch.maps_seen)))
    default = jnp.full(features.shape[1], commands.DEFAULT)
    terms, reward, cont, reached = appraise(params, features, progress, default)
    dream = Dream(
      features, default, inputs[0], reward, reward, cont, terms, reached,
      jnp.ones_like(cont),
    )  # fmt: skip
    real = _recorded(config, weights, dream, *map(ahead, (
      batch.terms, batch.is_terminal,
    )))  # fmt: skip
    # A window may cross into the next episode: from there on neither counts.
    live = jnp.cumprod(1.0 - ahead(batch.is_first).astype(jnp.float32), 0)
    total = lambda d: grpo.returns(
      d.replace(reward=d.reward * live), config.imagination.discount
    )
    alive = 1.0 - at(batch.is_terminal).astype(jnp.float32)
    return _apart(total(real), total(dream), alive)

  return compare


def _recorded(
  config: config_lib.PolicyConfig, weights, dream: Dream, terms, is_terminal
) -> Dream:
  """The dream, with what really came of its actions, `[H, N, ...]`."""
  badge = (terms[..., BADGE] > 0).astype(jnp.float32)
  none = jnp.zeros_like(badge[:1])
  reached = rewards.rising_edge(jnp.concatenate([none, badge]), 0.5)
  cont = 1.0 - is_terminal.astype(jnp.float32)
  reward, cont = rewards.reward_of(
    terms, cont, reached, weights, config.imagination.goal_scale
  )
  return dream.replace(reward=reward, cont=cont, terms=terms, reached=reached)


def _apart(real, model, alive) -> dict:
  """How two returns `[N]` of the same starts and actions differ."""
  mean = surrogate.average(real, alive)
  spread = jnp.sqrt(surrogate.average(jnp.square(real - mean), alive))
  error = jnp.sqrt(surrogate.average(jnp.square(model - real), alive))
  return {
    "real_return": mean,
    "real_spread": spread,
    "model_return": surrogate.average(model, alive),
    "model_error": error,
  }


def _make_judge(
  world: WorldModel,
  net: ActorCritic,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
  weights: jax.Array,
) -> JudgeFn:
  """Dreams under the policy, and the critic on what really followed."""
  config = change(config, {"imagination.branches": 1})
  dream_fn = rollout.make_dream(world, config, weights)

  def judge(state: PolicyState, params, batch: Batch, latents, rng):
    start_key, dream_key = jax.random.split(rng)
    start, progress, command, alive = starts.starts(
      batch, latents, goals, config, start_key
    )
    policy = functools.partial(net.act, state.actor)
    dream = dream_fn(params, policy, start, progress, command, dream_key)
    total = grpo.returns(dream, config.imagination.discount)
    metrics = {"dream_return": surrogate.average(total, alive)}
    if config.actor.algorithm == "ppo":
      metrics |= followed(state, batch, latents)
    return metrics

  def followed(state: PolicyState, batch: Batch, latents) -> dict:
    """Values against what really followed, under either goal."""
    ids = jnp.stack([jnp.zeros_like(batch.hindsight), batch.hindsight])
    value = net.value(
      state.slow_critic, jnp.stack([feat(latents)] * 2),
      goals[jnp.maximum(ids, 0)],
    )  # fmt: skip
    real = jnp.moveaxis(batch.returns, -1, 0)
    known = jnp.isfinite(real).astype(jnp.float32)
    return {"real_explained": ppo.explained(value, jnp.nan_to_num(real), known)}

  return judge
