"""One update of actor and critic from one imagined rollout.

The losses are `behavior.ppo`'s; here are the parameters, the optimizers, and
the passes over minibatches.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.behavior import nets, ppo
from dreamer_jax.learn import optim
from dreamer_jax.learn import state as state_lib
from dreamer_jax.learn.state import BehaviorState
from dreamer_jax.types import Dream

BADGE = 0  # the reward term that is also the goal's rising edge


def make_ppo(config: config_lib.Behavior) -> Callable:
  """`(BehaviorState, Dream, alive [N], rng) -> (BehaviorState, metrics)`."""
  minibatch = make_minibatch(config)

  def learn(state: BehaviorState, dream: Dream, alive, rng):
    rows, metrics = make_samples(config, state, dream, alive)

    def epoch(state, key):
      order = jax.random.permutation(key, len(rows.action))
      split = lambda x: x[order].reshape(config.minibatches, -1, *x.shape[1:])
      return jax.lax.scan(minibatch, state, jax.tree.map(split, rows))

    keys = jax.random.split(rng, config.epochs)
    state, more = jax.lax.scan(epoch, state, keys)
    return state, {**metrics, **jax.tree.map(jnp.mean, more)}

  return learn


def make_samples(
  config: config_lib.Behavior, state: BehaviorState, dream: Dream, alive
) -> tuple[ppo.Samples, dict]:
  """Targets and normalised advantages of a dream, `[H * N, ...]`, metrics."""
  critic_net, actor_net = nets.critic(config.width), nets.actor(config.width)
  # One critic is both bootstrap and baseline, as in DreamerV3: their difference
  # is then generalised advantage estimation, and costs one pass.
  value = nets.value(critic_net, state.slow_critic, dream.feat, dream.goal)
  target = ppo.targets(dream, value, config.discount, config.lambda_)
  weight = ppo.weights(dream, alive)
  raw = target - value[:-1]
  total = jnp.maximum(weight.sum(), 1.0)
  mean = (raw * weight).sum() / total
  spread = jnp.sqrt((jnp.square(raw - mean) * weight).sum() / total)
  reference = nets.action_logits(
    actor_net, state.clone, dream.feat[:-1], dream.goal, config.actor_unimix
  )
  goal = jnp.broadcast_to(dream.goal, (*target.shape, dream.goal.shape[-1]))
  rows = ppo.Samples(
    feat=dream.feat[:-1], goal=goal, action=dream.action,
    log_prob=dream.log_prob, reference=reference,
    advantage=(raw - mean) / (spread + 1e-6), target=target, weight=weight,
  )  # fmt: skip
  rows = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), rows)
  running = jnp.maximum(alive.sum(), 1.0)
  metrics = {
    "dream_return": (target[0] * alive).sum() / running,
    "dream_reward": (dream.reward * weight).sum() / total,
    "dream_badges": (dream.terms[..., BADGE] * weight).sum() / running,
    "dream_cont": dream.cont.mean(),
    "advantage_std": spread,
    "value": (value[:-1] * weight).sum() / total,
  }
  return rows, metrics


def make_minibatch(config: config_lib.Behavior) -> Callable:
  """`(BehaviorState, Samples) -> (BehaviorState, metrics)`: a gradient step."""
  critic_net, actor_net = nets.critic(config.width), nets.actor(config.width)
  actor_opt = state_lib.actor_optimizer(config)
  critic_opt = state_lib.critic_optimizer(config)

  def actor_loss(params, rows: ppo.Samples):
    logits = nets.action_logits(
      actor_net, params, rows.feat, rows.goal, config.actor_unimix
    )
    return ppo.policy_loss(
      logits, rows, config.clip_ratio, config.entropy_scale, config.kl_scale
    )

  def critic_loss(params, rows: ppo.Samples):
    value = nets.value(critic_net, params, rows.feat, rows.goal)
    return ppo.value_loss(value, rows)

  def minibatch(state: BehaviorState, rows: ppo.Samples):
    grads, metrics = jax.grad(actor_loss, has_aux=True)(state.actor, rows)
    # The critic learns first: a blind one would tear the clone apart.
    ready = (state.updates >= config.critic_warmup).astype(jnp.float32)
    grads = jax.tree.map(lambda g: g * ready, grads)
    actor, a_opt = optim.apply(actor_opt, grads, state.actor_opt, state.actor)
    grads, more = jax.grad(critic_loss, has_aux=True)(state.critic, rows)
    critic, c_opt = optim.apply(
      critic_opt, grads, state.critic_opt, state.critic
    )
    slow = optim.ema(state.slow_critic, critic, config.slow_fraction)
    state = state.replace(
      actor=actor, actor_opt=a_opt, critic=critic, critic_opt=c_opt,
      slow_critic=slow,
    )  # fmt: skip
    return state, {**metrics, **more}

  return minibatch
