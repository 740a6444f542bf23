"""The rules of a configuration: each field's domain, and fields together.

All are here or in `domains`, and are checked before anything is played or
written: a run must not find out in its third hour that it cannot go on.
"""

from collections.abc import Callable, Iterator

from dreamer_jax import domains
from dreamer_jax.config import Config
from dreamer_jax.errors import UserError


def validate(config: Config) -> Config:
  """Checks a configuration.

  Args:
    config: of a run.

  Returns:
    The same.

  Raises:
    UserError: a value is not in its field's domain, or some contradict each
      other; the sentence names fields and values, the rule and the remedy.
  """
  for path, domain in domains.fields(Config):
    value = domains.get(config, path)
    remedy = domain.remedy(value)
    if remedy:
      raise UserError(f"--config.{path} is {value!r}: {remedy}")
  for rule in TOGETHER:
    for paths, reason in rule(config):
      values = [f"--config.{p} is {domains.get(config, p)!r}" for p in paths]
      raise UserError(f"{' and '.join(values)}: {reason}")
  return config


# A rule yields what contradicts each other: fields, and rule with remedy.
Faults = Iterator[tuple[tuple[str, ...], str]]


def _emulator(config: Config) -> Faults:
  env = config.env
  if env.press_frames >= env.action_frames:
    yield (
      ("env.press_frames", "env.action_frames"),
      "a button is released before its action is over; give it fewer frames",
    )
  if env.start_mix and not env.start_states:
    yield (
      ("env.start_mix",),
      "it weighs the states of an archive; give that too, with "
      "--config.env.start_states",
    )
  weights = domains.parse_weights(env.start_mix)
  if weights and not sum(weights.values()):
    yield ("env.start_mix",), "all weights are 0; give one that is above"


def _world(config: Config) -> Faults:
  world, behavior = config.world, config.behavior
  if world.deter % world.blocks:
    yield (
      ("world.deter", "world.blocks"),
      "blocks are of one size; give a number of blocks that divides deter",
    )
  if world.ensemble < 2:
    curious = config.data.curious_episodes
    wants = {
      "data.curious_episodes": config.rounds > 1 and curious,
      "behavior.uncertainty_cap": behavior.uncertainty_cap,
      "behavior.explore_scale": behavior.explore_scale,
    }
    for path, is_wanted in wants.items():
      if is_wanted:
        yield (
          (path, "world.ensemble"),
          "doubt is what an ensemble disagrees on; give it 4 members, or leave "
          f"{path} at 0",
        )


def _policy(config: Config) -> Faults:
  c = config.behavior
  if c.algorithm == "grpo" and c.branches < 2:
    yield (
      ("behavior.branches",),
      "grpo compares at least 2 dreams of a start; give it 8",
    )
  if c.goal_commanded + c.goal_hindsight > 1 + 1e-6:
    yield (
      ("behavior.goal_commanded", "behavior.goal_hindsight"),
      "they are shares of the dreams; give two whose sum is at most 1",
    )
  if not config.world.goal_heads and c.goal_commanded < 1 and c.updates:
    yield (
      ("world.goal_heads", "behavior.goal_commanded"),
      "without these heads the model knows goal 0 alone, by its badge; also "
      "give --config.behavior.goal_commanded=1 and goal_hindsight=0",
    )


def _dreams(config: Config) -> Faults:
  c = config.behavior
  if c.context >= c.length:
    yield (
      ("behavior.context", "behavior.length"),
      "dreams start from the steps after the context; give a longer length",
    )
  if c.context > config.world.length - 2:
    yield (
      ("behavior.context", "world.length"),
      "held-out windows are checked from their steps after the context on; "
      "give a context that is shorter than the length by 2 or more",
    )
  rows = c.horizon * c.batch * (c.length - c.context) * c.branches
  if rows % c.minibatches:
    yield (
      ("behavior.minibatches",),
      f"horizon * batch * (length - context) * branches is {rows:,}; give a "
      "number that divides it",
    )
  if c.ground_batch % c.minibatches:
    yield (
      ("behavior.ground_batch", "behavior.minibatches"),
      "recorded steps are dealt to the minibatches; give a multiple",
    )


def _replay(config: Config) -> Faults:
  data, steps = config.data, config.env.max_steps
  played = {
    "env.max_steps": steps * (data.demo_episodes > 0 or config.rounds > 1),
    "data.explore_steps": data.explore_steps * (data.explore_episodes > 0),
    "data.explorer_steps": data.explorer_steps * (data.explorer_episodes > 0),
    "data.wanderer_steps": data.wanderer_steps * (data.wanderer_episodes > 0),
    "data.courier_steps": data.courier_steps * (data.courier_episodes > 0),
    "data.policy_steps": data.policy_steps * (config.rounds > 1),
    "world.length": config.world.length,
    "behavior.length": config.behavior.length,
    "behavior.bc_length": config.behavior.bc_length,
  }
  longest = max(played, key=lambda name: played[name])
  if data.capacity <= played[longest]:
    yield (
      ("data.capacity", longest),
      "the replay holds whole episodes and windows, and the step that an "
      "episode begins with; give it a larger capacity",
    )


TOGETHER: tuple[Callable[[Config], Faults], ...] = (
  _emulator, _world, _policy, _dreams, _replay,
)  # fmt: skip
