"""Imagination: the policy acts in the world model, no emulator in sight.

The world and the policy come in as functions, so anything with `predict`
works, a gridworld in a test as well as the RSSM.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax.nn import precision
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


def rising_edge(chance: jax.Array, likely: float) -> jax.Array:
  """When a goal is reached: once in a dream, and never if it held before.

  A probability that wavers must not be paid each time that it comes back, so
  its running maximum `M[t]` over what exceeds `likely` stands for "reached by
  now". The edge is the probability of now, given not before,
  `(M[t] - M[t-1]) / (1 - M[t-1])`: weighed by the chance to get there, which
  falls by `1 - edge` at each step, all edges of a dream add up to `M[H]`, at
  most 1, whether the model is sure at once or over some steps.

  Args:
    chance: `[H+1, N]` that the goal holds, at the start and after each action.
    likely: what is not above this counts as nothing: a policy would else find
      the states where many small doubts add up.

  Returns:
    `[H, N]`, of arriving at each step; 0 throughout where it held at the start.
  """
  so_far = jax.lax.cummax(jnp.where(chance > likely, chance, 0.0))
  before, now = so_far[:-1], so_far[1:]
  edge = (now - before) / jnp.maximum(1 - before, 1e-6)
  return jnp.where(chance[0] > likely, 0.0, edge)


def reward_of(
  terms: jax.Array,
  cont: jax.Array,
  reached: jax.Array,
  weights: jax.Array,
  goal_scale: float,
) -> tuple[jax.Array, jax.Array]:
  """Weighted terms and the goal's edge, which ends the dream.

  Who has reached a goal is given another, which this policy does not know
  yet: what follows is worth 0 to it. To bootstrap from the value under the
  goal that is over would pay for standing where it holds, and a value without
  a goal is one that no emulator ever asks for.

  Args:
    terms: `[H, N, 7]`.
    cont: `[H, N]`, of the world model.
    reached: `[H, N]`, see `rising_edge`.
    weights: `[7]`.
    goal_scale: reward of the edge.

  Returns:
    reward and cont, `[H, N]`.
  """
  return terms @ weights + goal_scale * reached, cont * (1 - reached)


def first_times(terms: jax.Array) -> jax.Array:
  """Lets a badge and a species count once in a dream, and drops the start.

  Within a dream either comes once at most: a catch takes about ten actions. So
  of its probability only what exceeds the largest so far counts, and a doubt
  that lasts for some steps is not paid at each.

  The history before the start is left to the latent. A leader gives a badge
  once, and the gym looks otherwise then. For species one would have to know
  which one is fought, which no probe says; the head learns the chance of a
  *first* catch, so over the histories that were recorded it is right on
  average.

  Args:
    terms: `[H+1, N, 7]`, of the start and of the states arrived at.

  Returns:
    `[H, N, 7]`.
  """
  so_far = jax.lax.cummax(terms[..., :NEW_MAP])  # badge and species
  return terms[1:].at[..., :NEW_MAP].set(jnp.diff(so_far, axis=0))


def complete_terms(
  terms: jax.Array, map_probs: jax.Array, progress: Progress
) -> jax.Array:
  """Adds the terms that depend on history, which travels along the rollout.

  A map counts once the model is more sure of it than not; counting expected
  new maps instead would pay a policy for confusing the model.

  Maps are all the history that is carried, see `first_times` of the rest.

  Args:
    terms: `[H, N, 7]` expected terms; `new_map` and `stuck` are ignored.
    map_probs: `[H, N, M]` of the states arrived at.
    progress: before the first of them.

  Returns:
    `[H, N, 7]` with all terms.
  """

  likely = map_probs > 0.5  # of one at most, and that is `here`
  sure = likely.any(-1)  # [H, N]
  here = (likely * jnp.arange(map_probs.shape[-1])).sum(-1)
  before = jnp.take_along_axis(progress.maps_seen, here.T, -1).T > 0
  # Along one rollout only a few maps are met: compare its steps in pairs.
  same = (here[:, None] == here[None]) & sure[None]  # [H, H, N]
  earlier = jnp.tri(len(here), k=-1, dtype=bool)[..., None]
  met = (same & earlier).any(1)
  new_map = (sure & ~before & ~met).astype(jnp.float32)
  terms = terms.at[..., NEW_MAP].set(new_map)
  moved = jnp.clip(terms[..., jnp.array(PROGRESS)], 0, 1)
  return terms.at[..., STUCK].set(jnp.prod(1 - moved, -1))
