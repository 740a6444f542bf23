"""Species, moves and trainers of Lantern Isle: the numbers behind the game."""

from typing import NamedTuple

# Type ids as Pokémon Red stores them.
PLAIN, EMBER, TIDE, MOSS = 0x00, 0x14, 0x15, 0x16
BALL_ITEM = 4
LEADER_CLASS = 34
LEADER_TEAM = ((8, 4), (9, 6))
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
  Move("NUDGE", PLAIN, 50, 35),
  Move("KINDLE", EMBER, 58, 25),
  Move("SPRITZ", TIDE, 58, 25),
  Move("BRAMBLE", MOSS, 58, 25),
  Move("FLUTTER", PLAIN, 52, 30),
  Move("TUMBLE", PLAIN, 55, 20),
)

SPECIES = (
  Species("WICKIT", EMBER, 52, 66, 56, 64, 60, 26, (1, 2)),
  Species("BRINLET", TIDE, 56, 62, 60, 58, 60, 26, (1, 3)),
  Species("FERNUB", MOSS, 62, 62, 58, 54, 60, 26, (1, 4)),
  Species("PIPWING", PLAIN, 34, 42, 36, 56, 110, 26, (1, 5)),
  Species("BURROLL", MOSS, 38, 36, 50, 26, 100, 26, (6, 4)),
  Species("LUMOLL", TIDE, 42, 36, 44, 22, 90, 28, (1, 3)),
  Species("SOOTMOTH", EMBER, 34, 40, 34, 52, 90, 28, (5, 2)),
  Species("PEBBIT", PLAIN, 38, 40, 42, 38, 110, 26, (1, 6)),
  Species("BEAKON", PLAIN, 50, 52, 48, 60, 30, 40, (5, 6)),
)

_BEATS = {EMBER: MOSS, MOSS: TIDE, TIDE: EMBER}


def matchup(attack: int, defense: int) -> float:
  """Damage factor of a move's type on a species' type: 0.5, 1 or 2."""
  if PLAIN in (attack, defense):
    return 1.0
  return 2.0 if _BEATS[attack] == defense else 0.5
