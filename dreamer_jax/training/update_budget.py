"""Counts the world model's updates, where that depends on its data."""

import math

from dreamer_jax import config as config_lib
from dreamer_jax.config import change


def updates(
  config: config_lib.WorldModelConfig, round_: int, steps: int
) -> int:
  """Of the world model in a round, a whole number of dispatches.

  Args:
    config: `epochs`, `refresh_epochs`, and the numbers they stand for.
    round_: 0 for the first.
    steps: in the replay.
  """
  first = round_ == 0
  epochs = config.schedule.epochs if first else config.schedule.refresh_epochs
  count = config.schedule.updates if first else config.schedule.refresh_updates
  if epochs:
    count = math.ceil(
      epochs * steps / (config.sampling.batch * config.sampling.length)
    )
  return (
    math.ceil(count / config.schedule.log_every) * config.schedule.log_every
  )


def with_decay(
  config: config_lib.Config, steps: int
) -> config_lib.WorldModelConfig:
  """The world model's configuration with `decay_updates` filled in.

  Where it is None the cosine ends with the last round. The episodes of later
  rounds are not known yet and taken for as long as they may be.

  Args:
    config: of the run.
    steps: to learn from in the first round.
  """
  world, data = config.world_model, config.data
  if world.optimizer.decay_updates:
    return world
  played = data.own.episodes + data.own.curious_episodes
  more = played * (data.own.steps or config.env.max_steps)
  total = sum(
    updates(world, i, min(steps + i * more, data.capacity))
    for i in range(config.rounds)
  )
  return change(world, {"optimizer.decay_updates": total})
