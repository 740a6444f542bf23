"""Lantern Isle, our own open game: what is known of it besides its ROM."""

from dreamer_jax.games.definition import Game
from dreamer_jax.games.lantern_isle import goals, players, rules, tasks, world
from dreamer_jax.lantern_isle.world import events, maps

GAME = Game(
  name=goals.NAME,
  world=world.make,
  events=dict(events.EVENTS),
  places=goals.PLACES,
  walkable={i: int(m.walkable.sum()) for i, m in maps.MAPS.items()},
  goals=goals.make(),
  rules=rules.RULES,
  players={
    "expert": players.expert,
    "explorer": players.explorer,
    "wanderer": players.wanderer,
    "courier": players.courier,
  },
  tasks=tasks,
)
