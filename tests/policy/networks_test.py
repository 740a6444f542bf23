"""The two networks: what they begin with, hear, and mean by their numbers."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.nn import functions, precision
from dreamer_jax.policy import networks
from dreamer_jax.policy.networks import ActorCritic

DIM, GOAL = 6, 4


def config_of(changes=()):
  small = {"network.width": 16, "network.goal_dim": GOAL}
  return change(presets.debug().policy, {**small, **dict(changes)})


def fresh(changes=()):
  net = ActorCritic(config_of(changes))
  keys = jax.random.split(jax.random.PRNGKey(0))
  return net, *net.init(*keys, DIM)


@functools.cache
def loud(*changes):
  """The networks, with large weights everywhere, the last layers too."""
  net = ActorCritic(config_of(changes))
  keys = jax.random.split(jax.random.PRNGKey(0))
  rng = np.random.default_rng(1)
  fill = lambda x: jnp.asarray(rng.normal(size=x.shape), jnp.float32)
  shapes = jax.eval_shape(lambda: net.init(*keys, DIM))
  return net, *jax.tree.map(fill, shapes)


def normal(seed, *shape):
  rng = np.random.default_rng(seed)
  return jnp.asarray(rng.normal(size=shape), jnp.float32)


def test_bins_are_even_in_symlog():
  """Five: 0, +-(e^3 - 1), +-(e^6 - 1)."""
  ends = [np.e**3 - 1, np.e**6 - 1]
  np.testing.assert_allclose(
    networks.value_bins(5), [-ends[1], -ends[0], 0, *ends], rtol=1e-5
  )
  bins = networks.value_bins(97)
  np.testing.assert_allclose(bins, -bins[::-1], atol=1e-3)
  assert bins[48] == 0 and (np.diff(bins) > 0).all()
  assert 0.1 < bins[49] < 0.2 and bins[-1] > 400


@pytest.mark.parametrize("value", [0.004, 0.5, 1.0, 29.0, 110.0])
def test_what_two_bins_hold_is_read_back(value):
  """As the target's weights were learned to the letter; so with a minus."""
  values = jnp.array([value, -value])
  weights = functions.two_hot(values, networks.value_bins(97))
  assert ((weights > 0).sum(-1) <= 2).all()
  got = networks.expected_value(jnp.log(weights))
  np.testing.assert_allclose(got, values, rtol=1e-4)


def test_what_is_beyond_the_bins_is_their_end():
  weights = functions.two_hot(jnp.array([-1e4, 1e4]), networks.value_bins(97))
  got = networks.expected_value(jnp.log(weights))
  np.testing.assert_allclose(got, [1 - np.exp(6), np.exp(6) - 1], rtol=1e-4)


def test_a_value_is_the_mean_of_its_bins_by_hand():
  """A quarter at 0 and three quarters at e^3 - 1, however it is shifted."""
  logits = jnp.log(jnp.array([0.0, 0.0, 0.25, 0.75, 0.0]))
  for shift in (0.0, 3.0):
    got = networks.expected_value(logits + shift)
    np.testing.assert_allclose(got, 0.75 * (np.e**3 - 1), rtol=1e-5)


def test_a_critic_without_bins_says_one_number():
  """In units of ten rewards."""
  net, _, critic = loud(("critic.bins", None))
  feat, goal = normal(0, 3, DIM), normal(1, 3, GOAL)
  raw = net.value_logits(critic, feat, goal)
  assert raw.shape == (3, 1)
  got = net.value(critic, feat, goal)
  assert got.shape == (3,)
  np.testing.assert_allclose(got, 10.0 * raw[:, 0], rtol=1e-6)


@pytest.mark.parametrize("bins", [None, 97])
def test_a_fresh_critic_says_nothing_and_a_fresh_actor_chooses_nothing(bins):
  net, actor, critic = fresh({"critic.bins": bins})
  feat, goal = 10 * normal(0, 3, DIM), normal(1, 3, GOAL)
  np.testing.assert_allclose(net.value(critic, feat, goal), 0, atol=1e-4)
  p = jnp.exp(net.logits(actor, feat, goal))
  np.testing.assert_allclose(p, 1 / 8, rtol=0.1)
  assert (p != 1 / 8).any()  # and yet it has something to start from


@pytest.mark.parametrize("share", [0.01, 0.2])
def test_no_action_is_ever_impossible(share):
  """A policy that is sure keeps `share / 8` for each of the others."""
  net, actor, _ = loud(("network.unimix", share))
  actor = jax.tree.map(lambda x: 30 * x, actor)
  logits = net.logits(actor, normal(0, 9, DIM), normal(1, 9, GOAL))
  p = np.asarray(jnp.exp(logits))
  np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-5)
  np.testing.assert_allclose(p.min(), share / 8, rtol=1e-4)
  np.testing.assert_allclose(p.max(), 1 - 7 / 8 * share, rtol=1e-4)


def test_the_goal_is_heard_beside_many_features():
  """Embeddings of unit length are made as loud as latents of order 1."""
  feat, goal = normal(0, 2, DIM), normal(1, 2, GOAL)
  got = networks.inputs(feat, goal)
  np.testing.assert_array_equal(got[:, :DIM], feat)
  np.testing.assert_allclose(got[:, DIM:], 8.0 * goal, rtol=1e-6)
  unit = jnp.ones(64) / 8.0  # of length 1
  loudness = networks.inputs(jnp.zeros(1), unit)[1:]
  np.testing.assert_allclose(loudness, 1.0, rtol=1e-6)


def test_a_goal_is_told_at_every_step_and_to_its_own_row():
  """`[G]` and `[N, G]` over `[H, N, F]` are what they are row by row."""
  feat, goals = normal(0, 3, 2, DIM), normal(1, 2, GOAL)
  of_rows = networks.inputs(feat, goals)
  of_one = networks.inputs(feat, goals[1])
  for t in range(3):
    for n in range(2):
      want = networks.inputs(feat[t, n], goals[n])
      np.testing.assert_array_equal(of_rows[t, n], want)
  np.testing.assert_array_equal(of_one[:, 1], of_rows[:, 1])


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_features_are_read_as_they_are_kept(dtype):
  """Bit patterns of a dream are numbers here, and goals go along with them."""
  feat, goal = normal(0, 3, DIM).astype(dtype), normal(1, 3, GOAL)
  got = networks.inputs(precision.stored(feat), goal)
  assert got.dtype == feat.dtype
  np.testing.assert_array_equal(got, networks.inputs(feat, goal))
  np.testing.assert_array_equal(got[:, :DIM], feat)
  np.testing.assert_array_equal(got[:, DIM:], (8 * goal).astype(dtype))


def test_another_goal_is_another_policy_and_another_value():
  net, actor, critic = loud()
  feat, goals = normal(0, 1, DIM), normal(1, 3, GOAL)
  told = lambda f: f(jnp.broadcast_to(feat, (3, DIM)), goals)
  logits = told(lambda *a: net.logits(actor, *a))
  value = told(lambda *a: net.value(critic, *a))
  for i, j in ((0, 1), (0, 2), (1, 2)):
    assert np.abs(logits[i] - logits[j]).max() > 1e-3
    assert np.abs(value[i] - value[j]) > 1e-3
  # A row hears its own goal alone.
  np.testing.assert_allclose(
    net.logits(actor, feat[0], goals[2]), logits[2], rtol=1e-4
  )


def test_narrow_products_say_nearly_the_same():
  wide, *both = loud()
  narrow = ActorCritic(config_of({"network.dtype": "bfloat16"}))
  feat, goal = normal(0, 9, DIM), normal(1, 9, GOAL)
  actor, critic = jax.tree.map(lambda x: 0.3 * x, both)
  for params, ask in ((actor, "logits"), (critic, "value_logits")):
    a, b = (getattr(n, ask)(params, feat, goal) for n in (wide, narrow))
    assert b.dtype == jnp.float32 and (a != b).any()
    np.testing.assert_allclose(a, b, atol=0.05)


def test_each_network_has_a_chance_of_its_own():
  """The critic's hidden layers are not the actor's, nor another seed's."""
  net, actor, critic = fresh()
  kernel = lambda tree: tree["Block_0"]["Linear_0"]["kernel"]
  assert kernel(actor).shape == kernel(critic).shape == (DIM + GOAL, 16)
  assert np.abs(kernel(actor) - kernel(critic)).min() > 0
  again, _ = net.init(*jax.random.split(jax.random.PRNGKey(0)), DIM)
  jax.tree.map(np.testing.assert_array_equal, again, actor)
  other, _ = net.init(*jax.random.split(jax.random.PRNGKey(1)), DIM)
  assert np.abs(kernel(actor) - kernel(other)).min() > 0


def test_a_log_probability_is_that_of_the_action_of_its_row():
  logits = normal(0, 2, 3, 8)
  action = jnp.array([[0, 7, 3], [5, 5, 1]])
  got = networks.log_prob(logits, action)
  for b in range(2):
    for t in range(3):
      assert got[b, t] == logits[b, t, action[b, t]]


def test_actions_are_drawn_as_often_as_they_are_likely():
  """What comes with an action is its own log-probability."""
  net, actor, _ = loud()
  actor = jax.tree.map(lambda x: 0.3 * x, actor)
  feat, goal = normal(0, 1, DIM), normal(1, 1, GOAL)
  many = lambda x: jnp.broadcast_to(x, (4000, x.shape[-1]))
  action, log_prob = net.act(
    actor, many(feat), many(goal), jax.random.PRNGKey(3)
  )
  logits = net.logits(actor, feat, goal)[0]
  share = np.bincount(action, minlength=8) / 4000
  np.testing.assert_allclose(share, jnp.exp(logits), atol=0.03)
  assert np.exp(logits).max() > 0.2  # not uniform, or this says little
  np.testing.assert_allclose(log_prob, logits[action], rtol=1e-4, atol=1e-5)
