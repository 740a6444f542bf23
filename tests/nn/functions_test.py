"""Named functions against their definitions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn import functions


def test_symlog_and_back():
  x = jnp.array([-300.0, -1.0, 0.0, 0.5, 664.0])
  np.testing.assert_allclose(
    functions.symexp(functions.symlog(x)), x, rtol=1e-5
  )


def test_two_hot_keeps_the_value():
  bins = jnp.array([0.0, 1.0, 3.0])
  weights = functions.two_hot(jnp.array([0.0, 0.25, 2.0, 3.0, 9.0]), bins)
  np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)
  np.testing.assert_allclose(weights @ bins, [0, 0.25, 2, 3, 3], rtol=1e-6)
  np.testing.assert_allclose(weights[2], [0, 0.5, 0.5], rtol=1e-6)


def test_unimix_has_a_floor():
  log_p = functions.unimix(jnp.array([100.0, 0.0, 0.0, 0.0]), 0.01)
  np.testing.assert_allclose(jnp.exp(log_p).sum(), 1, rtol=1e-6)
  np.testing.assert_allclose(jnp.exp(log_p[1]), 0.0025, rtol=1e-4)


def test_what_is_unlikely_is_left_out():
  """Without the uniform share: 0.9, 0.08, 0.02 and nothing."""
  given = jnp.log(jnp.array([0.9, 0.08, 0.02, 1e-9]))
  mixed = functions.unimix(given, 0.01)
  assert (functions.likely(mixed, 0.0, 0.01) == mixed).all()
  kept = jnp.exp(functions.likely(mixed, 0.05, 0.01))
  np.testing.assert_allclose(kept, [0.9, 0.08, 0, 0], rtol=1e-4)
  np.testing.assert_allclose(
    jnp.exp(functions.likely(mixed, 0.01, 0.01)),
    [0.9, 0.08, 0.02, 0],
    rtol=1e-3,
  )


def test_the_likeliest_stays():
  """Also where it is below the floor, as among many that are alike."""
  even = functions.unimix(jnp.zeros((2, 32)).at[0, 5].set(0.1), 0.01)
  kept = jnp.exp(functions.likely(even, 0.5, 0.01))
  assert (kept[0] > 0).sum() == 1 and kept[0, 5] > 0
  assert (kept[1] > 0).all()  # all are the likeliest


def test_categorical_kl_by_hand():
  p = jnp.log(jnp.array([[0.5, 0.5]]))
  q = jnp.log(jnp.array([[0.75, 0.25]]))
  expected = np.log(2) - np.log(3) / 2
  np.testing.assert_allclose(
    functions.categorical_kl(p, q), expected, rtol=1e-5
  )


def straight_through(rng, logits):
  uniform = jax.random.uniform(rng, logits.shape[:-1])
  return functions.sample_straight_through(uniform, logits)


def gumbel(temperature):
  return lambda rng, logits: functions.sample_gumbel(
    jax.random.gumbel(rng, logits.shape), logits, temperature, 0.3
  )


SAMPLERS = {
  "straight_through": straight_through,
  "gumbel": gumbel(1.0),
  "gumbel_below_floor": gumbel(0.1),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_samples_follow_the_distribution(name):
  logits = jnp.log(jnp.array([0.2, 0.3, 0.5]))
  keys = jax.random.split(jax.random.PRNGKey(0), 4000)
  drawn = jax.vmap(lambda key: SAMPLERS[name](key, logits))(keys)
  np.testing.assert_allclose(drawn.max(-1), 1, atol=1e-6)
  np.testing.assert_allclose(drawn.mean(0), [0.2, 0.3, 0.5], atol=0.03)


def test_straight_through_has_the_gradient_of_the_probabilities():
  logits = jnp.array([0.1, -0.4, 0.9])
  rng, weights = jax.random.PRNGKey(1), jnp.array([1.0, 2.0, 3.0])
  got = jax.grad(lambda x: straight_through(rng, x) @ weights)
  want = jax.grad(lambda x: jax.nn.softmax(x) @ weights)
  np.testing.assert_allclose(got(logits), want(logits), rtol=1e-5)


@pytest.mark.parametrize("draw", [0.0, 0.4999, 0.5001, 1 - 2**-24])
def test_a_draw_at_the_edge_is_still_one_class(draw):
  """Rounding of the sums may not leave a variable without a class."""
  logits = jnp.log(jnp.array([[0.5, 0.25, 0.25 - 1e-7, 1e-7]]))
  hard = functions.sample_straight_through(jnp.array([draw]), logits)
  np.testing.assert_allclose(hard.sum(), 1, atol=1e-5)
  want = {0.0: 0, 0.4999: 0, 0.5001: 1}.get(draw, 3)
  assert hard.argmax() == want


def test_gumbel_falls_back_below_its_floor():
  logits, rng = jnp.array([0.1, -0.4, 0.9]), jax.random.PRNGKey(1)
  weights = jnp.array([1.0, 2.0, 3.0])
  gradient = lambda f: jax.grad(lambda x: f(rng, x) @ weights)(logits)
  low, straight = (
    gradient(SAMPLERS[n]) for n in ("gumbel_below_floor", "straight_through")
  )
  np.testing.assert_allclose(low, straight, rtol=1e-5)
  assert np.abs(gradient(SAMPLERS["gumbel"]) - straight).max() > 1e-3


def test_symlog_is_odd_and_leaves_what_is_small():
  x = jnp.array([1e-3, 0.5, np.e - 1, 664.0])
  np.testing.assert_array_equal(functions.symlog(-x), -functions.symlog(x))
  np.testing.assert_allclose(functions.symlog(x[:1]), x[:1], rtol=1e-3)
  np.testing.assert_allclose(functions.symlog(x[2]), 1.0, rtol=1e-6)
  slope = jax.vmap(jax.grad(functions.symlog))(x)
  np.testing.assert_allclose(slope, 1 / (1 + x), rtol=1e-5)


def two_hot_by_hand(x, bins):
  weights = np.zeros(len(bins))
  x = min(max(x, bins[0]), bins[-1])
  above = int(np.searchsorted(bins, x))
  if bins[above] == x:
    weights[above] = 1
    return weights
  share = (x - bins[above - 1]) / (bins[above] - bins[above - 1])
  weights[above - 1 : above + 1] = 1 - share, share
  return weights


def test_two_hot_is_two_neighbours_in_uneven_bins():
  """Each value between, on, below and above the bins, by search."""
  bins = np.array([-9.0, -1.0, -0.5, 0.0, 0.25, 4.0, 7.0])
  rng = np.random.default_rng(0)
  values = np.concatenate([bins, [-50, 50], rng.uniform(-9, 7, 40)])
  got = functions.two_hot(jnp.asarray(values), jnp.asarray(bins))
  want = [two_hot_by_hand(x, bins) for x in values]
  np.testing.assert_allclose(got, want, atol=1e-5)


def test_unimix_adds_a_share_of_the_uniform():
  logits = jnp.array([[0.3, -1.0, 2.0], [-90.0, 0.0, 90.0]])
  p = jax.nn.softmax(logits)
  for share in (0.0, 0.01, 1.0):
    want = (1 - share) * p + share / 3
    got = jnp.exp(functions.unimix(logits, share))
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-30)
  slope = jax.grad(lambda x: functions.unimix(x, 0.01)[..., 0].sum())(logits)
  assert np.isfinite(slope).all()


def test_a_class_that_was_left_out_is_never_drawn():
  """Neither before, nor between, nor after those that stay."""
  mixed = functions.unimix(jnp.log(jnp.array([0.02, 0.5, 0.02, 0.46])), 0.1)
  kept = functions.likely(mixed, 0.05, 0.1)
  draws = jnp.linspace(0, 1 - 2**-24, 1000)
  drawn = functions.sample_straight_through(
    draws, jnp.broadcast_to(kept, (1000, 4))
  )
  share = np.asarray(drawn.mean(0))
  np.testing.assert_allclose(share, [0, 0.5 / 0.96, 0, 0.46 / 0.96], atol=2e-3)
  assert share[0] == share[2] == 0


def test_a_draw_falls_where_the_probabilities_have_added_up_to_it():
  """Each variable of each row by its own number and its own distribution."""
  rng = np.random.default_rng(0)
  logits, uniform = rng.normal(size=(6, 5, 4)), rng.uniform(size=(6, 5))
  got = functions.sample_straight_through(
    jnp.asarray(uniform), jnp.asarray(logits) + 7.0
  )
  p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
  want = (p.cumsum(-1) <= uniform[..., None]).sum(-1)
  np.testing.assert_array_equal(got.argmax(-1), want)
  assert got.shape == logits.shape and (got.sum(-1) == 1).all()


def test_the_mode_is_the_likeliest_class_and_has_no_gradient():
  logits = jnp.array([[0.0, 2.0, 1.0], [3.0, 3.0, 3.0]])
  np.testing.assert_array_equal(functions.mode(logits), [[0, 1, 0], [1, 0, 0]])
  slope = jax.grad(lambda x: (functions.mode(x) * x[::-1]).sum())(logits)
  np.testing.assert_array_equal(slope, functions.mode(logits)[::-1])


def test_kl_adds_up_over_factors_and_is_of_distributions():
  """Against the sum written out; what is added to all logits is nothing."""
  rng = np.random.default_rng(0)
  p, q = rng.normal(size=(2, 5, 3, 4))
  softmax = lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)
  a, b = softmax(p), softmax(q)
  want = (a * np.log(a / b)).sum((-2, -1))
  kl = lambda *a: functions.categorical_kl(*map(jnp.asarray, a))
  np.testing.assert_allclose(kl(p, q), want, rtol=1e-4)
  np.testing.assert_allclose(kl(p + 5, q - 3), want, rtol=1e-4)
  np.testing.assert_allclose(kl(p, p), 0, atol=1e-6)
  assert (np.abs(kl(p, q) - kl(q, p)) > 1e-3).any()  # it has a direction


def test_entropy_is_between_nothing_and_the_uniforms():
  logits = jnp.array([[5.0, 5, 5, 5], [0, 900, 0, 0], [0, 0, -900, -900]])
  np.testing.assert_allclose(
    functions.entropy(logits), [np.log(4), 0, np.log(2)], atol=1e-5
  )
  # The uniform is its peak: no gradient there, and none that is not a number.
  slope = jax.grad(lambda x: functions.entropy(x).sum())(logits)
  np.testing.assert_allclose(slope, 0, atol=1e-6)


def test_one_device_shares_with_itself():
  tree = {"a": jnp.arange(3.0), "b": (jnp.ones(()),)}
  assert functions.shared(tree) is tree
