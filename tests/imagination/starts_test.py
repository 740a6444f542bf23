"""Tests what a dream pays, as the heads say it, and where dreams start."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import games, presets
from dreamer_jax.config import change
from dreamer_jax.data.collect import collect
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.data.probes import maps_seen, probes
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.imagination import rewards, rollout, starts
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy import surrogate
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.types import Command, Latent, Memory, Progress
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.heads import AMOUNTS, BINS, EVENTS
from dreamer_jax.world_model.loss import unpack_bits
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import make_batch, patterns

SURE = 20.0  # a logit
WEIGHTS = jnp.array([10.0, 2.0, 0.5, 1.0, 0.0, 0.0, 0.0])
SCALE = 20.0


class FakeWorld:
  """Heads whose logits are given: `[H+1, N]` badge, `[H+1, N, K]` goals."""

  def __init__(self, badge, goals=None):
    self._badge, self._goals = badge, goals

  def heads(self, params, features, goal):
    del params
    step = features[0, 0].astype(int)  # all that these features say
    badge = self._badge[step]
    shape = badge.shape
    out = {name: jnp.full(shape, -SURE) for name in EVENTS}
    nothing = jnp.zeros((*shape, BINS)).at[..., 0].set(SURE)
    out |= dict.fromkeys(AMOUNTS, nothing)
    out |= {"badge": badge, "cont": jnp.full(shape, SURE)}
    out["probe_map"] = jnp.zeros((*shape, 256))
    if self._goals is not None:
      out["goal_done"] = self._goals[step][jnp.arange(len(goal)), goal]
    return out


def appraise(world, ids):
  ids = jnp.asarray(ids)
  config = config_lib.change(
    config_lib.PolicyConfig(), {"imagination.goal_scale": SCALE}
  )
  judge = rewards.make_appraisal(world, config, WEIGHTS)
  progress = Progress(jnp.zeros((len(ids), 256)))
  steps = jnp.arange(4.0)[:, None, None]
  features = jnp.broadcast_to(steps, (4, len(ids), 1))
  return judge(None, features, progress, ids)


def logits(*rows):
  """`[H+1, N]` from rows of 0 and 1, a dream each."""
  return SURE * (2.0 * jnp.array(rows).T - 1)


def test_each_dream_is_paid_for_its_own_goal_once():
  """Goal 1 rises twice; goal 2 held at the start; goal 0 is the badge."""
  none = [0, 0, 0, 0]
  badge = logits(none, none, [0, 0, 1, 1])
  goals = jnp.stack(
    [
      logits([0, 1, 1, 1], [0, 1, 1, 1], none),  # the badge's bit is not asked
      logits([0, 1, 0, 1], none, none),
      logits([0, 0, 1, 0], [1, 1, 0, 1], none),
    ],
    -1,
  )
  terms, reward, cont, reached = appraise(FakeWorld(badge, goals), [1, 2, 0])
  np.testing.assert_allclose(
    reached.T, [[1, 0, 0], [0, 0, 0], [0, 1, 0]], atol=1e-5
  )
  np.testing.assert_allclose(
    reward.T, [[SCALE, 0, 0], [0, 0, 0], [0, 10 + SCALE, 0]], atol=1e-3
  )
  np.testing.assert_allclose(cont, 1 - reached, atol=1e-5)
  badges = reached * (jnp.arange(3) == 2)
  np.testing.assert_allclose(terms[..., 0], badges, atol=1e-5)


def test_without_goal_heads_goal_0_is_the_badge():
  badge = logits([0, 0, 1, 1], [1, 1, 0, 0])
  *_, reached = appraise(FakeWorld(badge), [0, 0])
  np.testing.assert_allclose(reached.T, [[0, 1, 0], [0, 0, 0]], atol=1e-5)


def test_branches_of_a_start_share_its_goal():
  config = change(
    presets.debug().policy,
    {
      "imagination.branches": 4,
      "imagination.goal_commanded": 0.3,
      "imagination.goal_hindsight": 0.3,
    },
  )
  batch = make_batch(2, 8)
  batch = batch.replace(
    hindsight=jnp.full((2, 8), 1), feasible=jnp.full((2, 8), 2),
    is_terminal=batch.is_terminal.at[0, 5].set(True),
  )  # fmt: skip
  world = WorldModel(presets.debug().world_model, patterns())
  latents = jax.tree.map(
    lambda x: jnp.zeros((2, 8, *x.shape[1:])), world.initial(1)
  )
  start, progress, command, alive = starts.starts(
    batch, latents, jnp.eye(3, 64), config, jax.random.PRNGKey(0)
  )
  assert start.deter.shape[0] == progress.maps_seen.shape[0] == 2 * 6 * 4
  groups = command.id.reshape(12, 4)
  assert (groups == groups[:, :1]).all() and len(np.unique(groups)) > 1
  embedded = command.embedding.reshape(12, 4, -1)
  assert (embedded == embedded[:, :1]).all()
  expected = np.ones((2, 6, 4))  # a terminal step starts no dream
  expected[0, 3] = 0
  np.testing.assert_array_equal(alive.reshape(2, 6, 4), expected)


def untrained():
  """The debug preset, its world model with parameters, and its policy."""
  config = presets.debug()
  world = WorldModel(config.world_model, patterns())
  params = jax.jit(world.init)(jax.random.PRNGKey(0))
  net = ActorCritic(config.policy)
  dim = world_learner.feat_dim(config.world_model)
  state = policy_learner.init(net, config.policy, dim, 0)
  return config, world, params, net, state


def test_a_dream_ends_where_the_model_is_not_sure():
  """Cut at once by a cap of nothing; doubt is a reward where it is sought."""
  config, world, params, net, state = untrained()
  actor = state.actor
  start = jax.tree.map(jnp.copy, world.initial(2))
  progress = Progress(jnp.zeros((2, 256)))
  command = Command(jnp.zeros(2, int), jnp.zeros((2, 64)))

  def dream(changes=()):
    changed = change(config.policy, dict(changes))
    run = rollout.make_dream(world, changed, jnp.zeros(7))
    policy = functools.partial(net.act, actor)
    key = jax.random.PRNGKey(0)
    return jax.jit(functools.partial(run, params, policy))(
      start, progress, command, key
    )

  plain, cut = dream(), dream({"imagination.uncertainty_cap": 1e-9})
  assert plain.trust.all() and not cut.trust.any()
  assert (surrogate.weights(cut, jnp.ones(2))[1:] == 0).all()
  sought = dream({"imagination.explore_scale": 2.0})
  doubt = world.uncertainty(
    params, sought.feat[1:].reshape(-1, sought.feat.shape[-1])[:, :32]
  )
  np.testing.assert_allclose(
    sought.reward - plain.reward, 2 * doubt.reshape(3, 2), atol=1e-5
  )


@pytest.fixture(name="episode", scope="module")
def fixture_episode():
  """The expert from power-on, through several maps."""
  with VectorEnv(1, num_workers=0, max_steps=400) as env:
    policy = ExpertPolicy(1, games.get("Lantern Isle").players["expert"](0.05))
    played = collect(env, policy, seeds=[1_200_000], source="expert")
    return next(iter(played))


@pytest.mark.parametrize("horizon", [1, 15])
def test_the_progress_context_agrees_with_the_emulator(episode, horizon):
  """A dream that sees the true maps counts as new those that the game did.

  The game counts a map at the second sample of it, and has it in the context
  from then on; a dream counts it at the first.
  """
  ram = episode.decode_ram()
  known = np.asarray(unpack_bits(jnp.asarray(maps_seen(ram))))
  labels = probes(ram)
  counted = episode.terms[:, rewards.NEW_MAP]
  assert counted.sum() >= 3  # the walk does go somewhere
  first = np.flatnonzero(labels["valid"])[0]
  starts = np.arange(first, len(episode) - horizon - 1)
  after = starts + 1 + np.arange(horizon)[:, None]  # [H, N]
  sure = jax.nn.one_hot(labels["map"][after], 256)
  dreamed = rewards.complete_terms(
    jnp.zeros((*after.shape, 7)), sure, Progress(jnp.asarray(known[starts]))
  )[..., rewards.NEW_MAP]
  game = counted[starts + 1] + np.cumsum(counted[after + 1], 0)
  np.testing.assert_array_equal(np.cumsum(dreamed, 0), game)


def test_what_is_remembered_is_what_was_known():
  """Half-precision numbers and drawn classes become latents, as they were."""
  world = WorldModel(presets.debug().world_model, patterns())
  rng = np.random.default_rng(0)
  deter = rng.normal(size=(2, 5, 32)).astype(np.float16)
  drawn = rng.integers(0, 4, (2, 5, 4)).astype(np.uint8)
  batch = make_batch(2, 5).replace(memory=Memory(deter, jnp.asarray(drawn)))
  got = starts.posterior(world, None, batch, None)
  assert got.deter.dtype == got.stoch.dtype == jnp.float32
  np.testing.assert_array_equal(got.deter, deter.astype(np.float32))
  np.testing.assert_array_equal(got.stoch.argmax(-1), drawn)
  assert got.stoch.shape == (2, 5, 4, 4) and (got.stoch.sum(-1) == 1).all()
  assert got.logits.shape == got.stoch.shape  # of a step's latent in all parts


class SumWorld:
  """Filters by sums of what it is told, times its only parameter."""

  def initial(self, batch):
    stoch = jnp.zeros((batch, 1, 1))
    return Latent(jnp.zeros((batch, 1)), stoch, stoch)

  def encode(self, params, tiles):
    return params * tiles[..., 0, :1].astype(jnp.float32)

  def observe(self, params, latent, tokens, action, is_first, rng):
    told = tokens[..., 0] + 100 * action + 1000 * is_first
    noise = jax.random.uniform(rng, told.shape)
    deter = latent.deter[:, None] + params * told[..., None]
    latents = Latent(deter, noise[..., None, None], deter[..., None])
    return latents, jax.tree.map(lambda x: x[:, -1] + 7, latents)


def test_without_a_memory_windows_are_read_anew():
  """From the latent before all play; no gradient goes into the model so."""
  batch, key = make_batch(2, 3), jax.random.PRNGKey(1)
  read = lambda params: starts.posterior(SumWorld(), params, batch, key)
  got = read(2.0)
  told = 2.0 * batch.tiles[..., 0, 0] + 100 * batch.action
  told += 1000 * batch.is_first
  np.testing.assert_allclose(got.deter[..., 0], 2.0 * told)
  noise = jax.random.uniform(key, (2, 3))
  np.testing.assert_array_equal(got.stoch[..., 0, 0], noise)
  total = lambda params: sum(x.sum() for x in jax.tree.leaves(read(params)))
  assert total(3.0) != total(2.0) and jax.grad(total)(2.0) == 0


def begin(batch, latents, **changes):
  named = {f"imagination.{name}": x for name, x in changes.items()}
  config = change(presets.debug().policy, {"cloning.goal_noise": 0.0, **named})
  return starts.starts(
    batch, latents, jnp.eye(64), config, jax.random.PRNGKey(0)
  )


def test_a_start_keeps_what_was_known_at_its_step():
  """Latent, maps, goal and end of `[b, t]` from the context on, in one order.

  Step (b, t) is number 8 b + t: so say its latent, its goal and its maps.
  """
  number = np.arange(16).reshape(2, 8)
  stoch = jnp.zeros((2, 8, 1, 1))
  latents = Latent(jnp.asarray(number, jnp.float32)[..., None], stoch, stoch)
  maps = np.zeros((2, 8, 32), np.uint8)
  np.put_along_axis(
    maps, (number // 8)[..., None], 1 << number[..., None] % 8, 2
  )
  batch = make_batch(2, 8).replace(
    hindsight=jnp.asarray(number), maps_seen=jnp.asarray(maps),
    is_terminal=jnp.asarray(number == 13),
  )  # fmt: skip
  start, progress, command, alive = begin(
    batch, latents, context=3, branches=2, goal_commanded=0.0,
    goal_hindsight=1.0,
  )  # fmt: skip
  want = np.repeat(number[:, 3:].ravel(), 2)
  np.testing.assert_array_equal(start.deter[:, 0], want)
  np.testing.assert_array_equal(command.id, want)
  np.testing.assert_array_equal(command.embedding.argmax(-1), want)
  np.testing.assert_array_equal(progress.maps_seen.argmax(-1), want)
  assert (progress.maps_seen.sum(-1) == 1).all()
  np.testing.assert_array_equal(alive, want != 13)


@pytest.mark.parametrize(
  "commanded, later, ids",
  [(1.0, 0.0, {0}), (0.0, 1.0, {0, 5}), (0.0, 0.0, {9})],
)
def test_dreams_are_told_what_they_are_to_be_told(commanded, later, ids):
  """Where nothing followed, what stands; feasible goals have no such gaps."""
  batch = make_batch(2, 8)
  batch = batch.replace(
    hindsight=jnp.full((2, 8), 5).at[0].set(-1), feasible=jnp.full((2, 8), 9)
  )
  stoch = jnp.zeros((2, 8, 1, 1))
  *_, command, alive = begin(
    batch, Latent(stoch[..., 0], stoch, stoch), branches=1,
    goal_commanded=commanded, goal_hindsight=later,
  )  # fmt: skip
  assert set(np.asarray(command.id).tolist()) == ids and alive.all()
  if ids == {0, 5}:
    np.testing.assert_array_equal(command.id, [0] * 6 + [5] * 6)
