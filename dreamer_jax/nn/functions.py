"""Small differentiable functions that have a name in the literature."""

import jax
import jax.numpy as jnp


def symlog(x: jax.Array) -> jax.Array:
  """`sign(x) log(1 + |x|)` (DreamerV3, eq. 9)."""
  return jnp.sign(x) * jnp.log1p(jnp.abs(x))


def symexp(x: jax.Array) -> jax.Array:
  """Inverse of `symlog`."""
  return jnp.sign(x) * jnp.expm1(jnp.abs(x))


def two_hot(x: jax.Array, bins: jax.Array) -> jax.Array:
  """Spreads each value over its two neighbouring bins.

  The weights' dot product with `bins` gives back the value, clipped to the
  range of the bins (DreamerV3, eq. 10).

  Args:
    x: `[...]` values.
    bins: `[K]`, increasing.

  Returns:
    `[..., K]` weights that sum to 1.
  """
  x = jnp.clip(x, bins[0], bins[-1])[..., None]
  width_below = jnp.diff(bins, prepend=bins[0] - 1)
  width_above = jnp.diff(bins, append=bins[-1] + 1)
  rising = 1 - (bins - x) / width_below
  falling = 1 - (x - bins) / width_above
  return jnp.clip(jnp.where(x <= bins, rising, falling), 0, 1)


def unimix(logits: jax.Array, share: float) -> jax.Array:
  """Log-probabilities of `share` uniform + (1 - share) softmax(logits)."""
  probs = jax.nn.softmax(logits, -1)
  probs = (1 - share) * probs + share / logits.shape[-1]
  return jnp.log(probs)


def likely(logits: jax.Array, floor: float, share: float) -> jax.Array:
  """Log-probabilities without a uniform share and without unlikely classes.

  Args:
    logits: `[..., C]` log-probabilities, as `unimix` made them.
    floor: of a class's probability; the likeliest stays whatever it has. With
      0 they are returned as they are.
    share: of the uniform, in them.

  Returns:
    `[..., C]`, not normalised; minus infinity where a class is left out.
  """
  if not floor:
    return logits
  probs = (jnp.exp(logits) - share / logits.shape[-1]) / (1 - share)
  stays = (probs >= floor) | (probs >= probs.max(-1, keepdims=True))
  return jnp.where(stays, jnp.log(jnp.maximum(probs, 1e-8)), -jnp.inf)


def _one_hot_argmax(scores: jax.Array) -> jax.Array:
  return jax.nn.one_hot(scores.argmax(-1), scores.shape[-1])


@jax.custom_jvp
def sample_straight_through(uniform: jax.Array, logits: jax.Array) -> jax.Array:
  """A one-hot sample whose gradient is that of the probabilities.

  Bengio et al. 2013. By inversion, so a variable costs one random number, not
  one a class as with Gumbel's trick: those were a tenth of a dream.

  Args:
    uniform: `[...]` in [0, 1), one draw a variable.
    logits: `[..., C]`, need not be normalised.
  """
  classes = logits.shape[-1]
  mass = jnp.exp(logits - logits.max(-1, keepdims=True))
  below = jnp.tri(classes).T  # a product: XLA's cumulative sums are slow on CPU
  reached = mass.reshape(-1, classes) @ below
  drawn = uniform.reshape(-1, 1) * reached[:, -1:]
  passed = drawn >= reached[:, :-1]  # the last class takes the rest
  index = passed.sum(-1).reshape(uniform.shape)
  return jax.nn.one_hot(index, classes)


@sample_straight_through.defjvp
def _straight_through(primals, tangents):
  uniform, logits = primals
  softmax = lambda x: jax.nn.softmax(x, -1)
  _, change = jax.jvp(softmax, (logits,), (tangents[1],))
  return sample_straight_through(uniform, logits), change


def sample_gumbel(
  noise: jax.Array, logits: jax.Array, temperature: jax.Array, floor: float
) -> jax.Array:
  """A one-hot sample with the Gumbel-softmax gradient (Jang et al. 2017).

  Below `floor` the relaxed gradient explodes, so the straight-through one
  takes over; forward values are one-hot samples in both cases.

  Args:
    noise: `[..., C]`, drawn from the Gumbel distribution.
    logits: `[..., C]`, need not be normalised.
    temperature: of the relaxation.
    floor: the least temperature that is used.
  """
  safe = jnp.maximum(temperature, floor)
  relaxed = jax.nn.softmax((logits + noise) / safe, -1)
  probs = jax.nn.softmax(logits, -1)
  soft = jnp.where(temperature < floor, probs, relaxed)
  hard = _one_hot_argmax(jax.lax.stop_gradient(logits) + noise)
  return hard + soft - jax.lax.stop_gradient(soft)


def mode(logits: jax.Array) -> jax.Array:
  """The most likely class, one-hot; no gradient."""
  return jax.lax.stop_gradient(_one_hot_argmax(logits))


def categorical_kl(logits_p: jax.Array, logits_q: jax.Array) -> jax.Array:
  """`KL(p || q)` in nats of `[..., S, C]` factored categoricals, `[...]`."""
  log_p = jax.nn.log_softmax(logits_p, -1)
  log_q = jax.nn.log_softmax(logits_q, -1)
  return (jnp.exp(log_p) * (log_p - log_q)).sum((-2, -1))


def entropy(logits: jax.Array) -> jax.Array:
  """Entropy in nats over the last axis."""
  log_p = jax.nn.log_softmax(logits, -1)
  return -(jnp.exp(log_p) * log_p).sum(-1)


def shared(tree):
  """The mean over all devices that an update is spread over.

  What a device computes of its own windows, gradients above all, becomes the
  same on each; with one device it is that already.
  """
  axes = tuple(jax.sharding.get_abstract_mesh().manual_axes)
  return jax.lax.pmean(tree, axes) if axes else tree
