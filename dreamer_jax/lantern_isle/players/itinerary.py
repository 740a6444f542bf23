"""Where the scripted player goes next: healing, hunting, shops, leaders."""

import dataclasses

import numpy as np

from dreamer_jax.game.ram import GameRam
from dreamer_jax.lantern_isle.players import routes
from dreamer_jax.lantern_isle.players.battling import BALLS, count
from dreamer_jax.lantern_isle.players.routes import UP, Passes, Place
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.lantern_isle.world.events import EVENTS
from dreamer_jax.lantern_isle.world.trainers import SLOT_CHANCES

Errand = tuple[Place, int]  # where to stand, and the action that faces it

STARTERS = tuple(((maps.KEEPER_HOUSE, x, 4), UP) for x in (6, 7, 8))
HEALERS = (
  routes.beside(maps.HOME, "mother"),
  routes.beside(maps.HEALING_HOUSE, "healer_1"),
  routes.beside(maps.HEALING_HOUSE_2, "healer_2"),
)
SHOPS = (
  routes.beside(maps.SHOP, "shop_1"),
  routes.beside(maps.SHOP_2, "shop_2"),
)
LEADERS = (
  routes.beside(maps.GYM, "leader_1"),
  routes.beside(maps.GYM_2, "leader_2"),
)
LAMP_WEST = routes.beside(maps.GYM_2, "lamp_west")
LAMP_EAST = routes.beside(maps.GYM_2, "lamp_east")
GREAT_LAMP = routes.beside(maps.LAMP_ROOM, "great_lamp")
NEIGHBOUR = routes.beside(maps.NEIGHBOUR, "neighbour")

# The level at which a map's wild ones are worth meeting.
HUNTING_LEVELS = {
    maps.ROUTE: 5, maps.REED_WALK: 7, maps.WOOD: 8, maps.CAVE_MAP: 9,
    maps.EMBER_PASS: 9,
}  # fmt: skip
_LAST_HUNT = maps.EMBER_PASS


def wild_cells(map_id: int) -> frozenset[Place]:
  """The cells of a map in which wild creatures live."""
  grass = np.argwhere(maps.MAPS[map_id].grass).tolist()
  free = routes.graph()
  places = ((map_id, x, y) for y, x in grass)
  return frozenset(place for place in places if place in free)


WILD = {map_id: wild_cells(map_id) for map_id in HUNTING_LEVELS}


def chances(map_id: int) -> dict[int, float]:
  """Species -> share of a map's encounters."""
  found: dict[int, float] = {}
  slots = maps.MAPS[map_id].wild.slots
  for (_, name), chance in zip(slots, SLOT_CHANCES, strict=True):
    species = tables.species_id(name)
    found[species] = found.get(species, 0.0) + chance / 256
  return found


CHANCES = {map_id: chances(map_id) for map_id in HUNTING_LEVELS}


@dataclasses.dataclass
class Style:
  """What a seed's player aims at."""

  starter: int  # 0-2
  levels: tuple[int, int]  # of the strongest, before each leader
  species: tuple[int, int]  # owned before each leader
  goal_species: int  # owned at the end
  careful: float  # health, of the party's most, below which it goes to heal
  gathers: bool  # picks up what lies about
  visits: bool  # takes the neighbour's gift
  detours: frozenset[Place]  # places it walks past on its way

  @classmethod
  def draw(cls, rng: np.random.Generator) -> "Style":
    """A way to play, by chance."""
    first = int(rng.choice((7, 7, 8, 8, 9)))
    side = [(maps.WOOD, 4, 11), (maps.WOOD, 17, 17), (maps.EMBER_PASS, 4, 14),
            (maps.REED_WALK, 5, 15)]  # fmt: skip
    return cls(
      starter=int(rng.integers(3)),
      levels=(first, int(rng.choice((11, 12, 12, 13)))),
      species=(int(rng.integers(2, 5)), int(rng.integers(6, 10))),
      goal_species=int(rng.choice((10, 10, 10, 11))),
      careful=float(rng.uniform(0.3, 0.5)),
      gathers=bool(rng.random() < 0.5),
      visits=bool(rng.random() < 0.4),
      detours=frozenset(p for p in side if rng.random() < 0.25),
    )


def reachable(place: Place, errands, open_: Passes) -> list[Errand]:
  """Those errands to which a way is open, the nearest first."""
  far = {e: routes.distance(place, e[0], open_) for e in errands}
  return sorted((e for e in far if np.isfinite(far[e])), key=far.__getitem__)


def healer(place: Place, open_: Passes) -> Errand:
  """The nearest; any where no way is known, and steps at random lead back.

  Such a place is where a thing lay that was taken: it is in no way.
  """
  near = reachable(place, HEALERS, open_)
  return near[0] if near else HEALERS[0]


def things(map_id: int, ram: GameRam) -> list[Errand]:
  """What still lies about on a map."""
  people = maps.MAPS[map_id].people if map_id in maps.MAPS else ()
  return [
    routes.beside(map_id, thing.script)
    for thing in people
    if thing.script.startswith("item:") and not ram.event(EVENTS[thing.gone])
  ]


def health(ram: GameRam) -> float:
  """The party's share of its most health, the strongest counting most."""
  level = ram.party_level[: int(ram.party_count)]
  most = int(ram.party_max_hp[: len(level)] @ level)
  return int(ram.party_hp[: len(level)] @ level) / max(1, most)


def wanted_species(ram: GameRam, map_id: int) -> float:
  """Share of a map's encounters that would be new."""
  return sum(c for s, c in CHANCES[map_id].items() if not ram.owned[s - 1])


def hunting_map(
  ram: GameRam, place: Place, open_: Passes, tired: frozenset[int]
) -> int:
  """The map on which to look for creatures now."""
  level = int(ram.party_level.max())
  score = {}
  for map_id, least in HUNTING_LEVELS.items():
    cells = WILD[map_id]
    way = min(routes.distance(place, c, open_) for c in sample(cells))
    if not np.isfinite(way) or (map_id in tired and len(tired) < 5):
      continue
    fits = 1.0 - 0.25 * abs(level - least - 1)
    new = wanted_species(ram, map_id) if count(ram, BALLS) else 0.0
    score[map_id] = 1.5 * new + 0.6 * fits - way / 150
    if level + 1 < least:
      score[map_id] -= 2.0
  return max(score, key=score.__getitem__, default=maps.ROUTE)


def sample(cells: frozenset[Place]) -> list[Place]:
  """A few of the cells, always the same, spread over the map."""
  ordered = sorted(cells)
  return ordered[:: max(1, len(ordered) // 4)]
