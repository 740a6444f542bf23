"""Milestones of a game's story, read from the RAM.

They name what a saved state has behind it. Story flags of the game's own are
given by name (`games.red.names.EVENTS` for Pokémon Red).
"""

from collections.abc import Mapping

from dreamer_jax.game.ram import GameRam

_SPECIES_STEPS = (2, 5, 10, 20, 50, 100, 151)


def reached(ram: GameRam, events: Mapping[str, int]) -> list[str]:
  """The milestones that hold, roughly in the order of a game.

  Args:
    ram: scalar fields.
    events: story flags by name, bits of `wEventFlags`.

  Returns:
    Names; "power-on" alone before play begins, because the RAM means nothing
    until then.
  """
  if not ram.is_playing:
    return ["power-on"]
  names = ["play begins"]
  if ram.got_starter:
    names.append("starter")
    owned = int(ram.owned_count)
    names += [f"{n} species" for n in _SPECIES_STEPS if owned >= n]
  names += [f"badge {n}" for n in range(1, int(ram.badge_count) + 1)]
  names += [name for name, bit in events.items() if ram.event(bit)]
  return names
