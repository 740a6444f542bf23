"""Behaviour cloning: demonstrations' actions from posterior latents."""

import jax
import jax.numpy as jnp
import optax

from dreamer_jax import config as config_lib
from dreamer_jax.contract import NUM_ACTIONS
from dreamer_jax.imagination import commands, starts
from dreamer_jax.nn import optimizers
from dreamer_jax.policy import learner
from dreamer_jax.policy.learner import PolicyState, PolicyUpdateFn
from dreamer_jax.policy.networks import ActorCritic, log_prob
from dreamer_jax.types import Batch, Latent, SampleFn, feat
from dreamer_jax.world_model.model import WorldModel


def bc_loss(
  logits: jax.Array,
  intent: jax.Array,
  is_first: jax.Array,
  weight: jax.Array,
  label_smoothing: float,
) -> tuple[jax.Array, dict]:
  """Cross-entropy of the next action that the demonstrator meant.

  `intent[t]` led to step t (or would have, had chance not overruled it), so
  the policy at step t answers with `intent[t + 1]`; the last step of the
  window and of an episode answer none. Teaching what was meant, on states that
  chance led to, is what keeps a clone from drifting off the demonstrations
  (Laskey et al., "DART", 2017).

  Args:
    logits: `[B, T, 8]` of the policy at each step.
    intent: `[B, T]` i32.
    is_first: `[B, T]` bool.
    weight: `[B, T]` f32, 0 for steps that are not to be cloned.
    label_smoothing: share of the target spread over all actions.

  Returns:
    nats a step, metrics.
  """
  target, logits = intent[:, 1:], logits[:, :-1]
  weight = weight[:, :-1] * (1.0 - is_first[:, 1:].astype(jnp.float32))
  labels = optax.smooth_labels(
    jax.nn.one_hot(target, NUM_ACTIONS), label_smoothing
  )
  nll = optax.softmax_cross_entropy(logits, labels)
  total = jnp.maximum(weight.sum(), 1.0)
  loss = (nll * weight).sum() / total
  right = (logits.argmax(-1) == target).astype(jnp.float32)
  metrics = {
    "bc_loss": loss,
    "bc_accuracy": (right * weight).sum() / total,
    "bc_nll": -(log_prob(logits, target) * weight).sum() / total,
  }
  return loss, metrics


def make_update(
  world: WorldModel,
  net: ActorCritic,
  config: config_lib.PolicyConfig,
  goals: jax.Array,
  sample: SampleFn,
) -> PolicyUpdateFn:
  """Makes an update of the clone.

  Args:
    world: reads what the replay does not remember.
    net: its actor is cloned.
    config: rates, and which goals are told.
    goals: `[K, G]` embeddings.
    sample: windows of demonstrations.
  """
  optimizer = learner.clone_optimizer(config)

  def loss(actor, latents: Latent, batch: Batch, goal, weight):
    logits = net.logits(actor, feat(latents), goal)
    return bc_loss(
      logits,
      batch.intent,
      batch.is_first,
      weight,
      config.cloning.label_smoothing,
    )

  def update(state: PolicyState, params, replay):
    rng, *keys = jax.random.split(state.rng, 5)
    batch = sample(replay, keys[0])
    latents = starts.posterior(world, params, batch, keys[1])
    ids, weight = commands.for_cloning(
      keys[2], batch.hindsight, batch.clone, config.cloning.commanded
    )
    goal = commands.embed(
      keys[3], goals, ids, config.cloning.goal_noise
    ).embedding
    gradient = jax.value_and_grad(loss, has_aux=True)
    (_, metrics), grads = gradient(state.clone, latents, batch, goal, weight)
    metrics["bc_default"] = (weight * (ids == commands.DEFAULT)).mean()
    metrics["bc_hindsight"] = (weight * (ids != commands.DEFAULT)).mean()
    clone, opt = optimizers.apply(
      optimizer, grads, state.clone_opt, state.clone
    )
    return state.replace(clone=clone, clone_opt=opt, rng=rng), metrics

  return update
