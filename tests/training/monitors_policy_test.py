"""The policy's monitor: what the model pays for recorded actions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import RewardsConfig, change
from dreamer_jax.training import monitors, validation
from dreamer_jax.training.monitors import PolicyMonitor, Record
from dreamer_jax.types import Latent
from dreamer_jax.world_model.heads import BINS
from tests.imagination.starts_test import SURE, untrained
from tests.world_model.model_test import make_batch

WEIGHTS = jnp.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


class Counter:
  """A world that counts steps, and wins a battle at each even number."""

  def __init__(self, wins=True):
    self._wins = wins

  def predict(self, params, latent, action, rng):
    del params, action, rng
    return latent.replace(deter=latent.deter + 1)

  def heads(self, params, features, goal):
    del params, goal
    count = features[..., 0]
    none = jnp.full(count.shape, -SURE)
    nothing = jnp.zeros((*count.shape, BINS)).at[..., 0].set(SURE)
    won = (count % 2 == 0) & self._wins
    return {
      "badge": none, "species": none, "cont": none + 2 * SURE,
      "battle_win": jnp.where(won, SURE, -SURE),
      "xp": nothing, "hp_lost": nothing,
      "probe_map": jnp.zeros((*count.shape, 256)),
    }  # fmt: skip


def compared(world, batch, **changes):
  config = change(
    presets.debug().policy,
    {
      "imagination.discount": 0.5,
      "imagination.horizon": 3,
      "imagination.context": 2,
      **changes,
    },
  )
  count = jnp.broadcast_to(jnp.arange(8.0), (2, 8))[..., None]
  stoch = jnp.zeros((2, 8, 1, 1))
  compare = validation.make_comparison(world, config, WEIGHTS)
  got = compare(None, batch, Latent(count, stoch, stoch), jax.random.PRNGKey(0))
  return {name: float(value) for name, value in got.items()}


def winning():
  """Windows in which battles are won at even steps, as the counter says."""
  batch = make_batch(2, 8)
  return batch.replace(terms=batch.terms.at[:, ::2, 3].set(1.0))


def test_a_right_model_pays_what_the_game_paid():
  """Starts 2, 3, 4; wins come at odd, even, odd distance: by hand."""
  got = compared(Counter(), winning())
  mean = ((0 + 0.5) + (1 + 0.25) + (0 + 0.5)) / 3
  assert got["real_return"] == pytest.approx(mean, abs=1e-5)
  assert got["model_return"] == pytest.approx(mean, abs=1e-5)
  assert got["model_error"] < 1e-4


def test_a_wrong_model_parts_from_the_game():
  got = compared(Counter(wins=False), winning())
  assert got["real_return"] > 0.7 and abs(got["model_return"]) < 1e-4
  assert got["model_error"] > 0.7


def test_neither_return_crosses_into_the_next_episode():
  batch = winning()
  batch = batch.replace(is_first=batch.is_first.at[:, 4].set(True))
  got = compared(Counter(), batch)
  # Start 2 has step 3 alone, start 3 none, start 4 all of its three.
  assert got["real_return"] == pytest.approx((0 + 0 + 0.5) / 3, abs=1e-5)
  assert got["model_error"] < 1e-4


def test_a_real_badge_is_paid_as_a_dreamed_one():
  """It pays the goal and ends the return: the win after it is lost."""
  batch = winning()
  batch = batch.replace(terms=batch.terms.at[:, 3, 0].set(1.0))
  got = compared(Counter(), batch, **{"imagination.goal_scale": 20.0})
  mean = (20 + (1 + 0.25) + 0.5) / 3  # start 3 is the badge's own step
  assert got["real_return"] == pytest.approx(mean, abs=1e-4)


def test_it_looks_at_policy_and_critic():
  config, world, params, net, state = untrained()
  look = validation.make_look(
    world,
    net,
    config.policy,
    jnp.eye(4, 64),
    jnp.asarray(RewardsConfig().weights),
  )
  windows = jax.tree.map(lambda x: x[None], make_batch(2, 8))
  seen = look(state, params, windows)
  assert {"real_return", "model_return", "model_error", "dream_return",
          "real_explained"} <= set(seen)  # fmt: skip
  assert all(np.isfinite(float(x)) for x in seen.values())


def test_it_looks_at_the_clone():
  """Untrained: no better than chance; without labels there is nothing."""
  config, world, params, net, state = untrained()
  actor = state.actor
  look = validation.make_clone_look(world, net, config.policy, jnp.eye(4, 64))
  batch = make_batch(2, 8)
  batch = batch.replace(
    clone=batch.clone.at[1].set(1), hindsight=batch.hindsight.at[1].set(3)
  )
  windows = jax.tree.map(lambda x: jnp.stack([x, x]), batch)
  seen = look(actor, params, windows)
  for name in ("default", "hindsight"):
    assert float(seen[f"{name}_nll"]) == pytest.approx(np.log(8), abs=0.2)
  windows = windows.replace(clone=jnp.zeros_like(windows.clone))
  assert float(look(actor, params, windows)["default_nll"]) == 0
  watch = monitors.monitor_clone(config.policy, lambda *_: {"x": 1})
  assert watch(actor, params, 2, 4) == {"val_x": 1.0}
  assert monitors.monitor_clone(config.policy, None)(actor, {}, 2, 4) == {}


def watching(record=None, **seen):
  config = change(
    presets.debug().policy,
    {"schedule.check_every": 2, "schedule.log_every": 2, "critic.warmup": 0},
  )
  seen = {"real_return": 1.0, "real_spread": 2.0, "model_return": 1.2, **seen}
  return PolicyMonitor(config, lambda *_: seen, record or Record())


def run(guard, checks):
  for i in range(1, checks + 1):
    metrics = guard(None, {}, 2 * i, 100)
  return metrics


def test_an_alarm_when_model_and_game_part(monkeypatch):
  said, record = [], Record()
  monkeypatch.setattr(
    monitors.logging, "warning", lambda text, *args: said.append(text % args)
  )
  metrics = run(watching(record, model_return=3.0), monitors.CHECKS)
  assert record.alarms == ["gap"] and metrics["alarm"] == 1
  assert metrics["check_model_return"] == 3.0
  run(watching(record, model_return=3.0), 5)
  assert record.alarms == ["gap"] and len(said) == 1  # once in a run
  assert "parts from" in said[0]


def test_no_alarm_by_chance():
  guard = watching()
  assert run(guard, 9)["alarm"] == 0
  guard = watching(model_return=3.0)
  assert run(guard, monitors.CHECKS - 1)["alarm"] == 0


def test_an_alarm_when_the_critic_explains_nothing():
  guard = watching(real_explained=0.49)
  run(guard, monitors.CHECKS)
  assert guard.record.alarms == ["critic"]


def test_an_alarm_when_dreams_pay_what_the_game_does_not(monkeypatch):
  """At once: fresh episodes are judged once a round."""
  said, record = [], Record()
  monkeypatch.setattr(
    monitors.logging, "warning", lambda text, *args: said.append(text % args)
  )
  config = presets.debug().policy
  seen = {"dream_return": 1.9, "real_return": 1.0, "real_spread": 2.0}
  assert monitors.judge_fresh(config, seen, record) == {
    "fresh_dream_return": 1.9, "fresh_real_return": 1.0,
    "fresh_real_spread": 2.0,
  }  # fmt: skip
  assert not record.alarms
  monitors.judge_fresh(config, {**seen, "dream_return": 2.1}, record)
  assert record.alarms == ["fresh"] and "exploits" in said[0]


def test_fresh_episodes_are_judged_by_the_goal_that_they_were_told():
  dreams = validation.commanded(presets.debug().policy).imagination
  assert (dreams.goal_commanded, dreams.goal_hindsight) == (1.0, 0.0)


def test_nothing_is_looked_at_without_held_out_episodes():
  config = presets.debug().policy
  guard = PolicyMonitor(config, None, Record())
  assert guard(None, {}, 2, 4) == {"alarm": 0.0}
