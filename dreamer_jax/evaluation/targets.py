"""This module holds the target of every figure that is reported, each once.

A target says what a figure must be, which is the roadmap's number where it
names one, and what it should reach. Reports, pages and the bench read it here.
"""

from typing import NamedTuple


class Target(NamedTuple):
  """What a figure must be, and what to reach for."""

  must: float
  reach: float | None = None
  below: bool = False  # smaller is better
  strict: bool = False  # where the figure is large: above, not at least
  scale: float = 1.0  # of what is shown: 100 for a share in per cent
  unit: str = ""  # shown behind it

  def is_met(self, value: float | None) -> bool | None:
    """Whether a value is what it must be; None where it was not measured."""
    if value is None:
      return None
    if self.below:
      return bool(value < self.must)
    return bool(value > self.must if self.strict else value >= self.must)

  @property
  def words(self) -> str:
    """`< 5`, `≥ 80 %`: what it must be."""
    return self._say(self.must)

  @property
  def reach_words(self) -> str:
    """The same of what to reach for; empty where that is not said."""
    return "" if self.reach is None else self._say(self.reach)

  def _say(self, value: float) -> str:
    if self.scale == 100 and value == 1:
      return f"100{self.unit}"  # of a share there is no more
    sign = "<" if self.below else ">" if self.strict else "≥"
    return f"{sign} {self.scale * value:,g}{self.unit}"


def _share(must: float, reach: float | None = None) -> Target:
  return Target(must, reach, scale=100, unit=" %")


# ---- play, from power-on
BADGES = Target(2.0)
SPECIES = Target(10.0)
GOALS = _share(0.8)  # of commanded goals within reach that are done, each kind

# ---- the dream
DRIFT = {  # tiles after 50 dreamed steps, by group of windows
  "no_battle": Target(1.5, 0.5, below=True),
  "all": Target(5.0, 1.0, below=True),
}
PIXELS = {  # exact ones after so many dreamed steps, no battle
  "1": _share(0.999, 1.0), "15": _share(0.97, 0.995), "50": _share(0.90, 0.97),
}  # fmt: skip
PSNR = {  # dB, by steps dreamed
  "0": Target(28.0, 45.0, strict=True), "15": Target(30.0, strict=True),
}  # fmt: skip
EVENTS = Target(0.9, 0.98, strict=True)  # precision and recall, 15 steps ahead

# ---- size and speed; rates a second
MODEL_MB = Target(200.0, 30.0, below=True)  # model and policy, float32
ACT_HZ = Target(60.0)  # System 1, on one core
DREAM_HZ = Target(200.0, 1000.0)  # dreamed pictures, one at a time
LATENT_HZ = Target(25_000.0)  # dreamed steps, with the policy's updates
COLLECT_HZ = Target(1500.0)  # actions on the emulators, random play
COLLECT_NETWORK_HZ = Target(800.0)  # ... an untrained network acting
FRAMES_HZ = {  # trained by the world model, by preset
  "quickstart": Target(2500.0), "base": Target(3000.0),
}  # fmt: skip
