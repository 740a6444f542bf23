"""Counts what a collection has seen of the game, from its episodes.

A world model dreams what it was shown: a map that nobody entered, a menu that
nobody opened and a battle that nobody lost are missing from every dream.
"""

import collections
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.probes import is_placed
from dreamer_jax.game.battle import OUTCOMES, BattleTracker
from dreamer_jax.game.env import BUTTONS
from dreamer_jax.game.ram import BATTLE_TRAINER, GameRam
from dreamer_jax.game.scalar_ram import Sample

KINDS = ("wild", "trainer")
# Where a step's picture is taken; the first that holds counts.
SCREENS = ("title", "battle", "dialog", "walking")


class Place(NamedTuple):
  """What is known of a map beforehand."""

  name: str
  tiles: int  # that can be stood on


class Coverage:
  """Counts over episodes; `to_json` tells them."""

  def __init__(
    self,
    places: Mapping[int, Place] | None = None,
    pictures: bool = True,
  ):
    """Starts at zero.

    Args:
      places: the game's maps by id, where they are known.
      pictures: distinct ones are counted, 60 bytes of memory each.
    """
    self._places = dict(places or {})
    self._count_pictures = pictures
    self._episodes = self._transitions = self._terminal = 0
    self._maps: dict[int, collections.Counter] = {}  # (x, y) -> steps
    self._map_episodes: collections.Counter = collections.Counter()
    self._battles: collections.Counter = collections.Counter()
    self._screens: collections.Counter = collections.Counter()
    self._menus: dict[tuple, set[int]] = {}  # (x, y, last) -> entries
    self._actions = np.zeros(len(BUTTONS), np.int64)
    self._badges: collections.Counter = collections.Counter()
    self._owned: set[int] = set()
    self._seen: set[int] = set()
    self._fought: set[int] = set()
    self._most_owned = self._best_level = self._largest_party = 0
    self._events = np.zeros(0, np.uint8)
    self._pictures: set[int] = set()

  def watch(self, episodes: Iterable[Episode]) -> Iterator[Episode]:
    """Passes episodes on, counting them."""
    for episode in episodes:
      self.add(episode)
      yield episode

  def add(self, episode: Episode) -> None:
    """Counts one episode."""
    ram = episode.decode_ram()
    self._episodes += 1
    self._transitions += len(episode) - 1
    self._terminal += bool(episode.is_terminal[-1])
    self._actions += np.bincount(episode.action[1:], minlength=len(BUTTONS))
    if self._count_pictures:
      self._pictures.update(hash(p.tobytes()) for p in episode.packed)
    self._add_places(ram)
    self._add_screens(ram)
    self._add_progress(ram)
    self._battles.update(battles(episode.ram))

  def to_json(self) -> dict[str, Any]:
    """The report as plain data."""
    return {
      "episodes": self._episodes,
      "episodes_terminal": self._terminal,
      "transitions": self._transitions,
      "distinct_pictures": len(self._pictures),
      "maps": self._maps_json(),
      "maps_missing": sorted(
        place.name for m, place in self._places.items() if m not in self._maps
      ),
      "battles": {
        kind: {
          outcome: self._battles[kind, outcome]
          for outcome in (*OUTCOMES[1:], "cut")
        }
        for kind in KINDS
      },
      "screens": {name: self._screens[name] for name in SCREENS},
      "menus": [
        {"x": x, "y": y, "entries": last + 1, "chosen": sorted(chosen)}
        for (x, y, last), chosen in sorted(self._menus.items())
      ],
      "badges": {str(n): self._badges[n] for n in sorted(self._badges)},
      "species": {
        "owned": sorted(self._owned),
        "seen": sorted(self._seen),
        "fought": sorted(self._fought),
        "most_owned": self._most_owned,
      },
      "best_level": self._best_level,
      "largest_party": self._largest_party,
      "events": int(np.bitwise_count(self._events).sum()),
      "actions": dict(zip(BUTTONS, self._actions.tolist(), strict=True)),
    }

  def _maps_json(self) -> dict[str, dict[str, Any]]:
    found = {}
    for map_id, tiles in sorted(self._maps.items()):
      place = self._places.get(map_id)
      found[str(map_id)] = {
        "name": place.name if place else f"map {map_id}",
        "steps": tiles.total(),
        "tiles": len(tiles),
        "tiles_known": place.tiles if place else None,
        "episodes": self._map_episodes[map_id],
      }
    return found

  def _add_places(self, ram: GameRam) -> None:
    placed = is_placed(ram) & ~ram.in_battle
    spots = np.stack([ram.map_id, ram.x, ram.y], -1)[placed]
    spots, steps = np.unique(spots, axis=0, return_counts=True)
    for (map_id, x, y), count in zip(
      spots.tolist(), steps.tolist(), strict=True
    ):
      self._maps.setdefault(map_id, collections.Counter())[x, y] += count
    self._map_episodes.update(set(spots[:, 0].tolist()))

  def _add_screens(self, ram: GameRam) -> None:
    held = [~ram.is_playing, ram.battle != 0, ram.dialog_open]
    kind = np.select(held, range(len(held)), len(held))
    for number, steps in zip(*np.unique(kind, return_counts=True), strict=True):
      self._screens[SCREENS[number]] += int(steps)
    # The cursor's bytes stay when a menu closes, so they tell which menus and
    # entries there were, but not for how long. A menu is a place and a length.
    shown = (ram.in_battle | ram.dialog_open) & ram.is_playing
    shown &= (ram.menu_max > 0) & (ram.menu_item <= ram.menu_max)
    fields = [ram.menu_x, ram.menu_y, ram.menu_max, ram.menu_item]
    rows = np.unique(np.stack(fields, -1)[shown], axis=0)
    for *menu, chosen in rows.tolist():
      self._menus.setdefault(tuple(menu), set()).add(chosen)

  def _add_progress(self, ram: GameRam) -> None:
    playing = ram.is_playing
    self._badges[int(ram.badge_count[-1])] += 1
    if not playing.any():
      return
    numbers = lambda bits: (np.flatnonzero(bits.any(0)) + 1).tolist()
    sure = playing & ram.got_starter  # owned bits blink before
    self._owned.update(numbers(ram.owned[sure]))
    self._seen.update(numbers(ram.seen[playing]))
    self._fought.update(ram.enemy_species[ram.in_battle].tolist())
    self._most_owned = max(self._most_owned, int(ram.owned_count[-1]))
    member = np.arange(ram.party_level.shape[-1]) < ram.party_count[:, None]
    levels = np.where(member & playing[:, None], ram.party_level, 0)
    self._best_level = max(self._best_level, int(levels.max()))
    self._largest_party = max(
      self._largest_party, int(ram.party_count[playing].max())
    )
    events = np.bitwise_or.reduce(ram.events[playing])
    if not self._events.size:
      self._events = np.zeros_like(events)
    self._events |= events


def battles(ram: np.ndarray) -> Iterator[tuple[str, str]]:
  """The battles of one episode.

  Args:
    ram: `[T, RAM_SIZE]` u8, its snapshots in order.

  Yields:
    (kind, outcome) of each, one of `KINDS` and of `battle.OUTCOMES`; the
    outcome is "cut" where the episode ended first.
  """
  samples = [Sample(row.tobytes()) for row in ram]
  tracker = BattleTracker()
  tracker.reset(samples[0])
  last = samples[0]
  for sample in samples[1:]:
    if outcome := tracker.update(sample):
      yield _kind(last), outcome
    last = sample
  if last.in_battle:
    yield _kind(last), "cut"


def _kind(sample: Sample) -> str:
  return KINDS[sample.battle == BATTLE_TRAINER]
