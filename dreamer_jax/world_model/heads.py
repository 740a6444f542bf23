"""Reads reward terms, continue and RAM probes from the latent.

Rewards that depend on history (`new_map`, `stuck`) are not predicted here:
`imagination.rewards` derives them from the map probe and the progress so far.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax.contract import (
  BADGE,
  BATTLE_WIN,
  HP_LOST,
  NUM_TERMS,
  PROBES,
  SPECIES,
  TERMS,
  XP,
)
from dreamer_jax.nn import functions
from dreamer_jax.nn.layers import Block, Linear

# Reward terms that are predicted, and their places; heads bear their names.
EVENTS = {TERMS[i]: i for i in (BADGE, SPECIES, BATTLE_WIN)}  # 0 or 1
AMOUNTS = {TERMS[i]: i for i in (XP, HP_LOST)}  # points
LIKELY = 0.3  # a dreamed event counts from this probability on
BINS = 33
MAX_SYMLOG = 6.5  # 664 points; a step gains or loses less


def amount_bins() -> jax.Array:
  """`[BINS]` in symlog space; amounts are never negative."""
  return jnp.linspace(0.0, MAX_SYMLOG, BINS)


class Heads(nn.Module):
  """All heads, on two shared hidden layers."""

  width: int
  probe_grad: bool
  goals: int = 0  # whose done bits are predicted
  dtype: str = "float32"  # of the hidden layers' products

  @nn.compact
  def __call__(
    self, feat: jax.Array, goal: jax.Array | None = None
  ) -> dict[str, jax.Array]:
    """`[..., F]` -> logits or values by name, `[..., K]` each.

    Args:
      feat: features.
      goal: `[...]` ids; `goal_done` is then of these only, `[...]`, and costs
        next to nothing. Not for learning.
    """
    out = {}
    x = Block(self.width, self.dtype, name="reward_hidden")(feat)
    for name in EVENTS:
      out[name] = Linear(1, name=name)(x)[..., 0]
    for name in AMOUNTS:
      out[name] = Linear(BINS, name=name)(x)
    out["cont"] = Linear(1, name="cont")(x)[..., 0]
    if self.goals:
      done = Linear(self.goals, name="goal_done")
      out["goal_done"] = done(x) if goal is None else self._asked(x, goal)
    probed = feat if self.probe_grad else jax.lax.stop_gradient(feat)
    x = Block(self.width, self.dtype, name="probe_hidden")(probed)
    for name, probe in PROBES.items():
      y = Linear(probe.size, name=f"probe_{name}")(x)
      out[f"probe_{name}"] = y if probe.size > 1 else y[..., 0]
    return out

  def _asked(self, x: jax.Array, goal: jax.Array) -> jax.Array:
    """Of each row the logit of its own goal."""
    done = self.variables["params"]["goal_done"]
    return (x * done["kernel"].T[goal]).sum(-1) + done["bias"][goal]


def expected_amount(logits: jax.Array) -> jax.Array:
  """`[..., BINS]` -> `[...]` points: the mean of what the bins stand for."""
  return jax.nn.softmax(logits, -1) @ functions.symexp(amount_bins())


def expected_terms(out: dict[str, jax.Array]) -> jax.Array:
  """`[..., 7]` expected reward terms; those that need history are zero.

  An event that the model holds for unlikely counts as none: a policy would
  else find the states where many small doubts add up to a reward.
  """
  terms = [jnp.zeros_like(out["cont"])] * NUM_TERMS
  for name, index in EVENTS.items():
    chance = nn.sigmoid(out[name])
    terms[index] = jnp.where(chance > LIKELY, chance, 0.0)
  for name, index in AMOUNTS.items():
    terms[index] = expected_amount(out[name])
  return jnp.stack(terms, -1)
