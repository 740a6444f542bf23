"""Behaviour cloning: demonstrations' actions from posterior latents."""

import jax
import jax.numpy as jnp
import optax

from dreamer_jax.policy import networks
from dreamer_jax.types import NUM_ACTIONS


def bc_loss(
  logits: jax.Array,
  intent: jax.Array,
  is_first: jax.Array,
  weight: jax.Array,
  label_smoothing: float,
) -> tuple[jax.Array, dict]:
  """Cross-entropy of the next action that the demonstrator meant.

  `intent[t]` led to step t (or would have, had chance not overruled it), so
  the policy at step t answers with `intent[t + 1]`; the last step of the
  window and of an episode answer none. Teaching what was meant, on states that
  chance led to, is what keeps a clone from drifting off the demonstrations
  (Laskey et al., "DART", 2017).

  Args:
    logits: `[B, T, 8]` of the policy at each step.
    intent: `[B, T]` i32.
    is_first: `[B, T]` bool.
    weight: `[B, T]` f32, 0 for steps that are not to be cloned.
    label_smoothing: share of the target spread over all actions.

  Returns:
    nats a step, metrics.
  """
  target, logits = intent[:, 1:], logits[:, :-1]
  weight = weight[:, :-1] * (1.0 - is_first[:, 1:].astype(jnp.float32))
  labels = optax.smooth_labels(
    jax.nn.one_hot(target, NUM_ACTIONS), label_smoothing
  )
  nll = optax.softmax_cross_entropy(logits, labels)
  total = jnp.maximum(weight.sum(), 1.0)
  loss = (nll * weight).sum() / total
  right = (logits.argmax(-1) == target).astype(jnp.float32)
  metrics = {
    "bc_loss": loss,
    "bc_accuracy": (right * weight).sum() / total,
    "bc_nll": -(networks.log_prob(logits, target) * weight).sum() / total,
  }
  return loss, metrics
