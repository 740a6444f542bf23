"""Lantern Isle's story flags, those of Red's analogous events where one is.

A flag's index is 8 * byte + bit from the start of `wEventFlags`.
"""

EVENTS = {
  # Home
  "offered_starter": 33,
  "got_starter": 34,
  "got_balls": 36,
  "stopped_at_gate": 39,
  "got_gift": 24,  # two BALMs of the neighbour's
  # Brightwater's gym
  "beat_novice_pia": 114,
  "got_lantern": 118,
  "beat_leader_1": 119,
  # Mothlight's gym
  "beat_novice_dov": 186,
  "beat_novice_una": 187,
  "lamp_west": 224,
  "lamp_east": 225,
  "gym_lock_open": 352,
  "beat_leader_2": 191,
  # On the way
  "beat_camper_rill": 962,
  "beat_reed_jon": 994,
  "beat_wood_ada": 1378,
  "beat_wood_finn": 1379,
  "beat_pass_bram": 1394,
  "beat_cave_nell": 1402,
  # Things lying about
  "item_fern_road": 1600,
  "item_reed_walk": 1601,
  "item_wood_west": 1602,
  "item_wood_east": 1603,
  "item_pass": 1604,
  "item_cave": 1605,
  "item_cave_deep": 1606,
  # The end
  "lit_great_lamp": 2305,
}
