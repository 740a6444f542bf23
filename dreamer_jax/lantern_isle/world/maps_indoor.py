"""The island's houses, gyms, lighthouse and cave."""

from dreamer_jax.lantern_isle.world import maps_outdoor as ids
from dreamer_jax.lantern_isle.world import trainers
from dreamer_jax.lantern_isle.world.map_types import (
  CAVE,
  OUTDOOR,
  Map,
  Thing,
  Warp,
)

_HOME = Map(
  id=ids.HOME,
  name="home",
  rows=(
    "WWXWWXWW",
    "kk_____b",
    "_______B",
    "___tt___",
    "___tt___",
    "________",
    "p______p",
    "___m____",
  ),
  warps=(Warp(3, 7, ids.HOME_TOWN, 0),),
  people=(Thing(2, 4, "mother", "woman"),),
  signs=(Thing(0, 1, "books"), Thing(1, 1, "books")),
)

_NEIGHBOUR = Map(
  id=ids.NEIGHBOUR,
  name="neighbour's house",
  rows=(
    "WXWWWWXW",
    "b__kk__p",
    "B_______",
    "____tt__",
    "____tt__",
    "________",
    "p______p",
    "___m____",
  ),
  warps=(Warp(3, 7, ids.HOME_TOWN, 2),),
  people=(Thing(5, 2, "neighbour", "elder"), Thing(2, 4, "child", "girl")),
  signs=(Thing(3, 1, "books"), Thing(4, 1, "books")),
)

_KEEPER_HOUSE = Map(
  id=ids.KEEPER_HOUSE,
  name="keeper's house",
  rows=(
    "WWXWWWWXWW",
    "kkkk__kkkk",
    "__________",
    "______lll_",
    "__________",
    "p________p",
    "p________p",
    "____m_____",
  ),
  warps=(Warp(4, 7, ids.HOME_TOWN, 1),),
  people=(Thing(5, 2, "keeper", "keeper"),),
  signs=(
    Thing(6, 3, "starter_0"),
    Thing(7, 3, "starter_1"),
    Thing(8, 3, "starter_2"),
    *(Thing(x, 1, "books") for x in (0, 1, 2, 3, 6, 7, 8, 9)),
  ),
)


def _healing_house(map_id: int, town: int, script: str, guest: str) -> Map:
  return Map(
    id=map_id,
    name="healing house",
    rows=(
      "WWXWWWWXWW",
      "p___l____p",
      "___CCCC___",
      "__________",
      "tt______tt",
      "__________",
      "p________p",
      "____m_____",
    ),
    warps=(Warp(4, 7, town, 1),),
    people=(Thing(5, 1, script, "woman"), Thing(1, 3, guest, "girl")),
  )


def _shop(map_id: int, town: int, script: str, guest: str) -> Map:
  return Map(
    id=map_id,
    name="shop",
    rows=(
      "WWXWWXWW",
      "kk_k__kk",
      "CCCC__kk",
      "________",
      "_____tt_",
      "________",
      "p______p",
      "___m____",
    ),
    warps=(Warp(3, 7, town, 2),),
    people=(Thing(2, 1, script, "clerk"), Thing(6, 3, guest, "boy")),
  )


_GYM = Map(
  id=ids.GYM,
  name="Brightwater gym",
  rows=(
    "WWXWWWWXWW",
    "wwS____Sww",
    "www____www",
    "ww______ww",
    "wS______Sw",
    "ww______ww",
    "wwww__wwww",
    "wS______Sw",
    "ww______ww",
    "w________w",
    "p________p",
    "____m_____",
  ),
  warps=(Warp(4, 11, ids.SECOND_TOWN, 0),),
  people=(
    Thing(4, 2, "leader_1", "leader"),
    Thing(2, 8, "novice_pia", "girl", sees="right", reach=5),
    Thing(6, 10, "gym_guide", "elder"),
  ),
)

_GYM_2 = Map(
  id=ids.GYM_2,
  name="Mothlight gym",
  rows=(
    "WWXWWWWXWW",
    "FFF____FFF",
    "FFF____FFF",
    "FFFF__FFFF",
    "FFFF__FFFF",
    "F________F",
    "F________F",
    "FSF____FSF",
    "F________F",
    "FFFF__FFFF",
    "F________F",
    "F________F",
    "FF______FF",
    "p________p",
    "p________p",
    "____m_____",
  ),
  warps=(Warp(4, 15, ids.THIRD_TOWN, 0),),
  people=(
    Thing(4, 2, "leader_2", "leader2"),
    Thing(1, 10, "novice_dov", "boy", sees="right", reach=7),
    Thing(8, 6, "novice_una", "girl", sees="left", reach=6),
    Thing(4, 4, "barrier", "barrier", gone="gym_lock_open"),
    Thing(5, 4, "barrier", "barrier", gone="gym_lock_open"),
    Thing(6, 13, "gym_guide_2", "elder"),
  ),
  signs=(Thing(1, 7, "lamp_west"), Thing(8, 7, "lamp_east")),
)

_LIGHTHOUSE = Map(
  id=ids.LIGHTHOUSE,
  name="lighthouse",
  rows=(
    "WWXWWXWW",
    "kkkkkkU_",
    "________",
    "________",
    "tt______",
    "________",
    "p______p",
    "___m____",
  ),
  warps=(Warp(3, 7, ids.THIRD_TOWN, 3), Warp(6, 1, ids.LAMP_ROOM, 0)),
  people=(Thing(4, 3, "lighthouse_keeper", "keeper"),),
  signs=(Thing(0, 1, "books"), Thing(1, 1, "books"), Thing(2, 1, "books")),
)

_LAMP_ROOM = Map(
  id=ids.LAMP_ROOM,
  name="lamp room",
  rows=(
    "XWXWWXWX",
    "_S____S_",
    "________",
    "___QQ___",
    "________",
    "______U_",
    "_S____S_",
    "___m____",
  ),
  warps=(Warp(6, 5, ids.LIGHTHOUSE, 1), Warp(3, 7, ids.BALCONY, 0)),
  signs=(Thing(3, 3, "great_lamp"), Thing(4, 3, "great_lamp")),
)

# Where the credits end: the lighthouse's balcony, and all who helped.
_BALCONY = Map(
  id=ids.BALCONY,
  name="balcony",
  tileset=OUTDOOR,
  edge="w",
  rows=(
    "wwwwwwwwwwww",
    "w..<^^^^>..w",
    "w..[~~~~]..w",
    "w..oLD#Lo..w",
    "w....-.....w",
    "w..------..w",
    "w..........w",
    "wf........fw",
    "w====..====w",
    "wwwwwwwwwwww",
  ),
  warps=(Warp(5, 3, ids.LAMP_ROOM, 1),),
  people=(
    Thing(2, 5, "balcony_oda", "keeper"),
    Thing(4, 7, "balcony_marla", "leader"),
    Thing(7, 7, "balcony_corvin", "leader2"),
    Thing(9, 5, "balcony_mother", "woman"),
  ),
)

_CAVE = Map(
  id=ids.CAVE_MAP,
  name="Glowhollow",
  tileset=CAVE,
  wild=trainers.GLOWHOLLOW,
  rows=(
    "%%%%%%%%%%%%%%%%%%%%",
    "%::::%%%%::::::%%%%%",
    "%::;;;%%::;;;:::%%%%",
    "%::;;;::::;;;:::c%%%",
    "%%:;;%%%%%;;;%%%%%%%",
    "%%::%%%%%%:::%%::::%",
    "%c::%%%::::::::;;::%",
    "%::::::::%%%:::;;;:%",
    "%::::%%::%%%%%%;;;:%",
    "%ww:%%%::::c%%%%:::%",
    "%www%%%::::::%%%%::%",
    "%www::::;;;::::%%::%",
    "%%ww::::;;;::::::::%",
    "%%%%::%%;;;%%::::%%%",
    "%%%%::%%:::%%%::%%%%",
    "%c::::%%:::%%%%%%%%%",
    "%%%::%%%%:%%%%%%%%%%",
    "%%%%%%%%%m%%%%%%%%%%",
  ),
  warps=(Warp(9, 17, ids.REED_WALK, 0),),
  people=(
    Thing(11, 10, "cave_nell", "woman", sees="left", reach=4),
    Thing(2, 15, "item:RICH BALM", "ball", gone="item_cave"),
    Thing(1, 1, "item:FINE BALL", "ball", gone="item_cave_deep"),
  ),
)

INDOOR_MAPS = (
  _HOME, _NEIGHBOUR, _KEEPER_HOUSE,
  _healing_house(ids.HEALING_HOUSE, ids.SECOND_TOWN, "healer_1", "guest"),
  _shop(ids.SHOP, ids.SECOND_TOWN, "shop_1", "shopper"),
  _GYM,
  _healing_house(ids.HEALING_HOUSE_2, ids.THIRD_TOWN, "healer_2", "guest_2"),
  _shop(ids.SHOP_2, ids.THIRD_TOWN, "shop_2", "shopper_2"),
  _GYM_2, _LIGHTHOUSE, _LAMP_ROOM, _BALCONY, _CAVE,
)  # fmt: skip
