"""Species, moves and trainers of Lantern Isle: the numbers behind the game."""

from typing import NamedTuple

# Type ids as Pokémon Red stores them.
PLAIN, EMBER, TIDE, MOSS = 0x00, 0x14, 0x15, 0x16
BALL_ITEM = 4
LEADER_CLASS = 34
LEADER_TEAM = ((5, 6), (9, 8))  # (species, level)
WILD = (4, 8, 5, 4, 8, 5, 6, 7)  # equally likely entries
WILD_LEVELS = (2, 3, 3, 4)
STARTERS = (1, 2, 3)
STARTER_LEVEL = 5
STARTER_BALLS = 10


class Move(NamedTuple):
  """A move; its id is its place in `MOVES` plus one."""

  name: str  # at most 10 letters
  type: int
  power: int
  pp: int


class Species(NamedTuple):
  """A species; its id and dex number are its place in `SPECIES` plus one."""

  name: str  # at most 8 letters
  type: int
  hp: int  # base values, as in the stat formula
  attack: int
  defense: int
  speed: int
  catch_rate: int  # 0-255, chance to be caught at full health
  xp: int  # experience per level of the fainted
  moves: tuple[int, int]


MOVES = (
  Move("NUDGE", PLAIN, 36, 35),
  Move("KINDLE", EMBER, 42, 25),
  Move("SPRITZ", TIDE, 42, 25),
  Move("BRAMBLE", MOSS, 42, 25),
  Move("FLUTTER", PLAIN, 40, 30),
  Move("TUMBLE", PLAIN, 42, 20),
)

SPECIES = (
  Species("WICKIT", EMBER, 44, 54, 44, 60, 60, 20, (1, 2)),
  Species("BRINLET", TIDE, 46, 50, 52, 50, 60, 20, (1, 3)),
  Species("FERNUB", MOSS, 50, 50, 50, 45, 60, 20, (1, 4)),
  Species("PIPWING", PLAIN, 38, 44, 38, 58, 110, 19, (1, 5)),
  Species("BURROLL", MOSS, 42, 42, 56, 30, 100, 20, (6, 4)),
  Species("LUMOLL", TIDE, 48, 40, 50, 24, 90, 22, (1, 3)),
  Species("SOOTMOTH", EMBER, 38, 46, 38, 52, 90, 22, (5, 2)),
  Species("PEBBIT", PLAIN, 42, 46, 48, 40, 110, 19, (1, 6)),
  Species("BEAKON", EMBER, 50, 56, 50, 56, 30, 30, (5, 2)),
)

_BEATS = {EMBER: MOSS, MOSS: TIDE, TIDE: EMBER}


def matchup(attack: int, defense: int) -> float:
  """Damage factor of a move's type on a species' type: 0.5, 1 or 2."""
  if PLAIN in (attack, defense):
    return 1.0
  return 2.0 if _BEATS[attack] == defense else 0.5
