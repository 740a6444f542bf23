"""Pays for dreams: by the model's reward terms, the goal, and the history.

A model says what holds at a step; rewards are of what comes about. So a badge
counts once, a goal when it is reached, and a map when it is new.
"""

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.contract import BADGE, NEW_MAP, PROGRESS, SPECIES, STUCK
from dreamer_jax.imagination.commands import DEFAULT
from dreamer_jax.nn import precision
from dreamer_jax.types import AppraiseFn, Progress
from dreamer_jax.world_model import heads
from dreamer_jax.world_model.model import WorldModel

_ONCE = jnp.array((BADGE, SPECIES))  # what comes once in a dream, at most


def make_appraisal(
  world: WorldModel, config: config_lib.PolicyConfig, weights: jax.Array
) -> AppraiseFn:
  """Makes what judges dreamed states by the model's heads.

  Args:
    world: whose heads are read.
    config: what reaching the goal pays.
    weights: `[7]`, of the reward terms.

  Returns:
    A function of `feat [H+1, N, F]` whose terms `[H, N, 7]`, reward, cont and
    reached `[H, N]` are of arriving at each state but the first.
  """

  def appraise(params, features, progress: Progress, goal_id):
    # A step at a time: all together would not fit a CPU's cache.
    read = lambda x: world.heads(params, precision.read(x), goal_id)
    out = jax.lax.map(read, features)
    arrived = {name: x[1:] for name, x in out.items()}
    maps = jax.nn.softmax(arrived["probe_map"], -1)
    terms = first_times(heads.expected_terms(out))
    terms = complete_terms(terms, maps, progress)
    # Goal 0 is the badge term's event: one head says both.
    chance = jax.nn.sigmoid(out["badge"])
    if "goal_done" in out:
      asked = jax.nn.sigmoid(out["goal_done"])
      chance = jnp.where(goal_id == DEFAULT, chance, asked)
    reached = rising_edge(chance, heads.LIKELY)
    cont = jax.nn.sigmoid(arrived["cont"])
    reward, cont = reward_of(
      terms, cont, reached, weights, config.imagination.goal_scale
    )
    return terms, reward, cont, reached

  return appraise


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
  so_far = jax.lax.cummax(terms[..., _ONCE])
  return terms[1:].at[..., _ONCE].set(jnp.diff(so_far, axis=0))


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
