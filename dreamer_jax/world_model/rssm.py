"""The recurrent state-space model with categorical latents.

Hafner et al., "Mastering Diverse Domains through World Models" (DreamerV3):
a GRU carries `deter`; `stoch` is S one-hot draws of C classes, from the
posterior (deter and token) while observing, from the prior (deter) in dreams.
"""

from functools import partial

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax.contract import NUM_ACTIONS
from dreamer_jax.nn import functions
from dreamer_jax.nn.layers import Block, Linear, RMSNorm


class RSSM(nn.Module):
  """One step of the model; scanning over time is the caller's."""

  deter: int
  stoch: int
  classes: int
  hidden: int
  unimix: float
  blocks: int = 1  # of deter's own share of the gates
  dtype: str = "float32"  # of matrix products

  def setup(self):
    linear = partial(Linear, dtype=self.dtype)
    self.input = Block(self.hidden, dtype=self.dtype)
    self.gates_input = linear(3 * self.deter)
    self.gates_deter = linear(3 * self.deter, blocks=self.blocks)
    self.gates_norm = RMSNorm()
    self.prior_hidden = Block(self.hidden, dtype=self.dtype)
    self.prior_logits = linear(self.stoch * self.classes)
    self.post_deter = linear(self.hidden)
    self.post_norm = RMSNorm()
    self.post_logits = linear(self.stoch * self.classes)

  def step(
    self, deter: jax.Array, stoch: jax.Array, action: jax.Array
  ) -> jax.Array:
    """The next deter: `[B, D]`, `[B, S, C]`, `[B]` ids -> `[B, D]`."""
    action = jax.nn.one_hot(action, NUM_ACTIONS)
    x = jnp.concatenate([stoch.reshape(len(stoch), -1), action], -1)
    if self.blocks > 1:  # or the blocks would never hear of each other
      x = jnp.concatenate([x, deter], -1)
    gates = self.gates_input(self.input(x)) + self._recurrent(deter)
    reset, candidate, update = jnp.split(self.gates_norm(gates), 3, -1)
    candidate = jnp.tanh(nn.sigmoid(reset) * candidate)
    update = nn.sigmoid(update - 1)  # starts by remembering
    return update * candidate + (1 - update) * deter

  def prior(self, deter: jax.Array) -> jax.Array:
    """`[..., D]` -> log-probabilities `[..., S, C]`."""
    return self._logits(self.prior_logits(self.prior_hidden(deter)))

  def posterior(self, deter: jax.Array, token: jax.Array) -> jax.Array:
    """`[..., D]`, `[..., hidden]` -> log-probabilities `[..., S, C]`."""
    x = nn.silu(self.post_norm(self.post_deter(deter) + token))
    return self._logits(self.post_logits(x))

  def filter(
    self, deter: jax.Array, stoch: jax.Array, action: jax.Array, token
  ) -> tuple[jax.Array, jax.Array]:
    """The next deter, and the posterior's log-probabilities of its stoch."""
    deter = self.step(deter, stoch, action)
    return deter, self.posterior(deter, token)

  def _recurrent(self, deter: jax.Array) -> jax.Array:
    """Deter's share of the three gates, `[B, 3D]`.

    A block of deter sees itself only (Hafner et al. 2023, block-diagonal
    GRU); what the blocks share passes through `input`.
    """
    gates = self.gates_deter(deter).reshape(len(deter), self.blocks, 3, -1)
    return jnp.swapaxes(gates, 1, 2).reshape(len(deter), -1)

  def _logits(self, x: jax.Array) -> jax.Array:
    x = x.reshape(*x.shape[:-1], self.stoch, self.classes)
    return functions.unimix(x, self.unimix)
