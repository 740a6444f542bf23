"""Imagination: the policy acts in the world model, no emulator in sight.

The world and the policy come in as functions, so anything with `predict`
works, a gridworld in a test as well as the RSSM.
"""

from collections.abc import Callable

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
  trust_fn: Callable[[jax.Array], jax.Array] | None = None,
) -> Dream:
  """Rolls the policy out for `horizon` steps from each start.

  Args:
    predict_fn: `(latent, action, rng) -> latent`.
    policy_fn: `(feat, goal, rng) -> (action, log_prob)`.
    reward_fn: `(feat [H, N, F], progress) -> (terms, reward, cont)`, `[H, N]`,
      of having arrived at each state; called once, for all steps together,
      because its matmuls are faster so.
    start: `[N, ...]` latents.
    progress: `[N, ...]`, the history up to and with the start.
    goal: `[N, G]` embeddings.
    rng: consumed.
    horizon: H, actions taken.
    trust_fn: `feat [H, N, F] -> [H, N]`, see `Dream.trust`; None: all of it.

  Returns:
    A `Dream`; `reward[t]` is that of the state that `action[t]` led to.
  """

  def step(latent, key):
    policy_key, predict_key = jax.random.split(key)
    action, log_prob = policy_fn(feat(latent), goal, policy_key)
    latent = predict_fn(latent, action, predict_key)
    return latent, (feat(latent), action, log_prob)

  keys = jax.random.split(rng, horizon)
  _, (arrived, action, log_prob) = jax.lax.scan(step, start, keys)
  terms, reward, cont = reward_fn(arrived, progress)
  features = jnp.concatenate([feat(start)[None], arrived])
  trust = jnp.ones_like(cont) if trust_fn is None else trust_fn(arrived)
  return Dream(features, goal, action, log_prob, reward, cont, terms, trust)


def complete_terms(
  terms: jax.Array, map_probs: jax.Array, progress: Progress
) -> jax.Array:
  """Adds the terms that depend on history, which travels along the rollout.

  A map counts once the model is more sure of it than not; counting expected
  new maps instead would pay a policy for confusing the model.

  Args:
    terms: `[H, N, 7]` expected terms; `new_map` and `stuck` are ignored.
    map_probs: `[H, N, M]` of the states arrived at.
    progress: before the first of them.

  Returns:
    `[H, N, 7]` with all terms.
  """

  here = map_probs.argmax(-1)  # [H, N]
  sure = map_probs.max(-1) > 0.5
  before = jnp.take_along_axis(progress.maps_seen, here.T, -1).T > 0
  # Along one rollout only a few maps are met: compare its steps in pairs.
  same = (here[:, None] == here[None]) & sure[None]  # [H, H, N]
  earlier = jnp.tri(len(here), k=-1, dtype=bool)[..., None]
  met = (same & earlier).any(1)
  new_map = (sure & ~before & ~met).astype(jnp.float32)
  terms = terms.at[..., NEW_MAP].set(new_map)
  moved = jnp.clip(terms[..., jnp.array(PROGRESS)], 0, 1)
  return terms.at[..., STUCK].set(jnp.prod(1 - moved, -1))
