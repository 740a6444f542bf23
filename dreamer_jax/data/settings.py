"""The settings an episode was played with, compared with those wanted.

A file's name has round, source and seed. Two collections with other settings
give files of the same names, and the first would be taken for the second.
"""

import inspect
import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dreamer_jax.data import episodes
from dreamer_jax.data.start_states import POWER_ON, StartState
from dreamer_jax.errors import UserError
from dreamer_jax.game.env import GameBoyEnv

# What `GameBoyEnv` takes for granted.
_ENV = {
  name: told.default
  for name, told in inspect.signature(GameBoyEnv).parameters.items()
  if told.kind == told.KEYWORD_ONLY
}


class Settings(NamedTuple):
  """What an episode is a function of, besides its seed and the game."""

  env: Mapping[str, Any]  # of `GameBoyEnv`
  how: Mapping[str, Any]  # who plays, and how much by chance


def differences(
  meta: Mapping[str, Any], wanted: Settings, start: str = POWER_ON
) -> list[str]:
  """How an episode was played otherwise, a phrase each.

  Args:
    meta: the episode's; what it does not tell is not compared.
    wanted: the settings to compare with.
    start: name of the state at which it would begin.
  """
  there = {"start": meta.get("start", POWER_ON), **meta.get("how", {})}
  here = {"start": start, **wanted.how}
  if "env" in meta:
    there |= _ENV | meta["env"]
    here |= _ENV | wanted.env
  return [
    f"{name} {there[name]}, not {here[name]}"
    for name in sorted(there.keys() & here.keys())
    if there[name] != here[name]
  ]


def check(
  paths: Iterable[pathlib.Path],
  wanted: Settings,
  start_of: Callable[[int], StartState | None] = lambda seed: None,
) -> None:
  """Refuses to take episodes of other settings for those that are wanted.

  Args:
    paths: the files that would be taken.
    wanted: how they should have been played.
    start_of: where the episode of a seed begins; None for power-on.

  Raises:
    UserError: some were played otherwise.
  """
  wrong: list[tuple[pathlib.Path, list[str]]] = []
  for path in paths:
    if meta := episodes.peek(path):
      start = start_of(int(meta["seed"]))
      place = start.name if start else POWER_ON
      if found := differences(meta, wanted, place):
        wrong.append((path, found))
  if wrong:
    path, found = wrong[0]
    raise UserError(
      f"0 episodes played: {len(wrong):,} of those asked for are in "
      f"{path.parent} already, made with other settings ({path.name}: "
      f"{'; '.join(found)}): choose another --workdir, or give the settings "
      "that they were made with."
    )
