"""Epochs as updates, and a cosine that ends with the last round."""

import dataclasses

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.training import update_budget


def test_epochs_by_hand():
  """2.5 passes over 1,000 steps by 16 a time: 156.25, a dispatch has 10."""
  world = config_lib.World(
    batch=2, length=8, log_every=10, updates=40, refresh_updates=21,
    epochs=2.5, refresh_epochs=0.1,
  )  # fmt: skip
  assert update_budget.updates(world, 0, 1000) == 160
  assert update_budget.updates(world, 1, 1000) == 10
  world = dataclasses.replace(world, epochs=0.0, refresh_epochs=0.0)
  assert update_budget.updates(world, 0, 1000) == 40
  assert update_budget.updates(world, 2, 1000) == 30


def test_decay_covers_all_rounds():
  config = presets.quickstart()
  assert update_budget.with_decay(config, 0).decay_updates == 2900 + 2 * 600
  config.world.decay = False  # what else follows the schedule does all the same
  assert update_budget.with_decay(config, 0).decay_updates == 2900 + 2 * 600


def test_decay_follows_epochs():
  """Rounds of 400, then 400 + 100 and 400 + 200 steps, but 550 fit."""
  config = presets.debug()
  config.rounds, config.env.max_steps = 3, 50
  config.data.policy_episodes, config.data.curious_episodes = 1, 1
  config.data.capacity = 550
  config.world.epochs, config.world.refresh_epochs = 2.0, 0.5
  steps = [2 * 400 / 16, 0.5 * 500 / 16, 0.5 * 550 / 16]  # 50, 15.6, 17.2
  assert update_budget.with_decay(config, 400).decay_updates == 50 + 16 + 18, (
    steps
  )
