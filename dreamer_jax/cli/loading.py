"""The agent that a program's flags name, on the game that it belongs to."""

from collections.abc import Callable, Collection

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax.cli import common
from dreamer_jax.program import define

flags.disclaim_key_flags()  # they are those of the program that loads


class Loader:
  """Loads agents; what does not belong together is refused, or warned of."""

  def __init__(self):
    """Defines the flags --rom and --allow_mismatch."""
    self._rom = define(
      "rom", d.File, None, "the agent's game, where its ROM has moved to"
    )
    self._allow = flags.DEFINE_bool(
      "allow_mismatch", False, "go on, with a warning, where an agent belongs "
      "to another game, to other goals, or to another version",
    )  # fmt: skip

  @property
  def warn(self) -> Callable[[str], None] | None:
    """Prints a sentence about what differs; None where that is refused."""
    return common.note if self._allow.value else None

  def __call__(
    self,
    checkpoint: str,
    step: str = "latest",
    parts: Collection[str] = ("world", "policy"),
    plays: bool = True,
  ):
    """An `Agent`.

    Args:
      checkpoint: as of `agent.agent.load`, like the two below.
      step: of a run.
      parts: what will be used.
      plays: it meets its ROM.

    Raises:
      UserError: it is not there, or does not belong to game and version.
    """
    from dreamer_jax.agent import agent as agent_lib

    agent = agent_lib.load(checkpoint, step, parts=parts, warn=self.warn)
    if plays:
      agent = agent_lib.meet(agent, checkpoint, self._rom.value, self.warn)
    return agent
