"""Optimizers: Adam behind a global-norm clip, with a linear warm-up."""

import jax
import optax


def adam(
  learning_rate: float, clip: float, warmup: int = 0
) -> optax.GradientTransformation:
  """Adam (Kingma and Ba 2015) on clipped gradients.

  Args:
    learning_rate: reached after `warmup` updates.
    clip: largest global norm of a gradient.
    warmup: updates.
  """
  rate = optax.linear_schedule(0.0, learning_rate, warmup) if warmup else None
  return optax.chain(
    optax.clip_by_global_norm(clip),
    optax.adam(learning_rate if rate is None else rate, eps=1e-7),
  )


def apply(
  optimizer: optax.GradientTransformation, grads, state, params
) -> tuple:
  """One step: `(params, state)` after it."""
  updates, state = optimizer.update(grads, state, params)
  return optax.apply_updates(params, updates), state


def ema(old, new, fraction: float):
  """Moves `old` towards `new` by `fraction`, leaf by leaf."""
  return jax.tree.map(lambda a, b: a + fraction * (b - a), old, new)
