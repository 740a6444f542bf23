"""The loss that PPO and GRPO share, on hand-worked cases."""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax.policy.surrogate import Restraints, Samples, policy_loss

PLAIN = Restraints(0.2, 0.0, 0.0, 0.0)


def samples(log_prob, advantage, reference=None):
  count = len(advantage)
  uniform = jnp.full((count, 8), -jnp.log(8.0))
  return Samples(
    feat=jnp.zeros((count, 1)), goal=jnp.zeros((count, 1)),
    action=jnp.zeros(count, jnp.int32), log_prob=jnp.asarray(log_prob),
    reference=uniform if reference is None else reference,
    advantage=jnp.asarray(advantage), target=jnp.zeros(count),
    weight=jnp.ones(count),
  )  # fmt: skip


def test_at_ratio_one_the_loss_is_the_policy_gradient():
  """Value `-mean(A)`; gradient `-mean(A grad log p)`."""
  logits = jax.nn.log_softmax(jnp.arange(16.0).reshape(2, 8) / 7)
  batch = samples(logits[:, 0], [1.0, -2.0])
  loss = lambda x: policy_loss(x, batch, PLAIN)[0]
  np.testing.assert_allclose(loss(logits), 0.5, rtol=1e-6)
  plain = lambda x: -(x[:, 0] * batch.advantage).mean()
  np.testing.assert_allclose(
    jax.grad(loss)(logits), jax.grad(plain)(logits), rtol=1e-6
  )


def test_clip_stops_gains_but_not_losses():
  """Ratio 2, clip 0.2: a good action pays 1.2, a bad one costs 2."""
  logits = jnp.full((2, 8), -jnp.log(8.0))
  batch = samples(logits[:, 0] - jnp.log(2.0), [1.0, -1.0])
  loss = lambda x: policy_loss(x, batch, PLAIN)[0]
  np.testing.assert_allclose(loss(logits), -(1.2 - 2.0) / 2, rtol=1e-6)
  gradient = jax.grad(loss)(logits)
  assert gradient[0, 0] == 0 and gradient[1, 0] > 0


def test_good_actions_become_likelier():
  """The sign of the advantage: descending the loss raises log p."""
  logits = jnp.full((1, 8), -jnp.log(8.0))
  batch = samples(logits[:, 0], [1.0])
  gradient = jax.grad(lambda x: policy_loss(x, batch, PLAIN)[0])
  assert gradient(logits)[0, 0] < 0


def test_kl_pulls_to_the_reference():
  """KL of (1/2, 1/2) from (3/4, 1/4) = ln(2) - ln(3) / 2, by hand."""
  off = -1e9
  two = lambda p: jnp.array([[np.log(p), np.log(1 - p), *[off] * 6]])
  batch = samples(two(0.5)[:, 0], [0.0], reference=two(0.75))
  loss, metrics = policy_loss(two(0.5), batch, PLAIN._replace(kl_scale=1.0))
  expected = np.log(2) - np.log(3) / 2
  np.testing.assert_allclose(loss, expected, rtol=1e-5)
  np.testing.assert_allclose(metrics["kl_to_reference"], expected, rtol=1e-5)


def test_dead_steps_teach_nothing():
  logits = jnp.full((2, 8), -jnp.log(8.0))
  batch = samples(logits[:, 0], [1.0, 1.0])._replace(
    weight=jnp.array([1.0, 0.0])
  )
  gradient = jax.grad(lambda x: policy_loss(x, batch, PLAIN)[0])
  np.testing.assert_array_equal(gradient(logits)[1], 0)


def test_entropy_pays_below_its_floor_only():
  """Uniform over 8 has ln(8) = 2.08 nats; the bonus is a hinge."""
  logits = jnp.full((2, 8), -jnp.log(8.0))
  batch = samples(logits[:, 0], [0.0, 0.0])
  loss = lambda floor: policy_loss(
    logits, batch, Restraints(0.2, 2.0, floor, 0)
  )[0]
  np.testing.assert_allclose(loss(1.0), -2.0, rtol=1e-6)
  np.testing.assert_allclose(loss(3.0), -2.0 * np.log(8), rtol=1e-6)

  def slope(floor):
    tilted = jax.nn.log_softmax(jnp.arange(16.0).reshape(2, 8) / 7)
    of = lambda x: policy_loss(
      jax.nn.log_softmax(x), batch._replace(log_prob=tilted[:, 0]),
      Restraints(0.2, 2.0, floor, 0.0),
    )[0]  # fmt: skip
    return jax.grad(of)(tilted)

  assert (slope(0.5) == 0).all() and (slope(3.0) != 0).any()
