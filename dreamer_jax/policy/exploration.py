"""Curious play: a policy that leans to what the world model does not know.

The doubt is the ensemble's disagreement one imagined step ahead (Sekar et al.
2020, "Planning to Explore via Self-Supervised World Models", with the plan cut
to a step, for the policy knows where to go from there).
"""

import jax
import jax.numpy as jnp

_LEAST = 0.02  # nats: where all actions are as well known, none is favoured


def lean(logits: jax.Array, doubt: jax.Array, curiosity: float) -> jax.Array:
  """Log-probabilities that favour doubtful actions.

  Args:
    logits: `[..., A]` of the policy.
    doubt: `[..., A]` nats, the disagreement after each action.
    curiosity: what a standard deviation of doubt is worth, in nats.

  Returns:
    `[..., A]`, normalised.
  """
  spread = jnp.maximum(doubt.std(-1, keepdims=True), _LEAST)
  above = (doubt - doubt.mean(-1, keepdims=True)) / spread
  return jax.nn.log_softmax(logits + curiosity * above, -1)
