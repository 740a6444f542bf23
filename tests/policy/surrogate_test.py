"""The loss that PPO and GRPO share, on hand-worked cases."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn.functions import unimix
from dreamer_jax.policy import surrogate
from dreamer_jax.policy.surrogate import Restraints, Samples, policy_loss
from dreamer_jax.types import Dream

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


@pytest.mark.parametrize(
  "ratio, advantage, gain, learns",
  [
    (1.5, 1.0, 1.2, False),  # good, and likelier by enough
    (0.5, 1.0, 0.5, True),  # good, and less likely than it was
    (1.5, -1.0, -1.5, True),  # bad, and likelier than it was
    (0.5, -1.0, -0.8, False),  # bad, and less likely by enough
    (1.1, 2.0, 2.2, True),  # within the clip all counts
    (0.9, -2.0, -1.8, True),
  ],
)
def test_clipping_depends_on_the_sign_of_the_advantage(
  ratio, advantage, gain, learns
):
  logits = jnp.full((1, 8), -jnp.log(8.0))
  batch = samples(logits[:, 0] - jnp.log(ratio), [advantage])
  loss = lambda x: policy_loss(x, batch, PLAIN)[0]
  np.testing.assert_allclose(loss(logits), -gain, rtol=1e-5)
  slope = jax.grad(loss)(logits)[0, 0]
  np.testing.assert_allclose(
    slope, -ratio * advantage if learns else 0.0, rtol=1e-5
  )


def chance(count=40, seed=0):
  """Log-probabilities, and rows of a dream by a policy not far from them."""
  rng = np.random.default_rng(seed)
  near = lambda x, by: np.asarray(
    unimix(jnp.asarray(x + by * rng.normal(size=x.shape)), 0.01)
  )
  base = rng.normal(size=(count, 8))
  logits, old, reference = near(base, 0.3), near(base, 0.3), near(base, 0.3)
  action = rng.integers(0, 8, count)
  rows = Samples(
    feat=jnp.zeros((count, 1)), goal=jnp.zeros((count, 1)),
    action=jnp.asarray(action),
    log_prob=jnp.asarray(old[np.arange(count), action]),
    reference=jnp.asarray(reference),
    advantage=jnp.asarray(rng.normal(size=count)), target=jnp.zeros(count),
    weight=jnp.asarray(rng.uniform(size=count)),
  )  # fmt: skip
  return jnp.asarray(logits), rows


def test_the_whole_loss_by_a_loop():
  """All terms at once, row by row in Python; the entropy is below its floor."""
  logits, rows = chance()
  restraints = Restraints(0.2, 0.7, 5.0, 0.3)
  total = gain = entropy = kl = clipped = old = 0.0
  for x, action, before, reference, advantage, weight in zip(
    *map(np.asarray, (logits, rows.action, rows.log_prob, rows.reference,
                      rows.advantage, rows.weight)), strict=True,
  ):  # fmt: skip
    p = np.exp(x)
    ratio = np.exp(x[action] - before)
    least = min(max(ratio, 0.8), 1.2)
    total += weight
    gain += weight * min(ratio * advantage, least * advantage)
    entropy -= weight * (p * x).sum()
    kl += weight * (p * (x - reference)).sum()
    clipped += weight * (not 0.8 <= ratio <= 1.2)
    old += weight * (before - x[action])
  loss, metrics = policy_loss(logits, rows, restraints)
  want = -(gain + 0.7 * entropy - 0.3 * kl) / total
  np.testing.assert_allclose(loss, want, rtol=1e-4)
  for name, value in {
    "entropy": entropy, "kl_to_reference": kl, "clip_share": clipped,
    "kl_to_old": old,
  }.items():  # fmt: skip
    np.testing.assert_allclose(
      metrics[name], value / total, rtol=1e-4, atol=1e-6, err_msg=name
    )
  assert 0.1 < metrics["clip_share"] < 0.9  # both sides were looked at


def test_only_how_weights_relate_counts():
  logits, rows = chance()
  loss = lambda rows: policy_loss(logits, rows, Restraints(0.2, 1.0, 9.0, 1.0))
  twice = rows._replace(weight=2 * rows.weight)
  np.testing.assert_allclose(loss(twice)[0], loss(rows)[0], rtol=1e-5)
  turned = jax.tree.map(lambda x: x[::-1], rows)
  other = policy_loss(logits[::-1], turned, Restraints(0.2, 1.0, 9.0, 1.0))
  np.testing.assert_allclose(other[0], loss(rows)[0], rtol=1e-5)


def test_the_floor_is_of_the_mean_entropy():
  """One state may be sure as long as others are not: ln(8) / 2 above 1."""
  logits = jnp.stack([jnp.full(8, -jnp.log(8.0)), 30.0 * jnp.eye(8)[0]])
  batch = samples(jax.nn.log_softmax(logits)[:, 0], [0.0, 0.0])
  slope = lambda floor: jax.grad(
    lambda x: policy_loss(
      jax.nn.log_softmax(x) + 0 * x, batch, Restraints(0.2, 1.0, floor, 0.0)
    )[0]
  )(logits + 0.01 * jnp.arange(8.0))
  assert (slope(1.0) == 0).all() and np.abs(slope(1.1)).max() > 1e-4


def test_the_reference_is_where_the_pull_ends():
  """No gradient at the reference itself; beside it, back towards it."""
  logits, rows = chance()
  held = rows._replace(advantage=0 * rows.advantage, reference=logits)
  of = lambda x: policy_loss(
    jax.nn.log_softmax(x), held, Restraints(0.2, 0.0, 0.0, 1.0)
  )[0]
  np.testing.assert_allclose(jax.grad(of)(logits), 0, atol=1e-6)
  away = logits.at[:, 3].add(0.5)
  assert of(away) > 0 and (jax.grad(of)(away)[:, 3] > 0).all()


def test_weights_stop_after_an_end_or_a_doubt():
  """A product in a loop: the chance to get to each step, its own end not."""
  rng = np.random.default_rng(0)
  cont, trust = rng.uniform(size=(5, 3)), np.ones((5, 3))
  cont[2, 0], trust[1, 1], alive = 0.0, 0.0, np.array([1.0, 1.0, 0.0])
  none = jnp.zeros(())
  dream = Dream(
    none, none, none, none, none, jnp.asarray(cont), none, none,
    jnp.asarray(trust),
  )  # fmt: skip
  got = surrogate.weights(dream, jnp.asarray(alive))
  for n in range(3):
    here = alive[n]
    for t in range(5):
      np.testing.assert_allclose(got[t, n], here, rtol=1e-5)
      here *= cont[t, n] * trust[t, n]
  assert (got[3:, 0] == 0).all() and (got[2:, 1] == 0).all()
  assert got[2, 0] > 0 and got[1, 1] > 0 and (got[:, 2] == 0).all()


def test_few_dreams_are_not_blown_up():
  """A mean over less than one row in all stays as small as what it is of."""
  x = jnp.array([2.0, 6.0])
  for weight, want in (([1, 1], 4), ([3, 1], 3), ([0.1, 0], 0.2), ([0, 0], 0)):
    got = surrogate.average(x, jnp.asarray(weight, jnp.float32))
    np.testing.assert_allclose(got, want, rtol=1e-6)
