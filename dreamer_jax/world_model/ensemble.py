"""What the model does not know: disagreement of an ensemble of priors.

Several small heads predict the next stoch from deter, each from its own share
of the data. Where they learned the same thing they agree; where none learned
anything they differ (Sekar et al. 2020, "Planning to Explore via
Self-Supervised World Models", with discrete latents). The prior's own entropy
cannot tell that from chance, which all of them predict alike.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn

from dreamer_jax.nn import functions
from dreamer_jax.nn.layers import Linear, RMSNorm

_SHARE = 0.5  # of the frames that a member learns from


class Ensemble(nn.Module):
  """K heads, as one block-diagonal layer."""

  members: int
  width: int  # hidden units of a member
  stoch: int
  classes: int
  dtype: str = "float32"  # of the hidden layer's products

  @nn.compact
  def __call__(self, deter: jax.Array) -> jax.Array:
    """`[N, D]` -> log-probabilities `[K, N, S, C]`; no gradient to deter."""
    width = self.members * self.width
    x = Linear(width, dtype=self.dtype, name="hidden")(
      jax.lax.stop_gradient(deter)
    )
    x = x.reshape(-1, self.members, self.width)
    x = nn.silu(RMSNorm(name="norm")(x)).reshape(len(deter), -1)
    outputs = self.members * self.stoch * self.classes
    x = Linear(outputs, blocks=self.members, name="outputs")(x)
    x = x.reshape(len(deter), self.members, self.stoch, self.classes)
    return functions.unimix(jnp.swapaxes(x, 0, 1), 0.01)


def disagreement(logits: jax.Array) -> jax.Array:
  """`[K, N, S, C]` -> `[N]` nats: entropy of the mean over mean entropy.

  The information that knowing the right member would give about stoch, summed
  over its variables.
  """
  mean = jnp.exp(logits).mean(0)
  return (
    functions.entropy(jnp.log(mean)) - functions.entropy(logits).mean(0)
  ).sum(-1)


def ensemble_loss(
  logits: jax.Array, posterior: jax.Array, rng: jax.Array
) -> jax.Array:
  """Cross-entropy `[]` in nats a frame, each member on its own frames.

  Args:
    logits: `[K, N, S, C]`, of the members.
    posterior: `[N, S, C]` log-probabilities; no gradient.
    rng: which frames are whose.
  """
  target = jnp.exp(jax.lax.stop_gradient(posterior))
  nats = -(target * logits).sum((-2, -1))  # [K, N]
  own = jax.random.bernoulli(rng, _SHARE, nats.shape).astype(jnp.float32)
  return ((nats * own).sum(-1) / jnp.maximum(own.sum(-1), 1)).sum()
