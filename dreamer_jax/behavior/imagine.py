"""Imagination: the policy acts in the world model, no emulator in sight.

The world and the policy come in as functions, so anything with `predict`
works, a gridworld in a test as well as the RSSM.
"""

import jax
import jax.numpy as jnp

from dreamer_jax.types import (
  Dream,
  Latent,
  PolicyFn,
  PredictFn,
  Progress,
  RewardFn,
  feat,
)

NEW_MAP, STUCK = 2, 6  # places in the reward terms
PROGRESS = (0, 1, 2, 3, 4)  # terms that are progress, so not stuck


def imagine(
  predict_fn: PredictFn,
  policy_fn: PolicyFn,
  reward_fn: RewardFn,
  start: Latent,
  progress: Progress,
  goal: jax.Array,
  rng: jax.Array,
  horizon: int,
) -> Dream:
  """Rolls the policy out for `horizon` steps from each start.

  Args:
    predict_fn: `(latent, action, rng) -> latent`.
    policy_fn: `(feat, goal, rng) -> (action, log_prob)`.
    reward_fn: `(feat, progress) -> (terms, reward, cont, progress)` of having
      arrived at `feat`.
    start: `[N, ...]` latents.
    progress: `[N, ...]`, the history up to and with the start.
    goal: `[N, G]` embeddings.
    rng: consumed.
    horizon: H, actions taken.

  Returns:
    A `Dream`; `reward[t]` is that of the state that `action[t]` led to.
  """

  def step(carry, key):
    latent, progress = carry
    policy_key, predict_key = jax.random.split(key)
    features = feat(latent)
    action, log_prob = policy_fn(features, goal, policy_key)
    latent = predict_fn(latent, action, predict_key)
    terms, reward, cont, progress = reward_fn(feat(latent), progress)
    out = (features, action, log_prob, reward, cont, terms)
    return (latent, progress), out

  keys = jax.random.split(rng, horizon)
  (last, _), out = jax.lax.scan(step, (start, progress), keys)
  features, action, log_prob, reward, cont, terms = out
  features = jnp.concatenate([features, feat(last)[None]])
  return Dream(features, goal, action, log_prob, reward, cont, terms)


def complete_terms(
  terms: jax.Array, map_probs: jax.Array, progress: Progress
) -> tuple[jax.Array, Progress]:
  """Adds the terms that depend on history, and moves the history on.

  A map counts once the model is more sure of it than not; counting expected
  new maps instead would pay a policy for confusing the model.

  Args:
    terms: `[N, 7]` expected terms; `new_map` and `stuck` are ignored.
    map_probs: `[N, M]` of the state arrived at.
    progress: before arriving.

  Returns:
    `[N, 7]` with all terms, and the progress after arriving.
  """
  here = (map_probs > 0.5).astype(jnp.float32)
  new_map = (here * (1 - progress.maps_seen)).sum(-1)
  terms = terms.at[:, NEW_MAP].set(new_map)
  moved = jnp.clip(terms[:, jnp.array(PROGRESS)], 0, 1)
  terms = terms.at[:, STUCK].set(jnp.prod(1 - moved, -1))
  seen = jnp.maximum(progress.maps_seen, here)
  return terms, Progress(maps_seen=seen)
