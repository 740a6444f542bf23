"""Watches the policy learn: does the dream still pay what the game paid?

A clone is judged by what held-out players meant.

On held-out episodes, the return of their recorded actions is known, and the
model dreams those same actions from the same starts: where the two part, the
policy is learning in a game that is not there. The critic is judged by
what really followed steps that it never learned from: against dreams, whose
ends it values itself, it may explain 96 % and be false.

Recorded actions are not those that the policy would choose. So its own fresh
episodes, before anything is learned from them, are dreamed too: by the same
policy from the same starts. What the dream pays and the game did not is what
it has found to exploit.
"""

from collections.abc import Callable

from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax.policy.learner import BehaviorState
from dreamer_jax.training.world_monitor import Record, is_due

PART = 0.5  # of the recorded returns' spread: the model's mean is off by more
CREDIBLE = 0.5  # share of real returns' variance that a critic must explain
CHECKS = 3  # in a row until an alarm

ADVICE = {
  "gap": "the model's return of recorded actions parts from what the game "
  "paid: train the world model for longer, or shorten "
  "--config.behavior.horizon",
  "fresh": "dreams pay the policy more than the game paid it from the same "
  "starts: it exploits the model. Raise --config.behavior.kl_scale, or "
  "collect more of its play with --config.data.policy_episodes",
  "critic": "the critic explains less than half of how returns differ that "
  "really followed, on held-out episodes: raise --config.behavior."
  "ground_updates or ground_scale, or use the algorithm grpo",
}


class Guard:
  """Called after every dispatch of the policy phase."""

  def __init__(
    self,
    config: config_lib.Behavior,
    look: Callable[[BehaviorState, dict], dict] | None,
    record: Record,
  ):
    """Takes over from `record`.

    Args:
      config: whose `check_every` matters.
      look: `(state, weights) -> metrics`, see `make_look`; None without any
        held-out episodes.
      record: of the run so far; goes on in place.
    """
    self._config = config
    self._look = look if config.check_every else None
    self.record = record

  def __call__(
    self, state: BehaviorState, weights: dict, done: int, total: int
  ) -> dict[str, float]:
    """Looks now and then, and warns; returns `check_*` metrics and `alarm`.

    Args:
      state: the policy's.
      weights: the world model's.
      done: updates of this phase, this dispatch's included ...
      total: ... of so many.
    """
    c, more = self._config, {}
    if self._look is not None and is_due(
      done, total, c.check_every, c.log_every
    ):
      seen = {k: float(v) for k, v in self._look(state, weights).items()}
      gap = abs(seen["model_return"] - seen["real_return"])
      signs = {"gap": gap > _spread(c, seen)}
      if "real_explained" in seen and done > c.critic_warmup:
        signs["critic"] = seen["real_explained"] < CREDIBLE
      for name, is_there in signs.items():
        if self.record.is_alarm(name, is_there, CHECKS):
          logging.warning("alarm: %s", ADVICE[name])
      more = {f"check_{name}": value for name, value in seen.items()}
    return {**more, "alarm": float(len(self.record.alarms))}


def judge_fresh(
  config: config_lib.Behavior, seen: dict[str, float], record: Record
) -> dict[str, float]:
  """Warns where dreams promised more than the game paid; `fresh_*` metrics.

  Args:
    config: of the policy.
    seen: what `make_look` of `commanded(config)` says of its fresh episodes.
    record: of the run; its alarms grow.
  """
  gap = seen["dream_return"] - seen["real_return"]
  if record.is_alarm("fresh", gap > _spread(config, seen), 1):
    logging.warning("alarm: %s", ADVICE["fresh"])
  return {f"fresh_{name}": value for name, value in seen.items()}


def _spread(config: config_lib.Behavior, seen: dict[str, float]) -> float:
  """How far returns may part before it is an alarm."""
  return PART * max(seen["real_spread"], config.return_floor)


def watch_clone(
  config: config_lib.Behavior, look: Callable[[dict, dict], dict] | None
) -> Callable[[dict, dict, int, int], dict[str, float]]:
  """Called after every dispatch of cloning: `val_*` metrics now and then.

  Args:
    config: whose `check_every` matters.
    look: `(actor, weights) -> metrics`, see `make_clone_look`; None without
      any held-out episodes.

  Returns:
    `(actor, weights, done, total) -> metrics`, as `Guard` is called.
  """

  def watch(actor: dict, weights: dict, done: int, total: int) -> dict:
    every = config.check_every if look is not None else 0
    if not every or not is_due(done, total, every, config.log_every):
      return {}
    return {f"val_{k}": float(v) for k, v in look(actor, weights).items()}

  return watch
