"""Epochs as updates, and a cosine that ends with the last round."""

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.training import update_budget


def test_epochs_by_hand():
  """2.5 passes over 1,000 steps by 16 a time: 156.25, a dispatch has 10."""
  world = config_lib.change(
    config_lib.WorldModelConfig(),
    {
      "sampling.batch": 2,
      "sampling.length": 8,
      "schedule.log_every": 10,
      "schedule.updates": 40,
      "schedule.refresh_updates": 21,
      "schedule.epochs": 2.5,
      "schedule.refresh_epochs": 0.1,
    },
  )
  assert update_budget.updates(world, 0, 1000) == 160
  assert update_budget.updates(world, 1, 1000) == 10
  world = change(
    world, {"schedule.epochs": None, "schedule.refresh_epochs": None}
  )
  assert update_budget.updates(world, 0, 1000) == 40
  assert update_budget.updates(world, 2, 1000) == 30


def test_decay_covers_all_rounds():
  config = presets.quickstart()
  assert (
    update_budget.with_decay(config, 0).optimizer.decay_updates
    == 2900 + 2 * 600
  )
  config = change(
    config, {"world_model.optimizer.decay": False}
  )  # what else follows the schedule does all the same
  assert (
    update_budget.with_decay(config, 0).optimizer.decay_updates
    == 2900 + 2 * 600
  )


def test_decay_follows_epochs():
  """Rounds of 400, then 400 + 100 and 400 + 200 steps, but 550 fit."""
  config = change(
    presets.debug(),
    {
      "rounds": 3,
      "env.max_steps": 50,
      "data.own.episodes": 1,
      "data.own.curious_episodes": 1,
      "data.capacity": 550,
      "world_model.schedule.epochs": 2.0,
      "world_model.schedule.refresh_epochs": 0.5,
    },
  )
  steps = [2 * 400 / 16, 0.5 * 500 / 16, 0.5 * 550 / 16]  # 50, 15.6, 17.2
  assert (
    update_budget.with_decay(config, 400).optimizer.decay_updates
    == 50 + 16 + 18
  ), steps
