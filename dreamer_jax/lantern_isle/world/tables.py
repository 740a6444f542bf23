"""Species, moves, types and items of Lantern Isle: the game's numbers."""

from typing import NamedTuple

# Type ids as Pokémon Red stores them.
PLAIN, STONE, EMBER, TIDE, MOSS, GLOW = 0x00, 0x05, 0x14, 0x15, 0x16, 0x17
TYPE_NAMES = {
    PLAIN: "PLAIN", STONE: "STONE", EMBER: "EMBER", TIDE: "TIDE",
    MOSS: "MOSS", GLOW: "GLOW",
}  # fmt: skip

# (attack, defense): double, or half, the damage; every other pair is neutral.
_STRONG = (
    (EMBER, MOSS), (MOSS, TIDE), (TIDE, EMBER), (TIDE, STONE), (MOSS, STONE),
    (STONE, EMBER), (STONE, GLOW), (GLOW, TIDE),
)  # fmt: skip
_WEAK = (
    (EMBER, EMBER), (EMBER, TIDE), (EMBER, STONE), (TIDE, TIDE),
    (TIDE, MOSS), (MOSS, MOSS), (MOSS, EMBER), (GLOW, GLOW), (GLOW, MOSS),
    (PLAIN, STONE),
)  # fmt: skip
CHART = {pair: 2.0 for pair in _STRONG} | {pair: 0.5 for pair in _WEAK}

# What a move does besides damage.
NOTHING, DRAIN, CALM, SCUFF = range(4)

STARTERS = (1, 2, 3)
STARTER_LEVEL = 5
STARTER_BALLS = 10
MAX_LEVEL = 30


class Move(NamedTuple):
  """A move; its id is its place in `MOVES` plus one."""

  name: str  # at most 9 letters
  type: int
  power: int
  accuracy: int  # of 256 throws; 255 never misses
  pp: int
  effect: int = NOTHING


class Species(NamedTuple):
  """A species; its id and dex number are its place in `SPECIES` plus one."""

  name: str  # at most 8 letters
  types: tuple[int, int]
  stats: tuple[int, int, int, int]  # base HP, attack, defense, speed
  catch_rate: int  # 0-255, chance to be caught at full health
  xp: int  # experience per level of the fainted
  learns: tuple[tuple[int, int], ...]  # (level, move), four in all
  evolves: tuple[int, int] = (0, 0)  # (level, species)


MOVES = (
  Move("NUDGE", PLAIN, 45, 255, 35),
  Move("KINDLE", EMBER, 45, 255, 25),
  Move("SPRITZ", TIDE, 45, 255, 25),
  Move("BRAMBLE", MOSS, 45, 255, 25),
  Move("FLUTTER", PLAIN, 50, 242, 30),
  Move("TUMBLE", PLAIN, 58, 225, 20),
  Move("PEBBLE", STONE, 48, 235, 25),
  Move("GLINT", GLOW, 45, 255, 25),
  Move("HUSH", PLAIN, 0, 255, 20, CALM),
  Move("SCUFF", PLAIN, 0, 255, 20, SCUFF),
  Move("FLARE", EMBER, 65, 235, 15),
  Move("SURGE", TIDE, 65, 235, 15),
  Move("THICKET", MOSS, 65, 235, 15),
  Move("CRAG", STONE, 65, 220, 15),
  Move("RADIATE", GLOW, 65, 235, 15),
  Move("SWOOP", PLAIN, 62, 240, 20),
  Move("SIP", MOSS, 35, 255, 20, DRAIN),
  Move("GNAW", PLAIN, 66, 235, 20),
  Move("BLAZE", EMBER, 85, 210, 8),
  Move("DELUGE", TIDE, 85, 210, 8),
  Move("WILDWOOD", MOSS, 85, 210, 8),
  Move("LEECH", GLOW, 40, 250, 15, DRAIN),
)
(NUDGE, KINDLE, SPRITZ, BRAMBLE, FLUTTER, TUMBLE, PEBBLE, GLINT, HUSH, SCUFFS,
 FLARE, SURGE, THICKET, CRAG, RADIATE, SWOOP, SIP, GNAW, BLAZE, DELUGE,
 WILDWOOD, LEECH) = range(1, len(MOVES) + 1)  # fmt: skip

_WICKIT = ((1, NUDGE), (1, KINDLE), (8, HUSH), (11, FLARE))
_BRINLET = ((1, NUDGE), (1, SPRITZ), (8, SCUFFS), (11, SURGE))
_FERNUB = ((1, NUDGE), (1, BRAMBLE), (8, SIP), (11, THICKET))
_PIPWING = ((1, NUDGE), (1, FLUTTER), (7, SCUFFS), (9, SWOOP))
_SOOTMOTH = ((1, FLUTTER), (1, KINDLE), (7, HUSH), (12, RADIATE))

SPECIES = (
  Species("WICKIT", (EMBER, EMBER), (52, 66, 56, 64), 60, 26, _WICKIT,
          (10, 10)),
  Species("BRINLET", (TIDE, TIDE), (56, 62, 60, 58), 60, 26, _BRINLET,
          (10, 11)),
  Species("FERNUB", (MOSS, MOSS), (62, 62, 58, 54), 60, 26, _FERNUB,
          (10, 12)),
  Species("PIPWING", (PLAIN, PLAIN), (34, 42, 36, 56), 110, 26, _PIPWING,
          (9, 13)),
  Species("BURROLL", (MOSS, STONE), (38, 36, 50, 26), 100, 26,
          ((1, TUMBLE), (4, BRAMBLE), (8, PEBBLE), (12, CRAG))),
  Species("LUMOLL", (TIDE, GLOW), (42, 36, 44, 22), 90, 28,
          ((1, NUDGE), (3, SPRITZ), (7, GLINT), (12, SURGE))),
  Species("SOOTMOTH", (EMBER, EMBER), (34, 40, 34, 52), 90, 28, _SOOTMOTH,
          (12, 21)),
  Species("PEBBIT", (STONE, STONE), (38, 40, 42, 38), 110, 26,
          ((1, NUDGE), (4, PEBBLE), (8, TUMBLE), (12, CRAG))),
  Species("BEAKON", (GLOW, GLOW), (50, 52, 48, 60), 45, 40,
          ((1, FLUTTER), (4, GLINT), (9, SWOOP), (13, RADIATE))),
  Species("WICKHOWL", (EMBER, EMBER), (66, 74, 64, 72), 40, 42, _WICKIT),
  Species("BRINWAVE", (TIDE, TIDE), (70, 70, 70, 66), 40, 42, _BRINLET),
  Species("FERNGARD", (MOSS, MOSS), (76, 70, 70, 60), 40, 42, _FERNUB),
  Species("GALEWING", (PLAIN, PLAIN), (52, 60, 50, 72), 60, 36, _PIPWING),
  Species("PUDDLIN", (TIDE, TIDE), (40, 42, 40, 44), 110, 27,
          ((1, NUDGE), (3, SPRITZ), (8, SCUFFS), (12, SURGE))),
  Species("BRISTLIN", (MOSS, MOSS), (42, 46, 48, 34), 100, 27,
          ((1, SCUFFS), (1, BRAMBLE), (7, GNAW), (12, THICKET))),
  Species("CAIRNIN", (STONE, STONE), (44, 44, 60, 20), 80, 29,
          ((1, TUMBLE), (5, PEBBLE), (9, SCUFFS), (12, CRAG))),
  Species("FLIKKIT", (GLOW, GLOW), (36, 46, 34, 66), 85, 29,
          ((1, NUDGE), (4, GLINT), (8, GNAW), (12, RADIATE))),
  Species("DIMBAT", (GLOW, PLAIN), (40, 44, 38, 60), 100, 28,
          ((1, FLUTTER), (5, LEECH), (9, SWOOP), (13, RADIATE))),
  Species("KILNOX", (EMBER, STONE), (54, 54, 56, 34), 60, 32,
          ((1, TUMBLE), (5, KINDLE), (9, PEBBLE), (12, FLARE))),
  Species("ANGLOW", (TIDE, GLOW), (50, 50, 46, 48), 70, 31,
          ((1, SPRITZ), (5, GLINT), (9, GNAW), (13, DELUGE))),
  Species("MOTHARCH", (GLOW, EMBER), (54, 58, 50, 64), 35, 44, _SOOTMOTH),
)  # fmt: skip


class Item(NamedTuple):
  """An item; ids are those of Pokémon Red's analogous items."""

  id: int
  name: str  # at most 9 letters
  price: int  # 0 = cannot be bought or sold
  kind: int
  amount: int = 0


KIND_BALL, KIND_HEAL, KIND_REVIVE, KIND_PP, KIND_CALM, KIND_KEY = range(6)
BALL_ITEM, FINE_BALL, BALM, RICH_BALM, SPARK, TONIC, INCENSE, LANTERN = (
    4, 3, 20, 19, 53, 80, 30, 72)  # fmt: skip
ITEMS = (
  Item(BALL_ITEM, "BALL", 100, KIND_BALL, 0),
  Item(FINE_BALL, "FINE BALL", 300, KIND_BALL, 60),
  Item(BALM, "BALM", 150, KIND_HEAL, 20),
  Item(RICH_BALM, "RICH BALM", 350, KIND_HEAL, 50),
  Item(SPARK, "SPARK", 600, KIND_REVIVE),
  Item(TONIC, "TONIC", 300, KIND_PP),
  Item(INCENSE, "INCENSE", 200, KIND_CALM, 100),
  Item(LANTERN, "LANTERN", 0, KIND_KEY),
)
SHOPS = (
  (BALL_ITEM, BALM, INCENSE, TONIC),
  (BALL_ITEM, FINE_BALL, BALM, RICH_BALM, SPARK),
)
NICKNAMES = ("LUX", "COMET", "BUTTON", "MISO")


def matchup(attack: int, types: tuple[int, int]) -> float:
  """Damage factor of a move's type on a species' types: 0.25 to 4."""
  factor = CHART.get((attack, types[0]), 1.0)
  if types[1] != types[0]:
    factor *= CHART.get((attack, types[1]), 1.0)
  return factor


def species_id(name: str) -> int:
  """A species' id by its name."""
  return 1 + [s.name for s in SPECIES].index(name)
