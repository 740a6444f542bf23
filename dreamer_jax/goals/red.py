"""Pokémon Red's goals, up to the second badge. Numbers and plain names only.

Map ids, story flags (bits of `wEventFlags`), dex numbers and item ids follow
the symbols of the pret/pokered disassembly.
"""

from dreamer_jax.goals import goal as forms
from dreamer_jax.goals.goal import RED, Goal, both

# Story so far: what a place or an errand further on needs.
STARTER, POKEDEX, BOULDER, CASCADE = "starter", "event 37", "badge 0", "badge 1"
MOON = "event 1401"  # the fossils' guard in Mt. Moon is beaten
POKE_BALL, ANTIDOTE, POTION, ESCAPE_ROPE, REPEL = 4, 11, 20, 29, 30

# Every map of the first two badges' way, and what it takes to get there.
PLACES = {
  0: ("Pallet Town", ""),
  37: ("Red's House 1F", ""),
  38: ("Red's House 2F", ""),
  39: ("Blue's House", ""),
  40: ("Oak's Lab", ""),
  12: ("Route 1", STARTER),
  1: ("Viridian City", STARTER),
  41: ("the Viridian Pokemon Center", STARTER),
  42: ("the Viridian Mart", STARTER),
  43: ("the Viridian School House", STARTER),
  33: ("Route 22", STARTER),
  13: ("Route 2", POKEDEX),
  50: ("the south gate of Viridian Forest", POKEDEX),
  51: ("Viridian Forest", POKEDEX),
  47: ("the north gate of Viridian Forest", POKEDEX),
  2: ("Pewter City", POKEDEX),
  58: ("the Pewter Pokemon Center", POKEDEX),
  56: ("the Pewter Mart", POKEDEX),
  54: ("the Pewter Gym", POKEDEX),
  52: ("the Pewter Museum", POKEDEX),
  14: ("Route 3", BOULDER),
  15: ("Route 4", BOULDER),
  68: ("the Mt. Moon Pokemon Center", BOULDER),
  59: ("Mt. Moon 1F", BOULDER),
  60: ("Mt. Moon B1F", BOULDER),
  61: ("Mt. Moon B2F", BOULDER),
  3: ("Cerulean City", MOON),
  64: ("the Cerulean Pokemon Center", MOON),
  67: ("the Cerulean Mart", MOON),
  65: ("the Cerulean Gym", MOON),
  66: ("the Bike Shop", MOON),
  35: ("Route 24", MOON),
  36: ("Route 25", MOON),
  88: ("Bill's House", MOON),
}

# Places of which the first sight is a goal of its own.
DISCOVER = (12, 1, 33, 13, 51, 2, 14, 15, 59, 60, 61, 3, 35, 36)

# name, text, kind, flag, when it makes sense, another way to say it.
STORY = (
  ("follow_oak", "follow Professor Oak into his lab", "talk", 0, "playing",
   "walk north from Pallet Town until Oak comes"),
  ("hear_offer", "hear Oak's offer of a starter", "talk", 33, "playing",
   "wait for Oak to offer a first Pokemon"),
  ("fight_rival_lab", "fight the rival in Oak's lab", "battle", 35, STARTER,
   "face the first rival battle"),
  ("get_parcel", "fetch Oak's parcel at the Viridian Mart", "talk", 57,
   "event 35", "pick up the parcel for Oak"),
  ("deliver_parcel", "deliver the parcel to Oak", "talk", 56, "event 57",
   "bring the package to Professor Oak"),
  ("get_pokedex", "get the Pokedex from Oak", "talk", 37, "event 57",
   "receive the Pokedex"),
  ("get_town_map", "get the Town Map at Blue's house", "talk", 24, POKEDEX,
   "ask the rival's sister for a map"),
  ("get_sample_potion", "get the free potion on Route 1", "talk", 960,
   STARTER, "talk to the mart's clerk on Route 1"),
  ("beat_rival_route_22", "beat the rival on Route 22", "battle", 1317,
   POKEDEX, "win against the rival west of Viridian"),
  ("beat_forest_1", "beat the first trainer of Viridian Forest", "battle",
   1378, POKEDEX, "defeat the forest's first bug catcher"),
  ("beat_forest_2", "beat the second trainer of Viridian Forest", "battle",
   1379, POKEDEX, "defeat the forest's second bug catcher"),
  ("beat_forest_3", "beat the third trainer of Viridian Forest", "battle",
   1380, POKEDEX, "defeat the forest's third bug catcher"),
  ("beat_brock", "beat Brock at the Pewter Gym", "battle", 119, POKEDEX,
   "defeat the first gym leader"),
  ("get_tm34", "get TM34 from Brock", "talk", 118, "event 119",
   "receive Brock's TM"),
  ("beat_fossil_guard", "beat the trainer who guards the fossils", "battle",
   1401, BOULDER, "win against the super nerd in Mt. Moon"),
  ("get_dome_fossil", "take the Dome Fossil", "talk", 1406,
   both(MOON, "not event 1407"), "pick the dome-shaped fossil"),
  ("get_helix_fossil", "take the Helix Fossil", "talk", 1407,
   both(MOON, "not event 1406"), "pick the spiral fossil"),
  ("beat_rival_cerulean", "beat the rival in Cerulean City", "battle", 152,
   MOON, "win against the rival at the bridge"),
  ("beat_nugget_rocket", "beat the Rocket at the end of Nugget Bridge",
   "battle", 1345, MOON, "defeat the bridge's last opponent"),
  ("get_nugget", "win the prize of Nugget Bridge", "talk", 1344, MOON,
   "get the nugget"),
  ("help_bill", "run the cell separator for Bill", "talk", 1371, MOON,
   "restore Bill to human form"),
  ("get_ss_ticket", "get the S.S. Ticket from Bill", "talk", 1372,
   "event 1371", "receive the ship's ticket"),
  ("beat_misty", "beat Misty at the Cerulean Gym", "battle", 191, MOON,
   "defeat the second gym leader"),
  ("get_tm11", "get TM11 from Misty", "talk", 190, "event 191",
   "receive Misty's TM"),
  ("beat_rocket_thief", "beat the Rocket thief in Cerulean City", "battle",
   167, both(MOON, "event 1372"), "defeat the thief behind the house"),
)  # fmt: skip

# Wild on the way: name, dex number, what it takes to get there.
WILD = (
  ("Pidgey", 16, STARTER), ("Rattata", 19, STARTER),
  ("Nidoran M", 32, STARTER), ("Nidoran F", 29, STARTER),
  ("Spearow", 21, STARTER), ("Caterpie", 10, POKEDEX),
  ("Metapod", 11, POKEDEX), ("Weedle", 13, POKEDEX),
  ("Kakuna", 14, POKEDEX), ("Pikachu", 25, POKEDEX),
  ("Jigglypuff", 39, BOULDER), ("Zubat", 41, BOULDER),
  ("Geodude", 74, BOULDER), ("Paras", 46, BOULDER),
  ("Clefairy", 35, BOULDER), ("Abra", 63, MOON), ("Oddish", 43, MOON),
  ("Bellsprout", 69, MOON),
)  # fmt: skip
STARTERS = (("Bulbasaur", 1), ("Charmander", 4), ("Squirtle", 7))
CENTERS = (
  ("home in Pallet Town", 37, ""),
  ("the Viridian Pokemon Center", 41, STARTER),
  ("the Pewter Pokemon Center", 58, POKEDEX),
  ("the Mt. Moon Pokemon Center", 68, BOULDER),
  ("the Cerulean Pokemon Center", 64, MOON),
)
WARES = (
  ("Poke Ball", POKE_BALL, "the Viridian Mart", 42, POKEDEX),
  ("Antidote", ANTIDOTE, "the Viridian Mart", 42, POKEDEX),
  ("Poke Ball", POKE_BALL, "the Pewter Mart", 56, POKEDEX),
  ("Potion", POTION, "the Pewter Mart", 56, POKEDEX),
  ("Escape Rope", ESCAPE_ROPE, "the Pewter Mart", 56, POKEDEX),
  ("Potion", POTION, "the Cerulean Mart", 67, MOON),
  ("Repel", REPEL, "the Cerulean Mart", 67, MOON),
)
BADGES = (("Boulder Badge", POKEDEX), ("Cascade Badge", MOON))
LEVELS = (8, 10, 12, 14, 16, 18, 20, 22, 24)


def _starters() -> list[Goal]:
  return [
    Goal(
      f"choose_{forms.slug(name)}", f"choose {name} as the starter", "catch",
      f"owned {dex}", "event 33, not starter", RED,
      (f"take {name} from Oak", f"start with {name}"),
    )
    for name, dex in STARTERS
  ]  # fmt: skip


def _visits() -> list[Goal]:
  return [
    Goal(
      f"discover_{forms.slug(name)}", f"discover {name}", "explore",
      f"visited {m}", both(needs, f"not visited {m}"), RED,
      (f"see {name} for the first time", f"explore as far as {name}"),
    )
    for m, (name, needs) in PLACES.items()
    if m in DISCOVER
  ]  # fmt: skip


def _badges() -> list[Goal]:
  return [
    Goal(
      forms.slug(f"earn the {name}"), f"earn the {name}", "battle",
      f"badge {bit}", both(needs, f"not badge {bit}"), RED,
      (f"win the {name}", f"get the {name} from its gym"),
    )
    for bit, (name, needs) in enumerate(BADGES)
  ]  # fmt: skip


def make() -> tuple[Goal, ...]:
  """All of them; names begin with `red_`."""
  goals = [
    forms.go(RED, name, m, needs or "playing")
    for m, (name, needs) in PLACES.items()
  ]
  goals += [
    forms.story(RED, name, text, kind, flag, needs, other)
    for name, text, kind, flag, needs, other in STORY
  ]
  goals += _starters() + _badges() + _visits()
  for name, dex, needs in WILD:
    goals.append(forms.catch(RED, name, dex, both(needs, f"item {POKE_BALL}")))
  goals += [forms.train(RED, level) for level in LEVELS]
  goals += [forms.heal(RED, *center) for center in CENTERS]
  goals += [forms.buy(RED, *ware) for ware in WARES]
  return tuple(forms.prefixed(goal, "red_") for goal in goals)
