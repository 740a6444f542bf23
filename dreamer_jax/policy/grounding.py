"""The critic on recorded steps: what really followed them, not what is dreamed.

DreamerV3's replay loss (Hafner et al. 2023). Rewards of the emulator reach the
critic here and nowhere else; the policy's gradient is of dreams alone.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.imagination import commands, starts
from dreamer_jax.nn import optimizers
from dreamer_jax.policy import learner, ppo
from dreamer_jax.policy.learner import PolicyState, PolicyUpdateFn
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Metrics, SampleFn, feat
from dreamer_jax.world_model.model import WorldModel


class Grounds(NamedTuple):
  """Recorded steps under a goal, `[K, ...]`."""

  feat: jax.Array  # [K, F]
  goal: jax.Array  # [K, G]
  target: jax.Array  # [K] f32, the return that followed
  weight: jax.Array  # [K] f32, 0 where it is not known


# draw(world_params, replay, rng) -> grounds
DrawFn = Callable[[dict, Any, jax.Array], Grounds]
# step(state, grounds) -> state, metrics
StepFn = Callable[[PolicyState, Grounds], tuple[PolicyState, Metrics]]


def make_draw(
  world: WorldModel,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
  sample: SampleFn,
) -> DrawFn:
  """Makes the draw of recorded steps.

  Where what followed is known under goal 0 and under the goal in hindsight,
  either is taken as often.

  Args:
    world: reads what the replay does not remember.
    config: how goals are heard.
    goals: `[K, G]` embeddings.
    sample: `(replay, rng) -> Batch` of recorded steps.
  """
  flat = lambda tree: jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), tree)

  def draw(params, replay, rng) -> Grounds:
    keys = jax.random.split(rng, 4)
    batch = sample(replay, keys[0])
    latents = starts.posterior(world, params, batch, keys[1])
    returns, hindsight = flat((batch.returns, batch.hindsight))
    known = jnp.isfinite(returns)
    either = jax.random.bernoulli(keys[2], 0.5, hindsight.shape)
    is_default = known[:, 0] & (either | ~known[:, 1])
    ids = jnp.where(is_default, commands.DEFAULT, jnp.maximum(hindsight, 0))
    target = jnp.where(is_default, *returns.T)
    return Grounds(
      feat(flat(latents)),
      commands.embed(keys[3], goals, ids, config.cloning.goal_noise).embedding,
      jnp.nan_to_num(target),
      known.any(-1).astype(jnp.float32),
    )

  return draw


def loss(net: ActorCritic, params, grounds: Grounds) -> tuple[jax.Array, dict]:
  """Of the critic's values against what followed."""
  logits = net.value_logits(params, grounds.feat, grounds.goal)
  error, metrics = ppo.value_loss(logits, grounds.target, grounds.weight)
  return error, {
    "real_value_loss": error, "real_explained": metrics["value_explained"],
    "real_known": grounds.weight.mean(),
  }  # fmt: skip


def make_step(net: ActorCritic, config: config_lib.PolicyConfig) -> StepFn:
  """A gradient step of the critic alone."""
  optimizer = learner.critic_optimizer(config)

  def step(state: PolicyState, grounds: Grounds):
    of = lambda params: loss(net, params, grounds)
    grads, metrics = jax.grad(of, has_aux=True)(state.critic)
    critic, opt = optimizers.apply(
      optimizer, grads, state.critic_opt, state.critic
    )
    slow = optimizers.ema(
      state.slow_critic, critic, config.critic.slow_fraction
    )
    state = state.replace(critic=critic, critic_opt=opt, slow_critic=slow)
    return state, metrics

  return step


def make_update(
  world: WorldModel,
  net: ActorCritic,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
  sample: SampleFn,
) -> PolicyUpdateFn:
  """Makes an update of the critic on recorded steps.

  One update: recorded steps, what followed them, a gradient step of the
  critic. The actor stays.
  """
  draw = make_draw(world, config, goals, sample)
  step = make_step(net, config)

  def update(state: PolicyState, params, replay):
    rng, key = jax.random.split(state.rng)
    state, metrics = step(state, draw(params, replay, key))
    return state.replace(rng=rng), metrics

  return update
