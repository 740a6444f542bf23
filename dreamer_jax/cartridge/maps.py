"""The island's maps: layout, warps, people and signs, for ROM and Python alike.

`MAPS` is the truth: the build turns it into the ROM's tables, the scripted
expert plans its walks on it, and evaluation places positions of several maps
on one plane with `global_xy`. Ids are those of Pokémon Red's analogous maps.
"""

import numpy as np

from dreamer_jax.cartridge.map_types import Map, Thing, Warp

HOME_TOWN, SECOND_TOWN, ROUTE = 0, 1, 12
HOME, KEEPER_HOUSE, HEALING_HOUSE, GYM = 37, 40, 41, 54

_HOME_TOWN = Map(
  id=HOME_TOWN,
  name="Duskhaven",
  is_outdoor=True,
  north=ROUTE,
  rows=(
    "TTTTTTTTT--TTTTTTTTT",
    "TTTTTTTTT--TTTTTTTTT",
    "T..f.....--.....f..T",
    "T.<^^>...--..wwwww.T",
    "T.[~~]...--..wwwww.T",
    "T.oD#o...--..wwwww.T",
    "T..-.s...--........T",
    "T..--------...f....T",
    "T........--........T",
    "T.f.f.f..--........T",
    "T====.===--.<^^^^>.T",
    "T........--.[~~~~].T",
    "T..f..f..--.o#Do#o.T",
    "T........--...-s...T",
    "T.f..f...------....T",
    "T..................T",
    "TTTTTTTTTTTTTTTTTTTT",
    "TTTTTTTTTTTTTTTTTTTT",
  ),
  warps=(Warp(3, 5, HOME, 3, 7), Warp(14, 12, KEEPER_HOUSE, 4, 7)),
  people=(
    Thing(8, 2, "guard", "elder"),
    Thing(6, 8, "villager", "girl"),
  ),
  signs=(Thing(5, 6, "sign_home"), Thing(15, 13, "sign_keeper")),
)

_ROUTE = Map(
  id=ROUTE,
  name="Fern Road",
  is_outdoor=True,
  north=SECOND_TOWN,
  south=HOME_TOWN,
  rows=(
    "TTTTTTTTT--TTTTTTTTT",
    "TTTT.....--.....TTTT",
    "TT..,,,..--..,,,..TT",
    "T..,,,,,.--.,,,,,..T",
    "T..,,,,,.--.,,,,,..T",
    "T...,,,..--..,,,...T",
    "T.TT....s--....TT..T",
    "T.TT.TTTT--TTT.TT..T",
    "TTTTTT,,,,,,,,TTTTTT",
    "TTTTTT,,,,,,,,TTTTTT",
    "T.......----.......T",
    "T.f.....--.....f...T",
    "T.......--..wwwww..T",
    "T..,,,,.--..wwwww..T",
    "T.,,,,,.--..wwwww..T",
    "T.,,,,,.--.........T",
    "T..,,,..----.......T",
    "T.........--...,,,.T",
    "T====.===.--..,,,,.T",
    "T.........--..,,,,.T",
    "T.f..f....--...,,..T",
    "TTTTTT....--...TTTTT",
    "TTTTTTT,,,,,,,TTTTTT",
    "TTTTTTT,,,,,,,TTTTTT",
    "T........--........T",
    "T.f......--s.....f.T",
    "TTTTTTTTT--TTTTTTTTT",
    "TTTTTTTTT--TTTTTTTTT",
  ),
  people=(Thing(13, 11, "walker", "girl"),),
  signs=(Thing(11, 25, "sign_south"), Thing(8, 6, "sign_north")),
)

_SECOND_TOWN = Map(
  id=SECOND_TOWN,
  name="Brightwater",
  is_outdoor=True,
  south=ROUTE,
  rows=(
    "TTTTTTTTTTTTTTTTTTTT",
    "TwwwwwwwwwwwwwwwwwwT",
    "TwwwwwwwwwwwwwwwwwwT",
    "T.......<^^^^>.....T",
    "T.f.....[~~~~]...f.T",
    "T.......oGD#Go.....T",
    "T......s..--.......T",
    "T.f.......--.....f.T",
    "T..<^^>...--..f....T",
    "T..[~~]...--.......T",
    "T..oDHo...--..wwww.T",
    "T...-.s...--..wwww.T",
    "T...--------..wwww.T",
    "T.........--.......T",
    "T.f.f.f..----..f...T",
    "T====.===--=.=====.T",
    "T........--........T",
    "TTTTTTTTT--TTTTTTTTT",
  ),
  warps=(Warp(10, 5, GYM, 4, 11), Warp(4, 10, HEALING_HOUSE, 4, 7)),
  people=(Thing(13, 7, "fisher", "elder"),),
  signs=(Thing(7, 6, "sign_gym"), Thing(6, 11, "sign_heal")),
)

_HOME = Map(
  id=HOME,
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
  warps=(Warp(3, 7, HOME_TOWN, 3, 5),),
  people=(Thing(2, 4, "mother", "woman"),),
  signs=(Thing(0, 1, "books"), Thing(1, 1, "books")),
)

_KEEPER_HOUSE = Map(
  id=KEEPER_HOUSE,
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
  warps=(Warp(4, 7, HOME_TOWN, 14, 12),),
  people=(Thing(5, 2, "keeper", "keeper"),),
  signs=(
    Thing(6, 3, "starter_0"),
    Thing(7, 3, "starter_1"),
    Thing(8, 3, "starter_2"),
    *(Thing(x, 1, "books") for x in (0, 1, 2, 3, 6, 7, 8, 9)),
  ),
)

_HEALING_HOUSE = Map(
  id=HEALING_HOUSE,
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
  warps=(Warp(4, 7, SECOND_TOWN, 4, 10),),
  people=(
    Thing(5, 1, "healer", "woman"),
    Thing(1, 3, "guest", "girl"),
  ),
)

_GYM = Map(
  id=GYM,
  name="gym",
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
  warps=(Warp(4, 11, SECOND_TOWN, 10, 5),),
  people=(
    Thing(4, 2, "leader", "leader"),
    Thing(6, 9, "gym_guide", "elder"),
  ),
)

MAPS: dict[int, Map] = {
    m.id: m
    for m in (
        _HOME_TOWN, _SECOND_TOWN, _ROUTE, _HOME, _KEEPER_HOUSE,
        _HEALING_HOUSE, _GYM,
    )
}  # fmt: skip

# The title's picture, ten cells wide, drawn under the game's name.
TITLE_ROWS = (
  "T.T<^^>T.T",
  "f..[~~]..f",
  "...oD#o...",
  "ww==-====w",
  "wwww-wwwww",
)

START = (HOME, 5, 3)  # map, x, y where play begins
GATE = (HOME_TOWN, (9, 10), 1)  # the guard's line: map, columns, row
RESTORES = {HOME_TOWN: (3, 6), SECOND_TOWN: (4, 11)}  # after a blackout


def _origins() -> dict[int, tuple[int, int]]:
  """Each map's top left corner on the common plane, in player tiles."""
  origins = {SECOND_TOWN: (0, 0)}
  current = MAPS[SECOND_TOWN]
  while current.south is not None:
    x, y = origins[current.id]
    origins[current.south] = (x, y + current.height)
    current = MAPS[current.south]
  for outdoor in [m for m in MAPS.values() if m.is_outdoor]:
    x, y = origins[outdoor.id]
    for warp in outdoor.warps:
      origins[warp.to_map] = (x + warp.x - warp.to_x, y + warp.y - warp.to_y)
  return origins


ORIGINS = _origins()


def global_xy(
  map_id: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """Places positions of all maps on one plane.

  Outdoor maps lie edge to edge as they connect; an interior lies so that its
  mat coincides with its door outside. An unknown map counts as map 0.

  Args:
    map_id: [...] int, map id.
    x: [...] int, player tiles from the map's left.
    y: [...] int, player tiles from the map's top.

  Returns:
    (gx, gy), each [...] i32, player tiles; may be negative indoors.
  """
  table = np.tile(np.array(ORIGINS[HOME_TOWN], np.int32), (256, 1))
  for known, origin in ORIGINS.items():
    table[known] = origin
  corner = table[np.asarray(map_id) & 255]
  gx = corner[..., 0] + np.asarray(x, np.int32)
  gy = corner[..., 1] + np.asarray(y, np.int32)
  return gx, gy
