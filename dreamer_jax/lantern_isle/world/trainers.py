"""Trainers and wild creatures: who fights whom, and where."""

from typing import NamedTuple

from dreamer_jax.lantern_isle.world import tables


class Trainer(NamedTuple):
  """A trainer; `script` names its texts: before, lost, after."""

  script: str  # `NAME_before`, `NAME_lost` and `NAME_after` in `text.TEXTS`
  name: str  # at most 8 letters
  trainer_class: int
  prize: int
  team: tuple[tuple[str, int], ...]  # (species, level)
  gym: int = 0  # 1 or 2 for the leaders

  @property
  def event(self) -> str:
    """The flag that is set when it is beaten."""
    return f"beat_{self.script}"


LEADER_1_CLASS, LEADER_2_CLASS = 34, 35
TRAINERS = (
  Trainer("camper_rill", "RILL", 4, 150, (("PIPWING", 3), ("BURROLL", 3))),
  Trainer("novice_pia", "PIA", 3, 200, (("PEBBIT", 4), ("LUMOLL", 4))),
  Trainer("leader_1", "MARLA", LEADER_1_CLASS, 1000,
          (("LUMOLL", 5), ("BEAKON", 7)), 1),
  Trainer("reed_jon", "JON", 4, 250, (("PUDDLIN", 6), ("PIPWING", 6))),
  Trainer("wood_ada", "ADA", 2, 300, (("BRISTLIN", 7),)),
  Trainer("wood_finn", "FINN", 2, 300, (("SOOTMOTH", 7), ("FLIKKIT", 7))),
  Trainer("pass_bram", "BRAM", 10, 350, (("CAIRNIN", 8), ("KILNOX", 8))),
  Trainer("cave_nell", "NELL", 10, 350, (("DIMBAT", 8), ("ANGLOW", 8))),
  Trainer("novice_dov", "DOV", 3, 400, (("SOOTMOTH", 9),)),
  Trainer("novice_una", "UNA", 3, 400, (("FLIKKIT", 9), ("KILNOX", 8))),
  Trainer("leader_2", "CORVIN", LEADER_2_CLASS, 2000,
          (("KILNOX", 10), ("MOTHARCH", 12)), 2),
)  # fmt: skip

# Of 256 throws, how many meet each of a map's ten wild slots; as in Red.
SLOT_CHANCES = (51, 51, 39, 25, 25, 25, 13, 13, 11, 3)


class Wild(NamedTuple):
  """A map's wild creatures."""

  rate: int  # of 256, the chance of an encounter a step
  slots: tuple[tuple[int, str], ...]  # ten (level, species), common first

  def bytes(self) -> bytes:
    """Rate and slots as Red keeps them."""
    pairs = [(level, tables.species_id(name)) for level, name in self.slots]
    return bytes([self.rate, *(v for pair in pairs for v in pair)])


FERN_ROAD = Wild(38, (
    (3, "PIPWING"), (3, "PEBBIT"), (2, "BURROLL"), (3, "LUMOLL"),
    (3, "SOOTMOTH"), (4, "PIPWING"), (4, "BURROLL"), (4, "LUMOLL"),
    (4, "SOOTMOTH"), (5, "PEBBIT"),
))  # fmt: skip
REED_WALK = Wild(38, (
    (5, "PUDDLIN"), (5, "LUMOLL"), (6, "BRISTLIN"), (6, "PIPWING"),
    (6, "PUDDLIN"), (6, "BRISTLIN"), (7, "LUMOLL"), (7, "BURROLL"),
    (7, "PIPWING"), (8, "ANGLOW"),
))  # fmt: skip
WHISPER_WOOD = Wild(34, (
    (6, "BRISTLIN"), (7, "FLIKKIT"), (7, "SOOTMOTH"), (7, "BURROLL"),
    (8, "FLIKKIT"), (7, "DIMBAT"), (8, "BRISTLIN"), (8, "SOOTMOTH"),
    (9, "PIPWING"), (9, "BEAKON"),
))  # fmt: skip
EMBER_PASS = Wild(38, (
    (8, "CAIRNIN"), (8, "KILNOX"), (9, "PEBBIT"), (8, "FLIKKIT"),
    (9, "KILNOX"), (9, "CAIRNIN"), (9, "SOOTMOTH"), (10, "KILNOX"),
    (10, "CAIRNIN"), (10, "BEAKON"),
))  # fmt: skip
GLOWHOLLOW = Wild(26, (
    (7, "DIMBAT"), (7, "CAIRNIN"), (8, "DIMBAT"), (8, "ANGLOW"),
    (8, "FLIKKIT"), (8, "CAIRNIN"), (9, "ANGLOW"), (9, "LUMOLL"),
    (10, "ANGLOW"), (10, "BEAKON"),
))  # fmt: skip
NOTHING_WILD = Wild(0, ((0, "WICKIT"),) * 10)
