"""Parts of the world model's loss, by hand."""

import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.contract import BADGE, PROBES, SPECIES, XP
from dreamer_jax.data import replay
from dreamer_jax.types import Latent
from dreamer_jax.world_model import heads, loss
from dreamer_jax.world_model.model import WorldModel
from tests.conftest import made
from tests.world_model.model_test import make_batch, patterns

CONFIG = change(
  presets.debug().world_model,
  {"loss.reward_scale": 1.0, "loss.probe_scale": 1.0, "loss.goal_scale": 1.0},
)


def flat(batch):
  """Steps `[N, ...]` of windows `[B, T, ...]`."""
  return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), batch)


def steps(**changes):
  """Two steps; the second is an episode's first."""
  batch = flat(make_batch(1, 2).replace(weight=jnp.ones((1, 2))))
  first = jnp.array([False, True])
  return batch.replace(is_first=first, **changes)


def silent(count=2):
  """Heads that hold everything for as likely."""
  out = {name: jnp.zeros(count) for name in (*heads.EVENTS, "cont")}
  out |= {name: jnp.zeros((count, heads.BINS)) for name in heads.AMOUNTS}
  for name, probe in PROBES.items():
    shape = (count, probe.size) if probe.size > 1 else (count,)
    out[f"probe_{name}"] = jnp.zeros(shape)
  return out


def test_heads_that_know_nothing_pay_the_entropy():
  total, parts = loss.head_loss(silent(), steps(), CONFIG)
  assert parts["badge"] == pytest.approx(np.log(2) / 2)  # one step is a first
  assert parts["xp"] == pytest.approx(np.log(heads.BINS) / 2, rel=1e-5)
  assert parts["cont"] == pytest.approx(np.log(2))
  for name, probe in PROBES.items():
    want = np.log(probe.size) if probe.kind == "class" else 0.0
    assert parts[f"probe_{name}"] == pytest.approx(want, rel=1e-5), name
  assert total == pytest.approx(sum(float(x) for x in parts.values()), rel=1e-5)


def test_heads_learn_what_happened():
  """Downhill is towards a badge that came, its points, and the map."""
  batch = steps()
  terms = batch.terms.at[0, BADGE].set(1.0).at[0, XP].set(60.0)
  labels = {**batch.labels, "map": jnp.array([5, 5])}
  batch = batch.replace(terms=terms, labels=labels)
  grads = jax.grad(lambda out: loss.head_loss(out, batch, CONFIG)[0])(silent())
  assert grads["badge"][0] < 0 < grads["species"][0]
  assert not grads["badge"][1] and not grads["xp"][1].any()
  points = -grads["xp"][0] @ jnp.arange(heads.BINS)
  assert points > 0 and grads["probe_map"][0].argmin() == 5


def test_what_cannot_be_trusted_weighs_nothing():
  batch = steps()
  batch = batch.replace(labels={**batch.labels, "valid": jnp.array([1.0, 0.0])})
  grads = jax.grad(lambda out: loss.head_loss(out, batch, CONFIG)[0])(silent())
  assert grads["probe_x"][0].any() and not grads["probe_x"][1].any()


def test_a_schedule_is_a_line_to_its_end():
  config = change(
    CONFIG,
    {
      "optimizer.decay_updates": 100,
      "loss.free_nats": 1.0,
      "loss.free_nats_end": 0.0,
    },
  )
  at = [float(loss.free_nats(config, jnp.array(n))) for n in (0, 25, 100, 300)]
  np.testing.assert_allclose(at, [1.0, 0.75, 0.0, 0.0])
  unknown = change(config, {"optimizer.decay_updates": 0})
  assert float(loss.free_nats(unknown, jnp.array(50))) == 1.0


class Counting:
  """A world whose latent counts dreamed steps; its prior is what it is told."""

  def __init__(self, logits):
    self._logits = logits

  def predict(self, params, latent, action, rng):
    del params, action, rng
    return Latent(latent.deter + 1, latent.stoch, self._logits)


@pytest.mark.parametrize(("right", "nats"), [(True, 1.0), (False, None)])
def test_overshooting_asks_dreamed_priors_for_posteriors(right, nats):
  """Of a dream that is right only the floor of a nat is left."""
  batch = make_batch(2, 6).replace(is_first=jnp.zeros((2, 6), bool))
  shape = (2, 6, 3, 4)
  best = jax.nn.one_hot(jnp.zeros(shape[:3], int), 4)
  posterior = jax.nn.log_softmax(10 * best)
  latents = Latent(jnp.zeros((2, 6, 8)), jnp.zeros(shape), posterior)
  flat_prior = jnp.full((2, 3, 4), -np.log(4))
  prior = posterior[:, 0] if right else flat_prior
  config = change(
    CONFIG,
    {
      "loss.overshoot_steps": 3,
      "optimizer.decay_updates": 10,
      "loss.overshoot_scale": 1.0,
    },
  )
  run = lambda updates: float(
    loss.overshoot_loss(
      {}, Counting(prior), config, batch, latents, jax.random.PRNGKey(0),
      updates,
    )
  )  # fmt: skip
  for updates in (0, 10):
    got = run(updates)
    assert got == pytest.approx(nats) if nats else got > 3.0


def test_a_dream_is_followed_for_longer_as_training_goes_on():
  """One step at first, all in the end; here the n-th is off by n nats."""
  batch = make_batch(1, 6).replace(is_first=jnp.zeros((1, 6), bool))
  shape = (1, 6, 1, 2)
  posterior = jnp.log(jnp.full(shape, 0.5))
  latents = Latent(jnp.zeros((1, 6, 8)), jnp.zeros(shape), posterior)

  def predict(params, latent, action, rng):
    del params, action, rng
    deter = latent.deter + 1
    # KL of (1/2, 1/2) from (p, 1 - p) is -log(4 p (1 - p)) / 2 = 1 + deter.
    p = (1 - jnp.sqrt(1 - jnp.exp(-2 * (1 + deter[:, :1])))) / 2
    prior = jnp.log(jnp.concatenate([p, 1 - p], -1))[:, None]
    return Latent(deter, latent.stoch, prior)

  config = change(
    CONFIG, {"loss.overshoot_steps": 4, "optimizer.decay_updates": 100}
  )
  world = types.SimpleNamespace(predict=predict)
  run = jax.jit(
    lambda batch, updates: loss.overshoot_loss(
      {}, world, config, batch, latents, jax.random.PRNGKey(0), updates
    )
  )
  got = [float(run(batch, n)) for n in (0, 25, 50, 75, 100, 900)]
  np.testing.assert_allclose(got, [2, 2, 2.5, 3, 3.5, 3.5], rtol=1e-3)
  cut = batch.replace(is_first=jnp.ones((1, 6), bool))
  assert run(cut, 100) == 0  # an episode's beginning cannot be dreamed


def distributions(seed, shape=(2, 3, 4, 5)):
  rng = np.random.default_rng(seed)
  return np.log(rng.dirichlet(0.3 * np.ones(shape[-1]), shape[:-1]) + 1e-6)


def brute_kl(p, q):
  """Nats of each step `[B, T]`, class by class."""
  p, q = (x - np.log(np.exp(x).sum(-1, keepdims=True)) for x in (p, q))
  out = np.zeros(p.shape[:2])
  for b, t, s, c in np.ndindex(*p.shape):
    out[b, t] += np.exp(p[b, t, s, c]) * (p[b, t, s, c] - q[b, t, s, c])
  return out


SCALES = change(CONFIG, {"loss.dyn_scale": 0.7, "loss.rep_scale": 0.2})
WEIGHT = jnp.array([0.5, 1.5])


def test_kl_by_hand():
  """The floor is under a step's sum over variables; windows weigh."""
  posterior, prior = distributions(0), distributions(1)
  each = brute_kl(posterior, prior)
  floor = float(np.median(each))
  nats, metrics, steps = jax.jit(
    lambda p, q: loss.kl_loss(p, q, SCALES, floor, WEIGHT)
  )(jnp.asarray(posterior, jnp.float32), jnp.asarray(prior, jnp.float32))
  np.testing.assert_allclose(steps, each, rtol=1e-4)
  weighed = np.maximum(each, floor) * np.asarray(WEIGHT)[:, None]
  np.testing.assert_allclose(nats, 0.9 * weighed.mean(), rtol=1e-4)
  entropy = lambda log_p: -(np.exp(log_p) * log_p).sum(-1)
  usage = np.log(np.exp(posterior).mean((0, 1)))
  want = {
    "kl": each.mean(), "kl_on_floor": (each < floor).mean(),
    "posterior_entropy": entropy(posterior).sum(-1).mean(),
    "prior_entropy": entropy(prior).sum(-1).mean(),
    "usage_entropy": entropy(usage).sum(),
  }  # fmt: skip
  for name, value in want.items():
    np.testing.assert_allclose(metrics[name], value, rtol=2e-3, err_msg=name)


def test_each_scale_moves_its_own_side_of_the_kl():
  """The gradients are those of the plain KL, scaled; on the floor none."""
  posterior, prior = (
    jnp.asarray(distributions(n), jnp.float32) for n in (0, 1)
  )
  each = brute_kl(posterior, prior)
  floor = np.sort(each.ravel())[1:3].mean()  # two steps are below it

  def gradient(dyn, rep, floor):
    config = change(CONFIG, {"loss.dyn_scale": dyn, "loss.rep_scale": rep})
    run = lambda p, q: loss.kl_loss(p, q, config, floor, WEIGHT)[0]
    return jax.jit(jax.grad(run, (0, 1)))(posterior, prior)

  share = WEIGHT[:, None, None, None] / each.size
  p, q = jnp.exp(posterior), jnp.exp(prior)
  kl = (p * (posterior - prior)).sum(-1, keepdims=True)
  pull = p * (posterior - prior - kl)
  to_posterior, to_prior = gradient(0.0, 0.2, 0.0)
  np.testing.assert_allclose(to_posterior, 0.2 * share * pull, atol=1e-5)
  assert not to_prior.any()
  to_posterior, to_prior = gradient(0.7, 0.0, 0.0)
  np.testing.assert_allclose(to_prior, 0.7 * share * (q - p), atol=1e-5)
  assert not to_posterior.any()
  for grad in gradient(0.7, 0.2, floor):
    np.testing.assert_array_equal(
      np.asarray(grad).any((2, 3)), np.asarray(each) >= floor
    )


def test_cross_entropy_has_the_softmax_gradient():
  rng = np.random.default_rng(0)
  logits = jnp.asarray(5 * rng.normal(size=(2, 3, 7)), jnp.float32)
  ids = jnp.asarray(rng.integers(0, 7, (2, 3)))
  p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
  picked = np.take_along_axis(p, np.asarray(ids)[..., None], -1)[..., 0]
  got = loss.cross_entropy(logits, ids)
  np.testing.assert_allclose(got, -np.log(picked), rtol=1e-4, atol=1e-5)
  grad = jax.grad(lambda x: loss.cross_entropy(x, ids).sum())(logits)
  np.testing.assert_allclose(grad, p - np.eye(7)[ids], atol=1e-5)


def test_an_end_for_a_reason_is_what_cont_predicts():
  """On first steps too; an episode that is cut off goes on."""
  batch = steps(
    is_terminal=jnp.array([True, False]), is_last=jnp.array([True, True])
  )
  out = {**silent(), "cont": jnp.array([2.0, 1.0])}
  nats = loss.head_loss(out, batch, CONFIG)[1]["cont"]
  want = (np.log1p(np.exp(2.0)) + np.log1p(np.exp(-1.0))) / 2
  assert nats == pytest.approx(want, rel=1e-5)


def test_goals_that_hold_are_read_bit_by_bit():
  """Bit 0 of byte 0 is the first goal, as NumPy unpacks little ends."""
  rng = np.random.default_rng(0)
  bits = rng.integers(0, 256, (2, 40)).astype(np.uint8)
  want = np.unpackbits(bits, axis=-1, bitorder="little")
  np.testing.assert_array_equal(loss.unpack_bits(jnp.asarray(bits)), want)
  batch = steps(goals_done=jnp.asarray(bits))
  batch = batch.replace(labels={**batch.labels, "valid": jnp.array([1.0, 0])})
  logits = rng.normal(size=(2, 320))
  out = {**silent(), "goal_done": jnp.asarray(logits, jnp.float32)}
  nats = loss.head_loss(out, batch, CONFIG)[1]["goal_done"]
  wrong = np.log1p(np.exp(np.where(want[0], -1, 1) * logits[0])).sum()
  assert nats == pytest.approx(wrong / 2, rel=1e-5)  # the second is unknown


def test_numbers_are_asked_for_in_tenths():
  batch = steps()
  wanted = jnp.array([0.3, 0.8])
  batch = batch.replace(labels={**batch.labels, "hp_fraction": wanted})
  out = {**silent(), "probe_hp_fraction": jnp.array([0.4, 0.6])}
  nats = loss.head_loss(out, batch, CONFIG)[1]["probe_hp_fraction"]
  assert nats == pytest.approx(10 * (0.01 + 0.04) / 2, rel=1e-4)


@pytest.mark.parametrize("name", ["reward", "probe", "goal"])
def test_a_scale_is_of_its_own_group_only(name):
  out = {**silent(), "goal_done": jnp.zeros((2, 320))}
  config = change(CONFIG, {f"loss.{name}_scale": 3.0})
  total, parts = loss.head_loss(out, steps(), CONFIG)
  scaled, same = loss.head_loss(out, steps(), config)
  assert same == parts
  group = lambda part: {"probe": "probe", "goal": "goal"}.get(
    part.split("_")[0], "reward"
  )
  own = sum(float(x) for part, x in parts.items() if group(part) == name)
  assert scaled - total == pytest.approx(2 * own, rel=1e-4)


def test_frames_are_drawn_once_each_and_evenly():
  draw = jax.jit(
    jax.vmap(lambda key: loss.some_frames(key, 10, 0.3)),
  )(jax.random.split(jax.random.PRNGKey(0), 1000))
  assert draw.shape == (1000, 3)
  assert (np.diff(np.sort(draw, -1), axis=-1) > 0).all()
  share = np.bincount(np.ravel(draw), minlength=10) / 1000
  np.testing.assert_allclose(share, 0.3, atol=0.06)
  alone = loss.some_frames(jax.random.PRNGKey(0), 10, 0.001)
  assert alone.shape == (1,)  # never none


def test_some_frames_are_drawn_before_others():
  """Rare ones are all read; of too many rare ones only those."""
  first = jnp.zeros(10, bool).at[jnp.array([2, 7])].set(True)
  for key in jax.random.split(jax.random.PRNGKey(0), 20):
    drawn = set(loss.some_frames(key, 10, 0.5, first).tolist())
    assert {2, 7} < drawn and len(drawn) == 5
    (one,) = loss.some_frames(key, 10, 0.1, first).tolist()
    assert one in (2, 7)


def test_learner_and_replay_agree_on_what_is_rare():
  """An end, and terms that have a head of their own for an event."""
  terms = jnp.concatenate([jnp.eye(7), jnp.zeros((2, 7))])
  end = jnp.zeros(9, bool).at[8].set(True)
  batch = flat(make_batch(1, 9)).replace(terms=terms, is_terminal=end)
  rare = loss.is_rare(batch)
  assert rare[BADGE] and rare[SPECIES] and rare[8]
  assert not rare[XP] and not rare[7]
  np.testing.assert_array_equal(rare, replay.is_rare(terms, end))


# ---- the whole


WHOLE = change(
  presets.debug().world_model,
  {
    "network.deter": 16, "network.hidden": 16, "latent.sampler": "gumbel",
    "latent.temperature": 2.0, "latent.temperature_decay": 0.5,
    "loss.free_nats": 0.0, "loss.free_nats_end": 0.0, "loss.dyn_scale": 0.7,
    "loss.rep_scale": 0.2, "loss.reward_scale": 3.0, "loss.probe_scale": 0.1,
    "loss.goal_scale": 0.05,
  },
)  # fmt: skip


@pytest.fixture(name="whole", scope="module")
def fixture_whole():
  """A world, its parameters, and `world_loss` of a batch and a key."""
  world = WorldModel(WHOLE, patterns())
  params = made(lambda: world.init(jax.random.PRNGKey(0)))
  run = jax.jit(
    lambda params, batch, start, key: loss.world_loss(
      params, world, WHOLE, batch, key, start
    )
  )
  return world, lambda *args: run(params, *args)


def test_the_whole_is_the_sum_of_its_parts_and_chance_is_its_key(whole):
  world, run = whole
  batch, key = make_batch(2, 4), jax.random.PRNGKey(0)
  nats, (parts, surprise, last) = run(batch, world.initial(2), key)
  assert parts["loss"] == nats
  rewards = [*heads.EVENTS, *heads.AMOUNTS, "cont"]
  want = (0.7 + 0.2) * parts["kl"] + parts["tile"] + parts["ensemble"]
  want += 3.0 * sum(parts[name] for name in rewards)
  want += 0.1 * sum(parts[f"probe_{name}"] for name in PROBES)
  want += 0.05 * parts["goal_done"]
  assert nats == pytest.approx(float(want), rel=1e-5)
  assert surprise.shape == (2,) and last.deter.shape == (2, 16)
  again = run(batch, world.initial(2), key)
  for a, b in zip(
    jax.tree.leaves(again), jax.tree.leaves((nats, (parts, surprise, last))),
    strict=True,
  ):  # fmt: skip
    np.testing.assert_array_equal(a, b)
  assert run(batch, world.initial(2), jax.random.PRNGKey(1))[0] != nats


def test_a_stream_goes_on_where_it_was_only_without_a_first_step(whole):
  world, run = whole
  batch, key = make_batch(2, 4), jax.random.PRNGKey(0)
  start = jax.tree.map(lambda x: x + 0.5, world.initial(2))
  a, b = (run(batch, x, key)[0] for x in (start, world.initial(2)))
  assert a == b  # both windows begin an episode
  batch = batch.replace(is_first=jnp.zeros((2, 4), bool))
  a, b = (run(batch, x, key)[0] for x in (start, world.initial(2)))
  assert a != b


@pytest.mark.parametrize(("updates", "want"), [(0, 2.0), (3, 0.25)])
def test_the_temperature_falls_by_a_factor_an_update(whole, updates, want):
  world, _ = whole
  seen = []

  def observe(*args):
    seen.append(float(args[-1]))
    raise StopIteration

  spy = types.SimpleNamespace(
    observe=observe, initial=world.initial, encode=lambda params, tiles: None
  )
  with pytest.raises(StopIteration):
    loss.world_loss(
      {}, spy, WHOLE, make_batch(2, 4), jax.random.PRNGKey(0), None, updates
    )
  assert seen == [want]
