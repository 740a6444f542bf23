"""The games that are known, each a folder with a `GAME`."""

import dataclasses
import functools
import importlib
import pkgutil

from dreamer_jax.game import rom as roms
from dreamer_jax.games.definition import Game


@functools.cache
def every() -> tuple[Game, ...]:
  """All of them; the order is that of goals' ids, so it is kept for ever."""
  found = {
    module.name: importlib.import_module(f"{__name__}.{module.name}").GAME
    for module in pkgutil.iter_modules(__path__)
    if module.ispkg
  }
  first = [found.pop(name) for name in ("lantern_isle", "red")]
  return (*first, *(found[name] for name in sorted(found)))


@functools.cache
def get(game: str | roms.Rom) -> Game:
  """The game of a ROM, or with a name.

  One that is not known is read as if it were Pokémon Red, of which nobody
  knows how it is played: no goals of its own, no rules, no scripts.
  """
  name = game if isinstance(game, str) else game.name
  for known in every():
    if known.name == name:
      return known
  like = next(g for g in every() if g.name == roms.LIKE)
  return dataclasses.replace(
    like, name=name, places={}, goals=(), rules=(), players={}, tasks=None
  )
