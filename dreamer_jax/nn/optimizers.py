"""Optimizers: Adam or LaProp behind clipped gradients, and their schedule."""

import functools

import jax
import jax.numpy as jnp
import optax

from dreamer_jax.nn import functions

_B1, _B2 = 0.9, 0.999  # decay of the mean gradient, and of its square


def make(
  rate: float | optax.Schedule,
  *,
  kind: str = "adam",
  clip: float | None = None,
  agc: float | None = None,
  weight_decay: float = 0.0,
) -> optax.GradientTransformation:
  """An optimizer on clipped gradients.

  Args:
    rate: of learning, or its schedule.
    kind: "adam" or "laprop".
    clip: largest global norm of a gradient; None for any.
    agc: largest ratio of a unit's gradient to its weights, in norm; None for
      any.
    weight_decay: of matrices, a share of the rate; apart from the gradient
      (Loshchilov and Hutter 2019).

  """
  parts = []
  if clip:
    parts.append(optax.clip_by_global_norm(clip))
  if agc:
    parts.append(adaptive_clip(agc))
  parts.append(
    laprop() if kind == "laprop" else optax.scale_by_adam(_B1, _B2, eps=1e-7)
  )
  if weight_decay:
    parts.append(optax.add_decayed_weights(weight_decay, _is_matrix))
  return optax.chain(*parts, optax.scale_by_learning_rate(rate))


def laprop() -> optax.GradientTransformation:
  """LaProp (Ziyin et al. 2020): Adam that normalises before it averages.

  `v' = b2 v + (1 - b2) g^2`, `m' = b1 m + (1 - b1) g / sqrt(v' / c2)`, and the
  step is `m' / c1`, with Adam's bias corrections `c`. Each gradient is so
  divided by the scale of its own time; what comes later does not change that.
  """
  return optax.chain(
    optax.scale_by_rms(_B2, eps=1e-15, eps_in_sqrt=False, bias_correction=True),
    optax.ema(_B1, debias=True),
  )


def adaptive_clip(ratio: float) -> optax.GradientTransformation:
  """Adaptive gradient clipping (Brock et al. 2021), unit by unit.

  A unit is a column of a matrix, `[..., in, out]`, or a whole vector. Optax's
  own choice of axes takes blocks of matrices for convolutions.
  """
  is_vector = functools.partial(jax.tree.map, lambda x: x.ndim < 2)
  return optax.chain(
    optax.masked(optax.adaptive_grad_clip(ratio, axis=-2), _is_matrix),
    optax.masked(optax.adaptive_grad_clip(ratio), is_vector),
  )


def cosine(rate: float, warmup: int, total: int | None) -> optax.Schedule:
  """A linear rise, and a cosine down to a tenth.

  Args:
    rate: reached after `warmup` updates.
    warmup: updates of linear rise.
    total: updates, the rise included, after which the rate is a tenth and
      stays there; None for a rate that stays at its height.
  """
  if total is None and not warmup:  # optax would hold it at 0
    return optax.constant_schedule(rate)
  if total is None:
    return optax.schedules.warmup_constant_schedule(0.0, rate, warmup)
  return optax.warmup_cosine_decay_schedule(
    0.0, rate, warmup, max(total, warmup + 1), rate / 10
  )


def apply(
  optimizer: optax.GradientTransformation, grads, state, params
) -> tuple:
  """One step on all devices' gradients: `(params, state)` after it."""
  updates, state = optimizer.update(functions.shared(grads), state, params)
  return optax.apply_updates(params, updates), state


def ema(old, new, fraction: float | jax.Array):
  """Moves `old` towards `new` by `fraction`, leaf by leaf."""
  return jax.tree.map(lambda a, b: a + fraction * (b - a), old, new)


def ema_fraction(updates: jax.Array, decay: float) -> jax.Array:
  """What an average of weights takes of the newest, after `updates` of them.

  `1 - decay` in the end; early on about nine parts in the number of updates,
  so that the untrained weights are soon forgotten.
  """
  return jnp.maximum(1.0 - decay, 9.0 / (10.0 + updates))


def _is_matrix(params) -> dict:
  return jax.tree.map(lambda x: x.ndim >= 2, params)
