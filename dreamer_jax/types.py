"""The containers that cross module borders, and the letters of their shapes.

Shape letters, used everywhere:
  B batch   T time   H horizon   N imagined rollouts   D deter
  S stochastic variables   C classes of each   F feat = D + S*C
  A actions   G goal embedding   V codebook size   M map ids

Time alignment is Dreamer's: `action[t]` and `terms[t]` led *to* `tiles[t]`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import jax
from flax import struct


@struct.dataclass
class Memory:
  """What the world model knew at steps of a replay, see `replay_latents`."""

  deter: jax.Array  # [..., D] f16
  stoch: jax.Array  # [..., S] u8, the class that was drawn


@struct.dataclass
class Batch:
  """Windows of experience, as sampled from the replay."""

  tiles: jax.Array  # [B, T, 18, 20] i16, codebook ids
  action: jax.Array  # [B, T] i32, led to tiles[:, t]; 0 at is_first
  intent: jax.Array  # [B, T] i32, the action as meant, see `data.episodes`
  is_first: jax.Array  # [B, T] bool, first step of an episode
  is_last: jax.Array  # [B, T] bool
  is_terminal: jax.Array  # [B, T] bool, the episode ended for a reason
  terms: jax.Array  # [B, T, 7] f32, unweighted reward terms
  labels: dict[str, jax.Array]  # [B, T] each: RAM probe targets
  maps_seen: jax.Array  # [B, T, M/8] u8, map ids met so far (bit field)
  goal: jax.Array  # [B, T] i32, goal id that was active
  hindsight: jax.Array  # [B, T] i32, goal id achieved next; -1 for none
  feasible: jax.Array  # [B, T] i32, goal id drawn of those that make sense
  clone: jax.Array  # [B, T] i32, what may be cloned: `imagination.commands`
  goals_done: jax.Array  # [B, T, DONE_BYTES] u8, goals that hold (bit field)
  returns: jax.Array  # [B, T, 2] f32, what really followed under goal 0, and
  #   under `hindsight`; NaN where that is not known: `goals.outcomes`
  weight: jax.Array  # [B] f32, how much each window counts where windows
  #   must count as if drawn uniformly; 1 on average
  memory: Memory | None = None  # [B, T, ...], where the replay has it


@struct.dataclass
class Latent:
  """The RSSM's state: everything that the model carries through time."""

  deter: jax.Array  # [..., D] f32
  stoch: jax.Array  # [..., S, C] f32, one-hot
  logits: jax.Array  # [..., S, C] f32, of the distribution it was drawn from


@struct.dataclass
class Surprises:
  """Windows that the model foresaw badly, kept to be read again."""

  place: jax.Array  # [R] i32, the first step of each; -1: none is kept
  nats: jax.Array  # [R] f32, how badly; 0 where none is


@struct.dataclass
class Streams:
  """Where training reads on: windows follow each other, latents carry over."""

  place: jax.Array  # [B] i32, next step of each stream; -1: begin anywhere
  latent: Latent  # [B, ...] after the step before
  surprises: Surprises | None = None  # where some windows are read again


class Reading(NamedTuple):
  """What streams read in one update."""

  batch: Batch  # [B, T, ...]
  fresh: jax.Array  # [B] bool, began anew
  place: jax.Array  # [B] i32, where each goes on; negative: anywhere
  start: jax.Array  # [B] i32, where each window began
  again: jax.Array  # [B] i32, which of `Surprises` it was; negative: none


@struct.dataclass
class Progress:
  """What rewards depend on but one latent cannot know: the history."""

  maps_seen: jax.Array  # [..., M] f32, 1 = met in this episode


@struct.dataclass
class Command:
  """The goal that the policy is given."""

  id: jax.Array  # [...] i32
  embedding: jax.Array  # [..., G] f32


@struct.dataclass
class Dream:
  """An imagined rollout. Index t = 0 is the start; H actions were taken.

  `reward[t]` and `cont[t]` belong to arriving at step t + 1, that is to
  `action[t]`: `return[t] = reward[t] + gamma * cont[t] * return[t + 1]`.
  """

  feat: jax.Array  # [H+1, N, F], of the dtype of who reads it, and as
  #   `precision.stored` keeps that
  goal: jax.Array  # [N, G] f32
  action: jax.Array  # [H, N] i32
  log_prob: jax.Array  # [H, N] f32, of the behaviour policy
  reward: jax.Array  # [H, N] f32
  cont: jax.Array  # [H, N] f32, probability that the episode goes on
  terms: jax.Array  # [H, N, 7] f32, expected reward terms
  reached: jax.Array  # [H, N] f32, probability that the goal is reached here,
  #   given that it was not before; `cont` has it as an end
  trust: jax.Array  # [H, N] f32, 1 where the state that was arrived at is to
  #   be dreamed on from, 0 where the model is not sure enough


Metrics = dict[str, jax.Array]  # numbers of an update, by name
# sample(replay, rng) -> batch; a replay is the caller's own container
SampleFn = Callable[[Any, jax.Array], Batch]
# read(replay, rng, streams) -> reading
ReadFn = Callable[[Any, jax.Array, Streams], Reading]
# predict(latent, action, rng) -> latent
PredictFn = Callable[[Latent, jax.Array, jax.Array], Latent]
# policy(feat, goal, rng) -> action, log_prob
PolicyFn = Callable[
  [jax.Array, jax.Array, jax.Array], tuple[jax.Array, jax.Array]
]
# Of arriving at each step but the first: terms [H, N, 7], reward, cont, reached
Appraised = tuple[jax.Array, jax.Array, jax.Array, jax.Array]
# reward(feat [H+1, N, F], progress) -> appraised
RewardFn = Callable[[jax.Array, Progress], Appraised]
# appraise(world_params, feat [H+1, N, F], progress, goal id [N]) -> appraised
AppraiseFn = Callable[[dict, jax.Array, Progress, jax.Array], Appraised]


class DreamFn(Protocol):
  """Dreams from start states, under a policy and a command."""

  def __call__(
    self, params: dict, policy: PolicyFn, start: Latent, progress: Progress,
    command: Command, rng: jax.Array,
  ) -> Dream: ...  # fmt: skip


def feat(latent: Latent) -> jax.Array:
  """`[..., F]`: deter and the flattened stoch, side by side."""
  flat = latent.stoch.reshape(*latent.stoch.shape[:-2], -1)
  return jax.numpy.concatenate([latent.deter, flat], -1)
