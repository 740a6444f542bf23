"""Optimizers: Adam behind a global-norm clip, and its schedule."""

import jax
import optax


def adam(
  learning_rate: float, clip: float, warmup: int = 0, total: int = 0
) -> optax.GradientTransformation:
  """Adam (Kingma and Ba 2015) on clipped gradients.

  Args:
    learning_rate: reached after `warmup` updates.
    clip: largest global norm of a gradient.
    warmup: updates of linear rise; needs `total`.
    total: updates after which a cosine has brought the rate down to a tenth;
      0 keeps it constant.
  """
  rate = learning_rate
  if total:
    rate = optax.warmup_cosine_decay_schedule(
      0.0, learning_rate, warmup, max(total, warmup + 1), learning_rate / 10
    )
  return optax.chain(
    optax.clip_by_global_norm(clip), optax.adam(rate, eps=1e-7)
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
