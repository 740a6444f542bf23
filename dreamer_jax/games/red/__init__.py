"""Pokémon Red (US): facts about it. Its ROM is the user's own."""

from dreamer_jax.games.definition import Game
from dreamer_jax.games.red import goals, names, rules, world

GAME = Game(
  name=goals.NAME,
  world=world.make,
  species=frozenset(names.SPECIES),
  events=dict(names.EVENTS),
  places=names.MAPS,
  goals=goals.make(),
  rules=rules.RULES,
)
