"""Facts that all parts agree on: shapes, buttons, reward terms, probes.

Plain Python, so that a worker with an emulator need not load JAX.
"""

from typing import NamedTuple

FRAME_SHAPE = (144, 160)  # pixels, shade 0 white .. 3 black
GRID = (18, 20)  # tiles of 8x8 pixels
NUM_TILES = GRID[0] * GRID[1]
BUTTONS = ("a", "b", "start", "select", "up", "down", "left", "right")
NUM_ACTIONS = len(BUTTONS)  # an action presses one of them
NUM_MAPS = 256  # ids are one byte

# The roadmap's reward terms, in the order of every array `[..., 7]` of them.
TERMS = (
  "badge",  # new badges
  "species",  # species owned for the first time
  "new_map",  # 1 on the first visit of a map in this episode
  "battle_win",  # 1 when a battle was won
  "xp",  # experience points gained in battle by the party
  "hp_lost",  # hit points lost to damage by the party
  "stuck",  # 1 for a step without progress
)
NUM_TERMS = len(TERMS)
BADGE, SPECIES, NEW_MAP, BATTLE_WIN, XP, HP_LOST, STUCK = range(NUM_TERMS)
PROGRESS = (BADGE, SPECIES, NEW_MAP, BATTLE_WIN, XP)  # what is not "stuck"

DONE_BYTES = 40  # room for 320 goals: `goals.vocabulary` has fewer


class Probe(NamedTuple):
  """What the latent is asked for of the RAM, see `data.probes`."""

  kind: str  # "class": an integer 0 to size - 1; "unit": a number from 0 to 1;
  #   "float": a number of order 1
  size: int = 1  # classes; 1 for a number


PROBES = {
  "map": Probe("class", NUM_MAPS),
  "x": Probe("class", 256),
  "y": Probe("class", 256),
  "facing": Probe("class", 4),
  "in_battle": Probe("class", 2),
  "dialog_open": Probe("class", 2),
  "badges": Probe("class", 9),
  "party_count": Probe("class", 7),
  "hp_fraction": Probe("unit"),
  "enemy_hp_fraction": Probe("unit"),
  "level_sum": Probe("float"),
  "owned_count": Probe("float"),
}
