"""Behaviour cloning: alignment, weights, and that it fits what it is shown."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dreamer_jax.config import PolicyConfig, change
from dreamer_jax.policy import behavior_cloning, learner
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Latent, Memory
from tests.world_model.model_test import make_batch


def test_cloning_answers_with_the_action_that_follows():
  """`action[t]` led to t, so step t is taught `action[t + 1]`."""
  action = jnp.array([[0, 3, 5, 0, 2]])
  is_first = jnp.array([[True, False, False, True, False]])
  every = jnp.ones((1, 5))
  right = jax.nn.one_hot(jnp.array([[3, 5, 7, 2, 7]]), 8) * 50
  loss, metrics = behavior_cloning.bc_loss(right, action, is_first, every, 0.0)
  assert metrics["bc_accuracy"] == 1 and loss < 1e-3
  # Step 2 ends its episode: whatever it says weighs nothing.
  gradient = jax.grad(
    lambda x: behavior_cloning.bc_loss(x, action, is_first, every, 0.0)[0]
  )(jnp.zeros((1, 5, 8)))
  assert (gradient[0, 2] == 0).all() and (gradient[0, 4] == 0).all()
  assert (gradient[0, 1] != 0).all()


def test_a_step_that_is_not_to_be_cloned_teaches_nothing():
  action = jnp.array([[0, 3, 5, 1]])
  is_first = jnp.zeros((1, 4), bool)
  weight = jnp.array([[1.0, 0.0, 1.0, 1.0]])
  gradient = jax.grad(
    lambda x: behavior_cloning.bc_loss(x, action, is_first, weight, 0.0)[0]
  )(jnp.zeros((1, 4, 8)))
  taught = (np.asarray(gradient) != 0).any(-1)[0]
  assert taught.tolist() == [True, False, True, False]


def test_ten_sequences_are_learned_by_heart():
  """Ten windows of chance: features tell the step, so all can be right."""
  rng = np.random.default_rng(0)
  feat = jnp.asarray(rng.normal(size=(10, 16, 24)), jnp.float32)
  goal = jnp.asarray(rng.normal(size=(10, 16, 8)), jnp.float32)
  intent = jnp.asarray(rng.integers(0, 8, (10, 16)))
  is_first = jnp.zeros((10, 16), bool).at[:, 0].set(True)
  net = ActorCritic(
    change(PolicyConfig(), {"network.width": 64, "network.goal_dim": 8})
  )
  key, weight = jax.random.PRNGKey(0), jnp.ones((10, 16))
  params, _ = net.init(key, key, feat.shape[-1])
  optimizer = optax.adam(3e-3)

  def loss(params):
    logits = net.logits(params, feat, goal)
    return behavior_cloning.bc_loss(logits, intent, is_first, weight, 0.0)

  def update(carry, _):
    params, opt = carry
    (_, metrics), grads = jax.value_and_grad(loss, has_aux=True)(params)
    step, opt = optimizer.update(grads, opt)
    return (optax.apply_updates(params, step), opt), metrics

  _, metrics = jax.jit(
    lambda p: jax.lax.scan(update, (p, optimizer.init(p)), length=300)
  )(params)
  assert metrics["bc_accuracy"][0] < 0.3
  assert metrics["bc_accuracy"][-1] == 1 and metrics["bc_loss"][-1] < 0.05


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_a_loop(smoothing):
  """Step by step: who is asked, what is wanted, what it costs."""
  rng = np.random.default_rng(0)
  logits = np.asarray(jax.nn.log_softmax(rng.normal(size=(3, 7, 8))))
  intent = rng.integers(0, 8, (3, 7))
  is_first = rng.uniform(size=(3, 7)) < 0.3
  weight = rng.uniform(size=(3, 7))
  loss = nll = right = total = 0.0
  for b in range(3):
    for t in range(6):
      if is_first[b, t + 1]:
        continue  # the episode ended here
      target = np.full(8, smoothing / 8)
      target[intent[b, t + 1]] += 1 - smoothing
      total += weight[b, t]
      loss -= weight[b, t] * (target * logits[b, t]).sum()
      nll -= weight[b, t] * logits[b, t, intent[b, t + 1]]
      right += weight[b, t] * (logits[b, t].argmax() == intent[b, t + 1])
  args = map(jnp.asarray, (logits, intent, is_first, weight))
  got, metrics = behavior_cloning.bc_loss(*args, smoothing)
  np.testing.assert_allclose(got, loss / total, rtol=1e-5)
  np.testing.assert_allclose(metrics["bc_nll"], nll / total, rtol=1e-5)
  np.testing.assert_allclose(metrics["bc_accuracy"], right / total, rtol=1e-5)
  assert (metrics["bc_loss"] == got) and (got == metrics["bc_nll"]) == (
    not smoothing
  )


def test_smoothed_labels_are_where_it_comes_to_rest():
  """0.9 + 0.1 / 8 for the wanted action: nobody is asked to be sure."""
  smooth = np.full(8, 0.1 / 8)
  smooth[3] += 0.9
  logits = jnp.broadcast_to(jnp.log(smooth), (1, 2, 8))
  of = lambda x: behavior_cloning.bc_loss(
    jax.nn.log_softmax(x), jnp.array([[0, 3]]), jnp.zeros((1, 2), bool),
    jnp.ones((1, 2)), 0.1,
  )[0]  # fmt: skip
  np.testing.assert_allclose(of(logits), -(smooth @ np.log(smooth)), rtol=1e-5)
  np.testing.assert_allclose(jax.grad(of)(logits), 0, atol=1e-6)
  assert jax.grad(of)(logits.at[0, 0, 3].add(1.0))[0, 0, 3] > 0.01  # too sure


def test_where_nothing_is_to_be_cloned_nothing_is_lost():
  loss, metrics = behavior_cloning.bc_loss(
    jnp.zeros((2, 4, 8)), jnp.zeros((2, 4), int), jnp.zeros((2, 4), bool),
    jnp.zeros((2, 4)), 0.1,
  )  # fmt: skip
  assert loss == 0 and all(x == 0 for x in metrics.values())


class SmallWorld:
  """Latents of 8 + 2 numbers; all are remembered."""

  def initial(self, batch):
    stoch = jnp.zeros((batch, 1, 2))
    return Latent(jnp.zeros((batch, 8)), stoch, stoch)


GOALS = jnp.eye(3, 64)


def remembered():
  """Four windows of chance; the odd ones can be told a goal in hindsight."""
  rng = np.random.default_rng(0)
  hindsight = np.tile([[-1], [2]], (2, 8))
  memory = Memory(
    rng.normal(size=(4, 8, 8)).astype(np.float16), np.zeros((4, 8, 1), int)
  )
  return make_batch(4, 8).replace(
    hindsight=jnp.asarray(hindsight), memory=memory
  )


@functools.cache
def cloning(commanded):
  config = change(
    PolicyConfig(),
    {
      "network.width": 16, "network.dtype": "float32",
      "cloning.commanded": commanded, "cloning.goal_noise": 0.0,
      "cloning.learning_rate": 3e-2,
    },
  )  # fmt: skip
  net = ActorCritic(config)
  update = behavior_cloning.make_update(
    SmallWorld(), net, config, GOALS, lambda replay, rng: replay
  )
  return net, jax.jit(update), learner.init(net, config, 10, 0)


def test_cloning_moves_the_clone_alone():
  net, update, before = cloning(0.5)
  del net
  after, _ = update(before, None, remembered())
  rest = {"clone": 0, "clone_opt": 0, "rng": 0}
  jax.tree.map(
    np.testing.assert_array_equal,
    before.replace(**rest), after.replace(**rest),
  )  # fmt: skip
  assert (after.rng != before.rng).any()
  moved = jax.tree.map(lambda a, b: (a != b).any(), before.clone, after.clone)
  assert all(jax.tree.leaves(moved))


@pytest.mark.parametrize("commanded", [0.0, 1.0])
def test_windows_are_told_the_goal_that_is_asked_for(commanded):
  """A half has no goal in hindsight, and is told goal 0 in any case."""
  _, update, state = cloning(commanded)
  _, metrics = update(state, None, remembered())
  shares = metrics["bc_default"], metrics["bc_hindsight"]
  assert shares == ((1.0, 0.0) if commanded else (0.5, 0.5))


def test_what_was_meant_is_cloned_and_not_what_was_pressed():
  """Nor does any reward, goal bit or picture have a say."""
  _, update, state = cloning(0.5)
  batch = remembered()
  pressed = batch.replace(
    action=7 - batch.action, terms=batch.terms + 1, tiles=batch.tiles + 1,
    goal=batch.goal + 1, is_terminal=~batch.is_terminal,
  )  # fmt: skip
  meant = batch.replace(intent=7 - batch.intent)
  one, same, other = (
    update(state, None, x)[0].clone for x in (batch, pressed, meant)
  )
  jax.tree.map(np.testing.assert_array_equal, one, same)
  differ = jax.tree.map(lambda a, b: (a != b).any(), one, other)
  assert any(jax.tree.leaves(differ))


def test_updates_learn_a_batch_by_heart():
  """By the latents and the goals that each step is told."""
  net, update, state = cloning(0.0)
  batch = remembered()
  run = lambda s: jax.lax.scan(
    lambda s, _: update(s, None, batch), s, length=200
  )
  state, metrics = jax.jit(run)(state)
  assert metrics["bc_accuracy"][0] < 0.4 and metrics["bc_accuracy"][-1] == 1
  stoch = jax.nn.one_hot(jnp.zeros((4, 8), int), 2)
  feat = jnp.concatenate([batch.memory.deter.astype(np.float32), stoch], -1)
  goal = GOALS[jnp.maximum(batch.hindsight, 0)]
  said = net.logits(state.clone, feat, goal).argmax(-1)
  np.testing.assert_array_equal(said[:, :-1], batch.intent[:, 1:])
