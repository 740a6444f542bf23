"""Facts of Pokémon Red (US), up to the second badge. Data only.

Map ids, story flags (bits of `wEventFlags`), dex numbers and item ids follow
the symbols of the pret/pokered disassembly, as do prices, wares and who lives
where. Numbers and plain names, no text of the game.
"""

from dreamer_jax.game.goals import both

# Story so far: what a place or an errand further on needs.
STARTER, POKEDEX, BOULDER, CASCADE = "starter", "event 37", "badge 0", "badge 1"
MOON = "event 1401"  # the fossils' guard in Mt. Moon is beaten
BRIDGE = both(MOON, "event 152")  # and the rival before Nugget Bridge

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
  35: ("Route 24", BRIDGE),
  36: ("Route 25", BRIDGE),
  88: ("Bill's House", BRIDGE),
}

# Places of which the first sight is a goal of its own, and what proves that
# the player was there in an earlier episode: of towns, their own flag.
DISCOVER: dict[int, tuple[str, ...]] = {
  12: ("town 1",), 1: ("town 1",), 33: ("event 1317", "town 9"),
  13: ("town 2",), 51: ("town 2", "event 1378", "event 1379", "event 1380"),
  2: ("town 2",), 14: ("town 3", MOON), 15: ("town 3", MOON),
  59: ("town 3", MOON), 60: ("town 3", MOON), 61: ("town 3", MOON),
  3: ("town 3",), 35: ("event 1344", "event 1371"), 36: ("event 1371",),
}  # fmt: skip

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
  ("get_town_map", "get the Town Map at Blue's house", "talk", 24,
   both(POKEDEX, "room 5"), "ask the rival's sister for a map"),
  ("get_sample_potion", "get the free potion on Route 1", "talk", 960,
   both(STARTER, "room 20"), "talk to the mart's clerk on Route 1"),
  ("beat_rival_route_22", "beat the rival on Route 22", "battle", 1317,
   both(POKEDEX, "event 1319", "not event 1313"),  # he waits, the first time
   "win against the rival west of Viridian"),
  ("beat_forest_1", "beat the first trainer of Viridian Forest", "battle",
   1378, POKEDEX, "defeat the forest's first bug catcher"),
  ("beat_forest_2", "beat the second trainer of Viridian Forest", "battle",
   1379, POKEDEX, "defeat the forest's second bug catcher"),
  ("beat_forest_3", "beat the third trainer of Viridian Forest", "battle",
   1380, POKEDEX, "defeat the forest's third bug catcher"),
  ("beat_brock", "beat Brock at the Pewter Gym", "battle", 119, POKEDEX,
   "defeat the first gym leader"),
  ("get_tm34", "get TM34 from Brock", "talk", 118,
   "event 119, room 234", "receive Brock's TM"),
  ("beat_fossil_guard", "beat the trainer who guards the fossils", "battle",
   1401, BOULDER, "win against the super nerd in Mt. Moon"),
  ("get_dome_fossil", "take the Dome Fossil", "talk", 1406,
   both(MOON, "not event 1407", "room 41"), "pick the dome-shaped fossil"),
  ("get_helix_fossil", "take the Helix Fossil", "talk", 1407,
   both(MOON, "not event 1406", "room 42"), "pick the spiral fossil"),
  ("beat_rival_cerulean", "beat the rival in Cerulean City", "battle", 152,
   MOON, "win against the rival at the bridge"),
  ("beat_nugget_rocket", "beat the Rocket at the end of Nugget Bridge",
   "battle", 1345, BRIDGE, "defeat the bridge's last opponent"),
  ("get_nugget", "win the prize of Nugget Bridge", "talk", 1344,
   both(BRIDGE, "room 49"), "get the nugget"),
  ("help_bill", "run the cell separator for Bill", "talk", 1371, BRIDGE,
   "restore Bill to human form"),
  ("get_ss_ticket", "get the S.S. Ticket from Bill", "talk", 1372,
   "event 1371, room 63", "receive the ship's ticket"),
  ("beat_misty", "beat Misty at the Cerulean Gym", "battle", 191, MOON,
   "defeat the second gym leader"),
  ("get_tm11", "get TM11 from Misty", "talk", 190,
   "event 191, room 211", "receive Misty's TM"),
  ("beat_rocket_thief", "beat the Rocket thief in Cerulean City", "battle",
   167, both(MOON, "event 1372"), "defeat the thief behind the house"),
)  # fmt: skip

# Which species are wild where, in the order of the way. Bellsprout is Blue's:
# in Red it lives nowhere.
HABITATS: dict[int, tuple[str, ...]] = {
  12: ("Pidgey", "Rattata"),
  33: ("Rattata", "Spearow", "Nidoran M", "Nidoran F"),
  13: ("Pidgey", "Rattata", "Weedle"),
  51: ("Caterpie", "Metapod", "Weedle", "Kakuna", "Pikachu"),
  14: ("Pidgey", "Spearow", "Jigglypuff"),
  59: ("Zubat", "Geodude", "Paras", "Clefairy"),
  15: ("Rattata", "Spearow", "Ekans"),
  35: ("Weedle", "Kakuna", "Pidgey", "Oddish", "Abra"),
  36: ("Caterpie", "Metapod", "Weedle", "Kakuna", "Pidgey", "Oddish", "Abra"),
}
CATCH = (  # the species of goals, with their dex numbers
  ("Pidgey", 16), ("Rattata", 19), ("Nidoran M", 32), ("Nidoran F", 29),
  ("Spearow", 21), ("Caterpie", 10), ("Metapod", 11), ("Weedle", 13),
  ("Kakuna", 14), ("Pikachu", 25), ("Jigglypuff", 39), ("Zubat", 41),
  ("Geodude", 74), ("Paras", 46), ("Clefairy", 35), ("Abra", 63),
  ("Oddish", 43), ("Bellsprout", 69),
)  # fmt: skip
STARTERS = (("Bulbasaur", 1), ("Charmander", 4), ("Squirtle", 7))
CENTERS = (
  ("home in Pallet Town", 37, ""),
  ("the Viridian Pokemon Center", 41, STARTER),
  ("the Pewter Pokemon Center", 58, POKEDEX),
  ("the Mt. Moon Pokemon Center", 68, BOULDER),
  ("the Cerulean Pokemon Center", 64, MOON),
)

# Item: id, price.
POKE_BALL, ANTIDOTE, POTION = (4, 200), (11, 100), (20, 300)
ESCAPE_ROPE, REPEL = (29, 550), (30, 350)
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
