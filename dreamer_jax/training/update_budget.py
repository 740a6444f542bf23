"""How many updates the world model gets, where that hangs on its data."""

import dataclasses
import math

from dreamer_jax import config as config_lib


def updates(config: config_lib.World, round_: int, steps: int) -> int:
  """Of the world model in a round, a whole number of dispatches.

  Args:
    config: `epochs`, `refresh_epochs`, and the numbers they stand for.
    round_: 0 for the first.
    steps: in the replay.
  """
  first = round_ == 0
  epochs = config.epochs if first else config.refresh_epochs
  count = config.updates if first else config.refresh_updates
  if epochs > 0:
    count = math.ceil(epochs * steps / (config.batch * config.length))
  return math.ceil(count / config.log_every) * config.log_every


def with_decay(config: config_lib.Config, steps: int) -> config_lib.World:
  """The world model's configuration with `decay_updates` filled in.

  Where it is 0 the cosine ends with the last round. The episodes of later
  rounds are not known yet and taken for as long as they may be.

  Args:
    config: of the run.
    steps: to learn from in the first round.
  """
  world, data = config.world, config.data
  if world.decay_updates:
    return world
  played = data.policy_episodes + data.curious_episodes
  more = played * (data.policy_steps or config.env.max_steps)
  total = sum(
    updates(world, i, min(steps + i * more, data.capacity))
    for i in range(config.rounds)
  )
  return dataclasses.replace(world, decay_updates=total)
