"""The origin of play: the game and the pace it was made with, compared.

Episodes teach the dynamics of one game at one pace. Of another ROM, or with
buttons held for another time, they would teach something else and say nothing.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from dreamer_jax.errors import UserError
from dreamer_jax.game.env import ACTION_FRAMES, PRESS_FRAMES
from dreamer_jax.game.rom import Rom

APART = "choose another --workdir, or move such files out of this one"
ITS_OWN = "give its own ROM with --rom"


class OriginError(UserError):
  """Play of another game or pace than is wanted."""


class Origin(NamedTuple):
  """A game, and the length of its actions. What is unknown is "" or 0."""

  sha1: str  # of the ROM, hexadecimal
  name: str  # of the game
  press_frames: int = 0  # a button is held so long ...
  action_frames: int = 0  # ... of an action

  @property
  def any_pace(self) -> "Origin":
    """Of the same game, at whichever pace."""
    return Origin(self.sha1, self.name)

  @property
  def game(self) -> str:
    """For sentences: the name and what tells it from others of that name."""
    name = "an unknown game" if self.name in ("", "unknown") else self.name
    return f"{name} (SHA-1 {self.sha1 or 'not told'})"

  @property
  def pace(self) -> str:
    """For sentences."""
    return f"{self.press_frames} of {self.action_frames} frames"


def of_rom(
  rom: Rom, press_frames: int = PRESS_FRAMES, action_frames: int = ACTION_FRAMES
) -> Origin:
  """Of what is played on this ROM."""
  return Origin(rom.sha1, rom.name, press_frames, action_frames)


def of_meta(meta: Mapping[str, Any]) -> Origin:
  """Of an episode, a recording or a start state, as its `meta` tells.

  A person's own timing has no fixed length; nor has what was not played.
  """
  rom, env = meta.get("rom", {}), meta.get("env", {})
  sha1, name = rom.get("sha1", ""), rom.get("name", "")
  if "timing" in meta or "env" not in meta:
    return Origin(sha1, name)
  press = env.get("press_frames", PRESS_FRAMES)
  return Origin(sha1, name, press, env.get("action_frames", ACTION_FRAMES))


def differences(there: Origin, here: Origin) -> list[str]:
  """How two differ, a phrase each; what one of them does not know is passed.

  Args:
    there: of what is to be used.
    here: of what it is to be used for.
  """
  found = []
  if there.sha1 and here.sha1:
    other = there.sha1 != here.sha1
  else:
    other = bool(there.name and here.name) and there.name != here.name
  if other:
    found.append(f"it is of {there.game}, not of {here.game}")
  if 0 not in (there.action_frames, here.action_frames) and (
    there[2:] != here[2:]
  ):
    found.append(f"its buttons are held for {there.pace}, not {here.pace}")
  return found


def check(
  metas: Mapping[Any, Mapping[str, Any]], wanted: Origin, remedy: str = APART
) -> None:
  """Refuses files that are of another game, or of another pace.

  Args:
    metas: what each file says of itself, by its path.
    wanted: that they must be of.
    remedy: for the sentence.

  Raises:
    OriginError: some are not; it names the first, and how it differs.
  """
  wrong = {
    path: found
    for path, meta in metas.items()
    if (found := differences(of_meta(meta), wanted))
  }
  if wrong:
    path, found = next(iter(wrong.items()))
    more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
    raise OriginError(
      f"{path}{more} does not belong here: {'; '.join(found)}; {remedy}."
    )
