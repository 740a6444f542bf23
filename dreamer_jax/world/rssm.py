"""The recurrent state-space model with categorical latents.

Hafner et al., "Mastering Diverse Domains through World Models" (DreamerV3):
a GRU carries `deter`; `stoch` is S one-hot draws of C classes, from the
posterior (deter and token) while observing, from the prior (deter) in dreams.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax import ops
from dreamer_jax.layers import Block, Linear, RMSNorm
from dreamer_jax.types import NUM_ACTIONS


class RSSM(nn.Module):
  """One step of the model; scanning over time is the caller's."""

  deter: int
  stoch: int
  classes: int
  hidden: int
  unimix: float

  def setup(self):
    self.input = Block(self.hidden)
    self.gates = Linear(3 * self.deter)
    self.gates_norm = RMSNorm()
    self.prior_hidden = Block(self.hidden)
    self.prior_logits = Linear(self.stoch * self.classes)
    self.post_deter = Linear(self.hidden)
    self.post_token = Linear(self.hidden)
    self.post_norm = RMSNorm()
    self.post_logits = Linear(self.stoch * self.classes)

  def step(
    self, deter: jax.Array, stoch: jax.Array, action: jax.Array
  ) -> jax.Array:
    """The next deter: `[B, D]`, `[B, S, C]`, `[B]` ids -> `[B, D]`."""
    action = jax.nn.one_hot(action, NUM_ACTIONS)
    x = jnp.concatenate([stoch.reshape(len(stoch), -1), action], -1)
    x = jnp.concatenate([self.input(x), deter], -1)
    reset, candidate, update = jnp.split(self.gates_norm(self.gates(x)), 3, -1)
    candidate = jnp.tanh(nn.sigmoid(reset) * candidate)
    update = nn.sigmoid(update - 1)  # starts by remembering
    return update * candidate + (1 - update) * deter

  def prior(self, deter: jax.Array) -> jax.Array:
    """`[..., D]` -> log-probabilities `[..., S, C]`."""
    return self._logits(self.prior_logits(self.prior_hidden(deter)))

  def project(self, token: jax.Array) -> jax.Array:
    """The token's share of the posterior, for all time steps at once."""
    return self.post_token(token)

  def posterior(self, deter: jax.Array, projected: jax.Array) -> jax.Array:
    """`[..., D]`, `project(token)` -> log-probabilities `[..., S, C]`."""
    x = nn.silu(self.post_norm(self.post_deter(deter) + projected))
    return self._logits(self.post_logits(x))

  def _logits(self, x: jax.Array) -> jax.Array:
    x = x.reshape(*x.shape[:-1], self.stoch, self.classes)
    return ops.unimix(x, self.unimix)
