"""The rules of a configuration: each field's domain, and fields together.

All are here or in `domains`. A `Config` is checked where it is made, so that
there is none that breaks a rule: a run must not find out in its third hour that
it cannot go on.
"""

from collections.abc import Callable, Iterator
from typing import Any

from dreamer_jax import domains
from dreamer_jax.errors import UserError

Config = Any  # a `config.Config`; that module imports this one


def validate(config: Config) -> None:
  """Checks a configuration.

  Args:
    config: of a run.

  Raises:
    UserError: a value is not in its field's domain, or some contradict each
      other; the sentence names fields and values, the rule and the remedy.
  """
  for path, domain in domains.fields(type(config)):
    value = domains.get(config, path)
    remedy = domain.remedy(value)
    if remedy:
      raise UserError(f"--config.{path} is {value!r}: {remedy}")
  for rule in TOGETHER:
    for paths, reason in rule(config):
      values = [f"--config.{p} is {domains.get(config, p)!r}" for p in paths]
      raise UserError(f"{' and '.join(values)}: {reason}")


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
  weights = domains.parse_weights(env.start_mix or "")
  if weights and not sum(weights.values()):
    yield ("env.start_mix",), "all weights are 0; give one that is above"


def _world(config: Config) -> Faults:
  network, dreams = config.world_model.network, config.policy.imagination
  if network.deter % network.blocks:
    yield (
      ("world_model.network.deter", "world_model.network.blocks"),
      "blocks are of one size; give a number of blocks that divides deter",
    )
  if network.ensemble < 2:
    curious = config.rounds > 1 and config.data.own.curious_episodes
    wants = {
      "data.own.curious_episodes": (curious, 0),
      "policy.imagination.uncertainty_cap": (dreams.uncertainty_cap, "none"),
      "policy.imagination.explore_scale": (dreams.explore_scale, 0),
    }
    for path, (is_wanted, off) in wants.items():
      if is_wanted:
        yield (
          (path, "world_model.network.ensemble"),
          "doubt is what an ensemble disagrees on; give it 4 members, or leave "
          f"{path} at {off}",
        )


def _policy(config: Config) -> Faults:
  dreams = config.policy.imagination
  if config.policy.actor.algorithm == "grpo" and dreams.branches < 2:
    yield (
      ("policy.imagination.branches",),
      "grpo compares at least 2 dreams of a start; give it 8",
    )
  shares = (
    "policy.imagination.goal_commanded", "policy.imagination.goal_hindsight",
  )  # fmt: skip
  if dreams.goal_commanded + dreams.goal_hindsight > 1 + 1e-6:
    yield (
      shares,
      "they are shares of the dreams; give two whose sum is at most 1",
    )
  dreams_on = config.policy.schedule.updates and dreams.goal_commanded < 1
  if not config.world_model.loss.goal_heads and dreams_on:
    yield (
      ("world_model.loss.goal_heads", shares[0]),
      "without these heads the model knows goal 0 alone, by its badge; also "
      f"give --config.{shares[0]}=1 and goal_hindsight=0",
    )


def _dreams(config: Config) -> Faults:
  c, minibatches = config.policy.imagination, config.policy.actor.minibatches
  if c.context >= c.length:
    yield (
      ("policy.imagination.context", "policy.imagination.length"),
      "dreams start from the steps after the context; give a longer length",
    )
  if c.context > config.world_model.sampling.length - 2:
    yield (
      ("policy.imagination.context", "world_model.sampling.length"),
      "held-out windows are checked from their steps after the context on; "
      "give a context that is shorter than the length by 2 or more",
    )
  rows = c.horizon * c.batch * (c.length - c.context) * c.branches
  if rows % minibatches:
    yield (
      ("policy.actor.minibatches",),
      f"horizon * batch * (length - context) * branches is {rows:,}; give a "
      "number that divides it",
    )
  if config.policy.critic.ground_batch % minibatches:
    yield (
      ("policy.critic.ground_batch", "policy.actor.minibatches"),
      "recorded steps are dealt to the minibatches; give a multiple",
    )


def _evaluation(config: Config) -> Faults:
  if config.evaluate.play_on and config.evaluate.stop_badges:
    yield (
      ("evaluate.play_on", "evaluate.stop_badges"),
      "either a number of badges ends a game or none does; leave one out",
    )


def _replay(config: Config) -> Faults:
  data, again = config.data, config.rounds > 1
  played = {"env.max_steps": data.scripted.demo_episodes > 0 or again,
            "data.own.steps": again}  # fmt: skip
  for who in ("explore", "explorer", "wanderer", "courier"):
    there = domains.get(data.scripted, f"{who}_episodes") > 0
    played[f"data.scripted.{who}_steps"] = there
  learned = (
    "world_model.sampling.length", "policy.imagination.length",
    "policy.cloning.length",
  )  # fmt: skip
  played |= dict.fromkeys(learned, True)
  played = {
    path: (domains.get(config, path) or 0) * is_used
    for path, is_used in played.items()
  }
  longest = max(played, key=lambda name: played[name])
  if data.capacity <= played[longest]:
    yield (
      ("data.capacity", longest),
      "the replay holds whole episodes and windows, and the step that an "
      "episode begins with; give it a larger capacity",
    )


TOGETHER: tuple[Callable[[Config], Faults], ...] = (
  _emulator, _world, _policy, _dreams, _evaluation, _replay,
)  # fmt: skip
