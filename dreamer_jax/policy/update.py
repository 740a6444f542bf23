"""One update of the policy from one imagined rollout, by PPO or by GRPO.

The losses are `surrogate`'s and `ppo`'s; here are the parameters, the
optimizers, and the passes over minibatches, the same for both.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.contract import BADGE
from dreamer_jax.imagination import rollout, starts
from dreamer_jax.nn import optimizers
from dreamer_jax.policy import grounding, grpo, learner, ppo, surrogate
from dreamer_jax.policy.grounding import Grounds
from dreamer_jax.policy.learner import PolicyState, PolicyUpdateFn
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.policy.surrogate import Restraints, Samples
from dreamer_jax.types import Dream, Metrics, SampleFn
from dreamer_jax.world_model.model import WorldModel

# learn(state, dream, alive [N], grounds, rng) -> state, metrics
LearnFn = Callable[
  [PolicyState, Dream, jax.Array, Grounds | None, jax.Array],
  tuple[PolicyState, Metrics],
]
# minibatch(state, (samples, grounds)) -> state, metrics
MinibatchFn = Callable[
  [PolicyState, tuple[Samples, Grounds | None]],
  tuple[PolicyState, Metrics],
]


def make_update(
  world: WorldModel,
  net: ActorCritic,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
  weights: jax.Array,
  sample: SampleFn,
  sample_steps: SampleFn,
) -> PolicyUpdateFn:
  """Makes an update of the policy in dreams.

  One update: start states from the replay's posteriors, an imagined rollout,
  returns, all epochs of PPO or GRPO. No reward and no action of the emulator
  reaches the policy's loss: the replay gives it starts and their goals only.
  The critic also learns what really followed recorded steps (`grounding`).

  Args:
    world: what is dreamed in.
    net: actor and critic.
    config: of the algorithm.
    goals: `[K, G]` embeddings.
    weights: `[7]`, of the reward terms.
    sample: windows that dreams start from.
    sample_steps: recorded steps for the critic.
  """
  dream_fn = rollout.make_dream(world, config, weights)
  learn = make_learner(net, config)
  is_grounded = (
    config.actor.algorithm == "ppo" and config.critic.ground_scale > 0
  )
  draw = grounding.make_draw(world, config, goals, sample_steps)

  def update(state: PolicyState, params, replay):
    rng, *keys = jax.random.split(state.rng, 7)
    batch = sample(replay, keys[0])
    latents = starts.posterior(world, params, batch, keys[1])
    grounds = draw(params, replay, keys[5]) if is_grounded else None
    start, progress, command, alive = starts.starts(
      batch, latents, goals, config, keys[4]
    )
    policy = functools.partial(net.act, state.actor)
    dream = dream_fn(params, policy, start, progress, command, keys[2])
    state, metrics = learn(state, dream, alive, grounds, keys[3])
    return state.replace(rng=rng, updates=state.updates + 1), metrics

  return update


def make_learner(net: ActorCritic, config: config_lib.PolicyConfig) -> LearnFn:
  """Makes what learns from a dream.

  `grounds` are a `Grounds` of as many steps as minibatches divide, or None:
  the critic then learns of dreams alone, or there is none.
  """
  has_critic = config.actor.algorithm == "ppo"
  make_samples = ppo_samples if has_critic else grpo_samples
  minibatch = make_minibatch(net, config, has_critic)

  def learn(state: PolicyState, dream: Dream, alive, grounds, rng):
    rows, metrics = make_samples(net, config, state, dream, alive)
    split = lambda x: x.reshape(config.actor.minibatches, -1, *x.shape[1:])
    real = jax.tree.map(split, grounds)

    def epoch(state, key):
      order = jax.random.permutation(key, len(rows.action))
      dreamed = jax.tree.map(lambda x: split(x[order]), rows)
      return jax.lax.scan(minibatch, state, (dreamed, real))

    keys = jax.random.split(rng, config.actor.epochs)
    state, more = jax.lax.scan(epoch, state, keys)
    return state, {**metrics, **jax.tree.map(jnp.mean, more)}

  return learn


def ppo_samples(
  net: ActorCritic, config: config_lib.PolicyConfig, state: PolicyState,
  dream: Dream, alive,
) -> tuple[Samples, dict]:  # fmt: skip
  """Lambda-returns and advantages over the critic, `[H * N, ...]`; metrics."""
  # One critic is both bootstrap and baseline, as in DreamerV3: their difference
  # is then generalised advantage estimation, and costs one pass.
  value = jax.lax.map(
    lambda feat: net.value(state.slow_critic, feat, dream.goal),
    dream.feat,
  )
  target = ppo.targets(
    dream, value, config.imagination.discount, config.imagination.lambda_
  )
  weight = surrogate.weights(dream, alive)
  scale = ppo.return_scale(target, config.actor.return_floor)
  advantage = ppo.advantages(target, value[:-1], weight, scale)
  rows = _rows(net, state, dream, weight, advantage, target)
  return rows, {
    **_metrics(dream, weight, alive),
    "dream_return": surrogate.average(target[0], alive),
    "return_scale": scale,
    "value": surrogate.average(value[:-1], weight),
  }


def grpo_samples(
  net: ActorCritic, config: config_lib.PolicyConfig, state: PolicyState,
  dream: Dream, alive,
) -> tuple[Samples, dict]:  # fmt: skip
  """Whole dreams against their siblings, `[H * N, ...]`; metrics."""
  total = grpo.returns(dream, config.imagination.discount)
  size = config.imagination.branches
  advantage = grpo.advantages(total, size, config.actor.group_floor)
  weight = surrogate.weights(dream, alive)
  spread = total.reshape(-1, size).std(-1)
  every = jnp.broadcast_to(advantage, weight.shape)
  rows = _rows(net, state, dream, weight, every, jnp.zeros_like(weight))
  return rows, {
    **_metrics(dream, weight, alive),
    "dream_return": surrogate.average(total, alive),
    "groups_that_differ": (spread > config.actor.group_floor).mean(),
  }


def _rows(
  net: ActorCritic, state: PolicyState, dream: Dream,
  weight, advantage, target,
) -> Samples:  # fmt: skip
  """One row a state that was acted in; constants, whoever differentiates."""
  reference = jax.lax.map(
    lambda t: net.logits(state.reference, dream.feat[t], dream.goal),
    jnp.arange(len(weight)),
  )
  goal = jnp.broadcast_to(dream.goal, (*weight.shape, dream.goal.shape[-1]))
  rows = Samples(
    feat=dream.feat[:-1], goal=goal, action=dream.action,
    log_prob=dream.log_prob, reference=reference, advantage=advantage,
    target=target, weight=weight,
  )  # fmt: skip
  rows = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), rows)
  return jax.lax.stop_gradient(rows)


def _metrics(dream: Dream, weight: jax.Array, alive: jax.Array) -> dict:
  """What the dreams were like; events for each dream that was begun."""
  a_dream = lambda x: (x * weight).sum() / jnp.maximum(alive.sum(), 1.0)
  return {
    "dream_reward": surrogate.average(dream.reward, weight),
    "dream_badges": a_dream(dream.terms[..., BADGE]),
    "dream_goals": a_dream(dream.reached),
    "dream_cont": dream.cont.mean(),
  }


def make_minibatch(
  net: ActorCritic, config: config_lib.PolicyConfig, has_critic: bool
) -> MinibatchFn:
  """A gradient step of a minibatch."""
  actor_opt = learner.actor_optimizer(config)
  critic_opt = learner.critic_optimizer(config)
  c = config.actor
  restraints = Restraints(
    c.clip_ratio, c.entropy_scale, c.entropy_floor, c.kl_scale,
  )  # fmt: skip

  def actor_loss(params, rows: Samples):
    logits = net.logits(params, rows.feat, rows.goal)
    return surrogate.policy_loss(logits, rows, restraints)

  def critic_loss(params, rows: Samples, grounds):
    logits = net.value_logits(params, rows.feat, rows.goal)
    loss, metrics = ppo.value_loss(logits, rows.target, rows.weight)
    if grounds is None:
      return loss, metrics
    real, more = grounding.loss(net, params, grounds)
    return loss + config.critic.ground_scale * real, {**metrics, **more}

  def improve_actor(state: PolicyState, rows: Samples, ready=None):
    grads, metrics = jax.grad(actor_loss, has_aux=True)(state.actor, rows)
    if ready is not None:
      grads = jax.tree.map(lambda g: g * ready, grads)
    actor, opt = optimizers.apply(
      actor_opt, grads, state.actor_opt, state.actor
    )
    return state.replace(actor=actor, actor_opt=opt), metrics

  def improve_both(state: PolicyState, batch):
    rows, grounds = batch
    # The critic learns first: a blind one would tear the clone apart.
    ready = (state.updates >= config.critic.warmup).astype(jnp.float32)
    state, metrics = improve_actor(state, rows, ready)
    gradient = jax.grad(critic_loss, has_aux=True)
    grads, more = gradient(state.critic, rows, grounds)
    critic, opt = optimizers.apply(
      critic_opt, grads, state.critic_opt, state.critic
    )
    slow = optimizers.ema(
      state.slow_critic, critic, config.critic.slow_fraction
    )
    state = state.replace(critic=critic, critic_opt=opt, slow_critic=slow)
    return state, {**metrics, **more}

  if has_critic:
    return improve_both
  return lambda state, batch: improve_actor(state, batch[0])
