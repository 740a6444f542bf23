"""Watches world model and policy learn, and warns where they go astray.

**The world model.** A collapsed latent still fits the pictures' average, so the
loss alone does not show it. Its signs are a KL that nothing lifts off the free
nats while pictures stay wrong, and classes of the latent that go unused.

**The policy**: does the dream still pay what the game paid? A clone is judged
by what held-out players meant. On held-out episodes, the return of their
recorded actions is known, and the model dreams those same actions from the same
starts: where the two part, the policy is learning in a game that is not there.
The critic is judged by what really followed steps that it never learned from:
against dreams, whose ends it values itself, it may explain 96 % and be false.

Recorded actions are not those that the policy would choose. So its own fresh
episodes, before anything is learned from them, are dreamed too: by the same
policy from the same starts. What the dream pays and the game did not is what
it has found to exploit.
"""

import dataclasses
import math
from collections.abc import Callable

from absl import logging

from dreamer_jax.config import PolicyConfig, WorldModelConfig
from dreamer_jax.errors import UserError
from dreamer_jax.policy.learner import PolicyState

FLOOR_SHARE = 0.95  # of frames whose KL is on the free nats: collapse, ...
RIGHT_TILES = 0.99  # ... unless the pictures are right: nothing is left to say
USAGE_SHARE = 0.05  # of the latent's largest entropy, at the least
RISE = 1.2  # of the validation loss above its best
PART = 0.5  # of the recorded returns' spread: the model's mean is off by more
CREDIBLE = 0.5  # share of real returns' variance that a critic must explain
DISPATCHES, CHECKS = 5, 3  # in a row until an alarm: chance passes

ADVICE = {
  "floor": "the KL sits on the free nats, so the latent tells nothing: try a "
  "smaller --config.world_model.loss.free_nats or rep_scale, or a smaller "
  "learning rate",
  "usage": "the latent uses hardly any of its classes: try a larger "
  "--config.world_model.latent.unimix, or a smaller rep_scale or learning rate",
  "validation": "the loss on held-out episodes rises: collect more episodes, "
  "train for fewer epochs, or evaluate --step=best",
  "gap": "the model's return of recorded actions parts from what the game "
  "paid: train the world model for longer, or shorten "
  "--config.policy.imagination.horizon",
  "fresh": "dreams pay the policy more than the game paid it from the same "
  "starts: it exploits the model. Raise --config.policy.actor.kl_scale, or "
  "collect more of its play with --config.data.own.episodes",
  "critic": "the critic explains less than half of how returns differ that "
  "really followed, on held-out episodes: raise --config.policy.critic."
  "ground_updates or ground_scale, or use the algorithm grpo",
}


@dataclasses.dataclass
class Record:
  """What a resumed run must still know. JSON."""

  best: float | None = None  # lowest validation loss
  latest: float | None = None  # of the present weights, where it was measured
  era: int = 0  # of the losses: those of one compare
  signs: dict[str, int] = dataclasses.field(default_factory=dict)  # in a row
  alarms: list[str] = dataclasses.field(default_factory=list)  # raised so far

  def is_alarm(self, name: str, is_there: bool, enough: int) -> bool:
    """Counts a sign: `enough` in a row are an alarm, once in a run."""
    count = self.signs.get(name, 0) + 1 if is_there else 0
    self.signs[name] = count
    if count < enough or name in self.alarms:
      return False
    self.alarms.append(name)
    return True


class WorldMonitor:
  """Called after every dispatch of the world model."""

  def __init__(
    self,
    config: WorldModelConfig,
    validate: Callable[[dict], dict] | None,
    record: Record,
  ):
    """Takes over from `record`.

    Args:
      config: whose fields `validate_every`, `collapse_stops` matter.
      validate: weights -> metrics of the held-out windows; None without any.
      record: of the run so far; goes on in place.
    """
    self._config = config
    self._validate = validate if config.schedule.validate_every else None
    self.record = record

  def __call__(
    self, weights: dict, metrics: dict[str, float],
    done: int, total: int, ever: int,
  ) -> dict[str, float]:  # fmt: skip
    """Checks, and returns more metrics: `alarm`, and `val_*` now and then.

    Args:
      weights: evaluated on the held-out windows.
      metrics: of the dispatch.
      done: updates of this phase, this dispatch's included ...
      total: ... of so many.
      ever: updates of all rounds.

    Raises:
      UserError: an alarm, and the configuration says that it stops the run.
    """
    c = self._config
    signs = {}
    if ever > c.optimizer.warmup:
      largest = c.network.stoch * math.log(c.network.classes)
      signs["floor"] = (
        metrics["kl_on_floor"] > FLOOR_SHARE
        and metrics.get("tile_accuracy", 0.0) < RIGHT_TILES
      )
      signs["usage"] = metrics["usage_entropy"] < USAGE_SHARE * largest
    more = {}
    self.record.latest = None  # the weights have moved
    if self._validate is not None and is_due(
      done, total, c.schedule.validate_every, c.schedule.log_every
    ):
      held_out = self._validate(weights)
      more = {f"val_{k}": float(v) for k, v in held_out.items()}
      loss, best = more["val_loss"], self.record.best
      signs["validation"] = best is not None and loss > RISE * best
      self.record.latest = loss
      self.record.best = loss if best is None else min(loss, best)
    self._count(signs)
    return {**more, "alarm": float(len(self.record.alarms))}

  def _count(self, signs: dict[str, bool]) -> None:
    """Signs in a row become an alarm, each of them once in a run."""
    for name, is_there in signs.items():
      enough = CHECKS if name == "validation" else DISPATCHES
      if not self.record.is_alarm(name, is_there, enough):
        continue
      if self._config.schedule.collapse_stops:
        raise UserError(
          f"{ADVICE[name]}; stopped, as --config.world_model.schedule."
          f"collapse_stops says; the last checkpoint is kept, and goes on "
          f"without that flag"
        )
      logging.warning("alarm: %s", ADVICE[name])


def is_due(done: int, total: int, every: int, chunk: int) -> bool:
  """A multiple of `every` fell into the last `chunk`, or all is done."""
  return done // every > (done - chunk) // every or done >= total


class PolicyMonitor:
  """Called after every dispatch of the policy phase."""

  def __init__(
    self,
    config: PolicyConfig,
    look: Callable[[PolicyState, dict], dict] | None,
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
    self._look = look if config.schedule.check_every else None
    self.record = record

  def __call__(
    self, state: PolicyState, weights: dict, done: int, total: int
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
      done, total, c.schedule.check_every, c.schedule.log_every
    ):
      seen = {k: float(v) for k, v in self._look(state, weights).items()}
      gap = abs(seen["model_return"] - seen["real_return"])
      signs = {"gap": gap > _spread(c, seen)}
      if "real_explained" in seen and done > c.critic.warmup:
        signs["critic"] = seen["real_explained"] < CREDIBLE
      for name, is_there in signs.items():
        if self.record.is_alarm(name, is_there, CHECKS):
          logging.warning("alarm: %s", ADVICE[name])
      more = {f"check_{name}": value for name, value in seen.items()}
    return {**more, "alarm": float(len(self.record.alarms))}


def judge_fresh(
  config: PolicyConfig, seen: dict[str, float], record: Record
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


def _spread(config: PolicyConfig, seen: dict[str, float]) -> float:
  """How far returns may part before it is an alarm."""
  return PART * max(seen["real_spread"], config.actor.return_floor)


def monitor_clone(
  config: PolicyConfig, look: Callable[[dict, dict], dict] | None
) -> Callable[[dict, dict, int, int], dict[str, float]]:
  """Called after every dispatch of cloning: `val_*` metrics now and then.

  Args:
    config: whose `check_every` matters.
    look: `(actor, weights) -> metrics`, see `make_clone_look`; None without
      any held-out episodes.

  Returns:
    `(actor, weights, done, total) -> metrics`, as `PolicyMonitor` is called.
  """

  def watch(actor: dict, weights: dict, done: int, total: int) -> dict:
    every = config.schedule.check_every if look is not None else None
    if not every or not is_due(done, total, every, config.schedule.log_every):
      return {}
    return {f"val_{k}": float(v) for k, v in look(actor, weights).items()}

  return watch
