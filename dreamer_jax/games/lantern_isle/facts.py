"""What Lantern Isle's tables do not say: when a place can be reached, whom it
is worth talking to, and what the story's steps are called. Data only.
"""

from dreamer_jax.lantern_isle.world import maps, tables

# Predicates that a map can be reached; by default, once there is a starter.
BADGE_1 = "badge 0"  # shown to the guard at the way east
LIT = f"item {tables.LANTERN}"  # the wood is dark without
BOTH = "badge 0, badge 1"
NEEDS = {
  maps.HOME: "playing", maps.HOME_TOWN: "playing",
  maps.KEEPER_HOUSE: "playing", maps.NEIGHBOUR: "playing",
  maps.REED_WALK: BADGE_1, maps.CAVE_MAP: BADGE_1,
  maps.WOOD: LIT, maps.EMBER_PASS: LIT, maps.THIRD_TOWN: LIT,
  maps.HEALING_HOUSE_2: LIT, maps.SHOP_2: LIT, maps.GYM_2: LIT,
  maps.LIGHTHOUSE: LIT, maps.LAMP_ROOM: BOTH,
}  # fmt: skip
NOT_PLACES = (maps.BALCONY,)  # the credits end there
SEEN = {m: (f"town {m}",) for m in maps.RESTORES}  # what a save says of it
HUNTING = (  # maps with wild creatures, in the order of the way
  maps.ROUTE, maps.REED_WALK, maps.CAVE_MAP, maps.WOOD, maps.EMBER_PASS,
)  # fmt: skip
SHOPS = (maps.SHOP, maps.SHOP_2)  # in the order of `tables.SHOPS`
HEALERS = (maps.HOME, maps.HEALING_HOUSE, maps.HEALING_HOUSE_2)
LOCKED = {"leader_2": "event 352"}  # behind bars: the gym's lamps burn

TALKS = {  # people who are worth a goal, by script
  "mother": "mother", "keeper": "keeper Oda", "neighbour": "the neighbour",
  "child": "the neighbour's child", "guard": "the guard of Duskhaven",
  "villager": "the villager", "walker": "the walker on Fern Road",
  "fisher": "the fisher", "sailor": "the sailor", "healer_1": "the healer",
  "guest": "the guest of the healing house", "shopper": "the shopper",
  "gym_guide": "the guide of the Brightwater gym",
  "badge_guard": "the guard of the way east",
  "dark_guard": "the guard of the dark wood",
  "healer_2": "the healer of Mothlight", "moth_girl": "the girl in Mothlight",
  "old_sailor": "the old sailor", "gym_guide_2": "the guide of Corvin's gym",
  "lighthouse_keeper": "the keeper of the lighthouse",
}  # fmt: skip
READS = {
  "sign_home": "the sign at home", "sign_keeper": "the keeper's sign",
  "sign_south": "Fern Road's southern sign",
  "sign_north": "Fern Road's northern sign",
  "sign_gym": "the sign of Marla's gym", "sign_heal": "the healing sign",
  "sign_shop": "the sign of the shop", "sign_reed": "the sign on Reed Walk",
  "sign_pass": "the sign on Ember Pass",
  "sign_gym_2": "the sign of Corvin's gym",
  "sign_lighthouse": "the sign of the lighthouse",
}  # fmt: skip
# Tall grass worth walking to: name, map, columns, rows.
GRASS = (
  ("the southern grass of Fern Road", maps.ROUTE, (7, 13), (22, 23)),
  ("the eastern grass of Fern Road", maps.ROUTE, (14, 17), (17, 20)),
  ("the western grass of Fern Road", maps.ROUTE, (2, 6), (13, 16)),
  ("the middle grass of Fern Road", maps.ROUTE, (6, 13), (8, 9)),
  ("the western grass of Reed Walk", maps.REED_WALK, (1, 6), (6, 9)),
  ("the southern grass of Reed Walk", maps.REED_WALK, (6, 11), (11, 13)),
  ("the northern grass of Whisper Wood", maps.WOOD, (11, 18), (2, 4)),
  ("the western grass of Whisper Wood", maps.WOOD, (1, 7), (14, 16)),
  ("the grass of Ember Pass", maps.EMBER_PASS, (2, 6), (3, 5)),
)
LEVELS = range(6, 17)
SPECIES_COUNTS = (3, 4, 5, 6, 8, 10, 12)
BADGES = (("lamp badge", "starter"), ("moth badge", LIT))
# Name, text, kind, event, what it takes (predicates, or "@EVENT" for an event
# that was), another way to say it.
STORY = (
  ("hear_offer", "look at one of the keeper's lamps", "talk",
   "offered_starter", ("playing", "not starter"), "see what a lamp holds"),
  ("get_gift", "get the neighbour's gift", "talk", "got_gift", ("starter",),
   "accept the balms of the neighbour"),
  ("get_lantern", "get Marla's lantern", "talk", "got_lantern",
   ("@beat_leader_1",), "receive the lantern for the dark wood"),
  ("light_west_lamp", "light the western lamp of Corvin's gym", "explore",
   "lamp_west", (LIT,), "light the gym's first lamp"),
  ("light_east_lamp", "light the eastern lamp of Corvin's gym", "explore",
   "lamp_east", (LIT, "@lamp_west"), "light the gym's second lamp"),
  ("open_bars", "open the iron bars of Corvin's gym", "explore",
   "gym_lock_open", (LIT,), "solve the riddle of the two lamps"),
  ("light_great_lamp", "light the great lamp of the lighthouse", "talk",
   "lit_great_lamp", (BOTH,), "make the lighthouse shine again"),
)  # fmt: skip


def after(events: dict[str, int], word: str) -> str:
  """A word of `STORY`'s fifth column as a predicate."""
  if word.startswith("@"):
    return f"event {events[word[1:]]}"
  return word
