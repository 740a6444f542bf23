"""Imagination: the policy acts in the world model, no emulator in sight.

`imagine` takes the world and the policy as functions, so anything with
`predict` works, a gridworld in a test as well as the RSSM. `make_dream` gives
it the world model.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.imagination import rewards
from dreamer_jax.nn import precision
from dreamer_jax.types import (
  Command,
  Dream,
  DreamFn,
  Latent,
  PolicyFn,
  PredictFn,
  Progress,
  RewardFn,
  feat,
)
from dreamer_jax.world_model.model import WorldModel


def make_dream(
  world: WorldModel, config: config_lib.PolicyConfig, weights: jax.Array
) -> DreamFn:
  """Makes the dreams of a world model.

  Args:
    world: dreams, and says what that pays.
    config: horizon, and what is paid besides the game's rewards.
    weights: `[7]`, of the reward terms.
  """
  c = config.imagination
  appraise = rewards.make_appraisal(world, config, weights)
  dtype = precision.compute_dtype(config.network.dtype)

  def dream(
    params, policy: PolicyFn, start: Latent, progress, command: Command, rng
  ) -> Dream:
    def reward(features, progress):
      terms, value, *ends = appraise(params, features, progress, command.id)
      if c.explore_scale:
        value += c.explore_scale * doubt(features[1:])
      return terms, value, *ends

    def doubt(features):
      flat = precision.read(features).reshape(-1, features.shape[-1])
      nats = world.uncertainty(params, flat[:, : start.deter.shape[-1]])
      return nats.reshape(features.shape[:-1])

    def trust(features):
      return (doubt(features) < c.uncertainty_cap).astype(jnp.float32)

    predict = lambda latent, action, key: world.predict(
      params, latent, action, key
    )
    return imagine(
      predict, policy, reward, start, progress, command.embedding, rng,
      c.horizon, trust if c.uncertainty_cap else None, dtype,
    )  # fmt: skip

  return dream


def imagine(
  predict_fn: PredictFn,
  policy_fn: PolicyFn,
  reward_fn: RewardFn,
  start: Latent,
  progress: Progress,
  goal: jax.Array,
  rng: jax.Array,
  horizon: int,
  trust_fn: Callable[[jax.Array], jax.Array] | None = None,
  dtype: str = "float32",
) -> Dream:
  """Rolls the policy out for `horizon` steps from each start.

  Args:
    predict_fn: `(latent, action, rng) -> latent`.
    policy_fn: `(feat, goal, rng) -> (action, log_prob)`.
    reward_fn: `(feat [H+1, N, F], progress) -> (terms, reward, cont,
      reached)`, `[H, N]`, of having arrived at each state after the start;
      called once, for all steps together: its matmuls are faster so. It reads
      features as `Dream` has them.
    start: `[N, ...]` latents.
    progress: `[N, ...]`, the history up to and with the start.
    goal: `[N, G]` embeddings.
    rng: consumed.
    horizon: H, actions taken.
    trust_fn: `feat [H, N, F] -> [H, N]`, see `Dream.trust`, of such features;
      None: all of it.
    dtype: of the features that all of these read, and that the dream keeps:
      what multiplies them in bfloat16 need not copy them in float32.

  Returns:
    A `Dream`; `reward[t]` is that of the state that `action[t]` led to.
  """
  see = lambda latent: precision.stored(feat(latent).astype(dtype))

  def step(carry, inputs):
    latent, features = carry
    time, key = inputs
    policy_key, predict_key = jax.random.split(key)
    seen = precision.read(features[time])
    action, log_prob = policy_fn(seen, goal, policy_key)
    latent = predict_fn(latent, action, predict_key)
    features = features.at[time + 1].set(see(latent))
    return (latent, features), (action, log_prob)

  first = see(start)  # the loop carries all features: to join them is a copy
  features = jnp.zeros((horizon + 1, *first.shape), first.dtype)
  begin = (start, features.at[0].set(first))
  times = (jnp.arange(horizon), jax.random.split(rng, horizon))
  (_, features), (action, log_prob) = jax.lax.scan(step, begin, times)
  terms, reward, cont, reached = reward_fn(features, progress)
  trust = jnp.ones_like(cont) if trust_fn is None else trust_fn(features[1:])
  return Dream(
    features, goal, action, log_prob, reward, cont, terms, reached, trust
  )
