"""Pokémon Red's goals, up to the second badge, made from `facts.py`."""

from dreamer_jax.game import goals as forms
from dreamer_jax.game.goals import Goal, both
from dreamer_jax.games.red import facts as given

NAME = "Pokémon Red (US)"


def _starters() -> list[Goal]:
  return [
    Goal(
      f"choose_{forms.slug(name)}", f"choose {name} as the starter", "catch",
      f"owned {dex}", "event 33, not starter", NAME,
      (f"take {name} from Oak", f"start with {name}"),
    )
    for name, dex in given.STARTERS
  ]  # fmt: skip


def _visits() -> list[Goal]:
  return [
    forms.discover(NAME, name, m, needs, given.DISCOVER[m])
    for m, (name, needs) in given.PLACES.items()
    if m in given.DISCOVER
  ]


def _badges() -> list[Goal]:
  return [
    Goal(
      forms.slug(f"earn the {name}"), f"earn the {name}", "battle",
      f"badge {bit}", both(needs, f"not badge {bit}"), NAME,
      (f"win the {name}", f"get the {name} from its gym"),
    )
    for bit, (name, needs) in enumerate(given.BADGES)
  ]  # fmt: skip


def _catches() -> list[Goal]:
  """Where it is met first; never where it is not wild."""
  first: dict[str, str] = {}
  for m, names in given.HABITATS.items():
    for name in names:
      first.setdefault(name, given.PLACES[m][1])
  return [
    forms.catch(NAME, name, dex, first.get(name, "never"))
    for name, dex in given.CATCH
  ]


def make() -> tuple[Goal, ...]:
  """All of them; names begin with `red_`."""
  goals = [
    forms.go(NAME, name, m, needs or "playing")
    for m, (name, needs) in given.PLACES.items()
  ]
  goals += [
    forms.story(NAME, name, text, kind, flag, needs, other)
    for name, text, kind, flag, needs, other in given.STORY
  ]
  goals += _starters() + _badges() + _visits() + _catches()
  goals += [forms.train(NAME, level, "a Pokemon") for level in given.LEVELS]
  goals += [forms.heal(NAME, *center) for center in given.CENTERS]
  goals += [
    forms.buy(NAME, what, item, where, m, needs, price)
    for what, (item, price), where, m, needs in given.WARES
  ]
  return tuple(forms.prefixed(goal, "red_") for goal in goals)
