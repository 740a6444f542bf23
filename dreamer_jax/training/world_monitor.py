"""Watches the world model learn: held-out windows, collapse, the best yet.

A collapsed latent still fits the pictures' average, so the loss alone does not
show it. Its signs are a KL that nothing lifts off the free nats while pictures
stay wrong, and classes of the latent that go unused.
"""

import dataclasses
import math
from collections.abc import Callable

from absl import logging

from dreamer_jax.config import World
from dreamer_jax.errors import UserError

FLOOR_SHARE = 0.95  # of frames whose KL is on the free nats: collapse, ...
RIGHT_TILES = 0.99  # ... unless the pictures are right: nothing is left to say
USAGE_SHARE = 0.05  # of the latent's largest entropy, at the least
RISE = 1.2  # of the validation loss above its best
DISPATCHES, CHECKS = 5, 3  # in a row until an alarm: chance passes

ADVICE = {
  "floor": "the KL sits on the free nats, so the latent tells nothing: try a "
  "smaller --config.world.free_nats or rep_scale, or a smaller learning rate",
  "usage": "the latent uses hardly any of its classes: try a larger "
  "--config.world.unimix, or a smaller rep_scale or learning rate",
  "validation": "the loss on held-out episodes rises: collect more episodes, "
  "train for fewer epochs, or evaluate --step=best",
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


class Watch:
  """Called after every dispatch of the world model."""

  def __init__(
    self, config: World, validate: Callable[[dict], dict] | None, record: Record
  ):
    """Takes over from `record`.

    Args:
      config: whose fields `validate_every`, `collapse_stops` matter.
      validate: weights -> metrics of the held-out windows; None without any.
      record: of the run so far; goes on in place.
    """
    self._config = config
    self._validate = validate if config.validate_every else None
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
    if ever > c.warmup:
      largest = c.stoch * math.log(c.classes)
      signs["floor"] = (
        metrics["kl_on_floor"] > FLOOR_SHARE
        and metrics.get("tile_accuracy", 0.0) < RIGHT_TILES
      )
      signs["usage"] = metrics["usage_entropy"] < USAGE_SHARE * largest
    more = {}
    self.record.latest = None  # the weights have moved
    if self._validate is not None and is_due(
      done, total, c.validate_every, c.log_every
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
      if self._config.collapse_stops:
        raise UserError(
          f"{ADVICE[name]}; stopped as --config.world.collapse_stops says, the "
          f"last checkpoint is kept, and goes on without that flag"
        )
      logging.warning("alarm: %s", ADVICE[name])


def is_due(done: int, total: int, every: int, chunk: int) -> bool:
  """A multiple of `every` fell into the last `chunk`, or all is done."""
  return done // every > (done - chunk) // every or done >= total
