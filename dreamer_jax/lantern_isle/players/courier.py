"""A scripted player for goals on command: one errand after the other.

The expert is about the next badge, and the explorer about everything at once:
in hundreds of their games a sign is read ten times. The courier picks
something that can be done in minutes, goes straight there, does it, and picks
the next: whom it has seen least, what it does not own. In between it plays on
as the expert would, so that far maps open too.
"""

from typing import NamedTuple

import numpy as np

from dreamer_jax.game.ram import BATTLE_LOST, BATTLE_NONE, GameRam
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.battling import (
  AMOUNT,
  BALLS,
  MESSAGE,
  SHOP,
  YES_NO,
  A,
  B,
  Fighter,
  count,
  point,
)
from dreamer_jax.lantern_isle.players.expert import FACING, Expert
from dreamer_jax.lantern_isle.players.itinerary import Errand
from dreamer_jax.lantern_isle.players.routes import Passes, Place
from dreamer_jax.lantern_isle.players.walking import Walker
from dreamer_jax.lantern_isle.world import maps, tables
from dreamer_jax.lantern_isle.world.events import EVENTS

# What comes next, and how likely: see somebody or something, catch a species,
# go to a map, play on.
SHARES = {"see": 0.45, "catch": 0.25, "go": 0.1, "play": 0.2}
ANY = 0  # the species to catch: whichever comes, if it is not owned
_PATIENCE = 200  # actions for an errand: as many as a commanded goal is given
_PLAYS = (40, 180)  # actions of playing on
_ANY_SHARE = 0.25  # of the hunts that are for no species
_FAR = 120.0  # cost of a way beyond which nothing is picked, see `routes`
_TRIES = 4  # times it speaks to what does not answer
_WEAK = 0.35  # health below which it sees a healer first
_APART = {"books", "barrier", "great_lamp", "starter_0", "starter_1",
          "starter_2"}  # fmt: skip


Sight = tuple[Errand, int | None]  # whom to see, and an article of a shop


class Task(NamedTuple):
  """What it is about."""

  kind: str  # a key of `SHARES`
  errand: Errand | None = None  # whom to see
  species: int = ANY  # to catch
  place: Place | None = None  # to go to; a map's for a species to catch
  reply: int = 0  # entry of a question, and of a shop's list


class Courier:
  """Plays one game instance; see `Expert.act` for `act`.

  Attributes:
    task: what it is about.
    intent: the latest action as it was meant.
  """

  def __init__(
    self,
    rng: np.random.Generator,
    epsilon: float = 0.05,
    only: Task | None = None,
  ):
    """Begins as the expert does.

    Args:
      rng: chance for this player, used throughout.
      epsilon: share of random actions, 0-1.
      only: a task to do again and again, in place of its own choice.
    """
    self._only = only
    self._rng = rng
    self._epsilon = epsilon
    self._expert = Expert(rng, epsilon=0.0)
    self._fighter = Fighter(rng)
    self._walker = Walker(rng)
    self._seen: dict[Sight, int] = {}  # how often
    self._tries = 0
    self._owned = 0  # species, when the task was given
    self._answered = False  # what it came to see has spoken
    self._bought = False
    self._left = int(rng.integers(*_PLAYS))  # actions for the task
    self.task = only or Task("play")
    self.intent = A

  def act(self, ram: GameRam) -> int:
    """Chooses the next action, 0-7."""
    self._left -= 1
    if self._is_free(ram) and ram.got_starter and self._is_over(ram):
      self._owned = int(ram.owned_count)
      self._begin(self._only or self._next(ram))
    self.intent = self._decide(ram)
    if self._rng.random() < self._epsilon:
      return int(self._rng.integers(8))
    return self.intent

  def _is_free(self, ram: GameRam) -> bool:
    return bool(
      ram.is_playing and ram.can_act
      and ram.battle == BATTLE_NONE and not ram.dialog_open
    )  # fmt: skip

  def _is_over(self, ram: GameRam) -> bool:
    task = self.task
    if self._left <= 0:
      return True
    if task.kind == "see":
      return self._answered or self._tries >= _TRIES
    if task.kind == "catch":
      return self._has(ram, task.species) or not count(ram, BALLS)
    return task.kind == "go" and _place(ram) == task.place

  def _has(self, ram: GameRam, species: int) -> bool:
    if species == ANY:
      return int(ram.owned_count) > self._owned
    return bool(ram.owned[species - 1])

  def _begin(self, task: Task) -> None:
    self.task, self._tries = task, 0
    self._answered = self._bought = False
    self._walker.forget()
    self._left = _PATIENCE
    if task.kind == "play":
      self._left = int(self._rng.integers(*_PLAYS))

  # What to do next

  def _next(self, ram: GameRam) -> Task:
    place, open_ = _place(ram), routes.passes(ram)
    if itinerary.health(ram) < _WEAK:
      return Task("see", errand=itinerary.healer(place, open_))
    kind = str(self._rng.choice(list(SHARES), p=list(SHARES.values())))
    pick = {"see": self._sight, "catch": self._prey, "go": self._way}.get(kind)
    return (pick and pick(ram, place, open_)) or Task("play")

  def _sight(self, ram: GameRam, place: Place, open_: Passes) -> Task | None:
    """Of what is near, what it has seen least; rather the nearer."""
    sights = _sights(ram)
    way = {errand: 0.0 for errand, _ in sights}
    for errand in way:
      way[errand] = routes.distance(place, errand[0], open_)
    near = [sight for sight in sights if way[sight[0]] <= _FAR]
    if not near:
      return None
    least = min(self._seen.get(sight, 0) for sight in near)
    near = [sight for sight in near if self._seen.get(sight, 0) == least]
    near.sort(key=lambda sight: way[sight[0]])
    sight = near[min(int(self._rng.exponential(3.0)), len(near) - 1)]
    self._seen[sight] = least + 1
    errand, article = sight
    reply = int(self._rng.integers(5)) if article is None else article
    return Task("see", errand=errand, reply=reply)

  def _prey(self, ram: GameRam, place: Place, open_: Passes) -> Task | None:
    """A species that lives near and is not owned, the common ones rather."""
    if not count(ram, BALLS):
      return None
    chances = {
      (species, cell): chance
      for map_id, shares in itinerary.CHANCES.items()
      if (cell := self._nearest(place, map_id, open_)) is not None
      for species, chance in shares.items()
      if not ram.owned[species - 1]
    }
    if not chances:
      return None
    share = np.sqrt(list(chances.values()))
    drawn = int(self._rng.choice(len(share), p=share / share.sum()))
    species, cell = list(chances)[drawn]
    if self._rng.random() < _ANY_SHARE:
      species = ANY
    return Task("catch", species=species, place=cell)

  def _nearest(self, place: Place, map_id: int, open_: Passes) -> Place | None:
    cells = itinerary.sample(itinerary.WILD[map_id])
    cell = min(cells, key=lambda c: routes.distance(place, c, open_))
    return cell if routes.distance(place, cell, open_) <= _FAR else None

  def _way(self, ram: GameRam, place: Place, open_: Passes) -> Task | None:
    """Any cell of any map that is near."""
    there = routes.distances(itinerary.HEALERS[0][0], open_)
    map_id = int(self._rng.choice(sorted({spot[0] for spot in there})))
    cells = sorted(spot for spot in there if spot[0] == map_id)
    target = cells[int(self._rng.integers(len(cells)))]
    is_near = routes.distance(place, target, open_) <= _FAR
    return Task("go", place=target) if is_near else None

  # How to do it

  def _decide(self, ram: GameRam) -> int:
    if not ram.is_playing:
      return A
    if ram.battle == BATTLE_LOST:
      return B
    if self.task.kind == "play":
      return self._expert.act(ram)
    if ram.battle != BATTLE_NONE:
      return self._fight(ram)
    if ram.dialog_open:
      return self._talk(ram)
    if not ram.can_act:
      return B
    return self._walk(ram)

  def _fight(self, ram: GameRam) -> int:
    """Catches what it came for, and runs from the rest."""
    task = self.task
    self._fighter.wants = lambda s: bool(
      task.kind == "catch" and task.species in (ANY, s) and not ram.owned[s - 1]
    )
    self._fighter.wins = False
    return self._fighter.act(ram)

  def _walk(self, ram: GameRam) -> int:
    place, open_ = _place(ram), routes.passes(ram)
    task = self.task
    if task.kind == "catch":
      cells = itinerary.WILD[task.place[0]]
      return self._walker.about(place, cells, open_)
    if task.kind == "go":
      return self._walker.to(place, task.place, open_)
    target, face = task.errand
    if place != target:
      return self._walker.to(place, target, open_)
    if ram.facing != FACING[face]:
      return face
    self._tries += 1
    return A

  def _talk(self, ram: GameRam) -> int:
    """Hears it out; answers, and buys one thing, as the task says."""
    task, box = self.task, int(ram.text_box_id)
    if task.kind == "see" and _place(ram) == task.errand[0]:
      self._answered = True
    if box == MESSAGE:
      return A
    if box == YES_NO:
      return point(ram, task.reply % 2)
    if box == AMOUNT:
      self._bought = True
      return A
    if box == SHOP and goods_of(task.errand) and not self._bought:
      return self._choose(ram)
    return B

  def _choose(self, ram: GameRam) -> int:
    """The shop's article that it came for, if there is money for it."""
    goods = goods_of(self.task.errand)
    entry = self.task.reply % len(goods)
    return point(ram, entry) if ram.money >= price(goods[entry]) else B


def goods_of(errand: Errand | None) -> tuple[int, ...]:
  """Items that are sold there; none where nobody sells."""
  sold = zip(itinerary.SHOPS, tables.SHOPS, strict=True)
  return next((tuple(g) for shop, g in sold if shop == errand), ())


def price(item: int) -> int:
  """What a shop asks for an item."""
  return next(i.price for i in tables.ITEMS if i.id == item)


def _place(ram: GameRam) -> Place:
  return (int(ram.map_id), int(ram.x), int(ram.y))


def _sights(ram: GameRam) -> list[Sight]:
  """Everybody and everything that can be talked to or taken now.

  Each article of a shop that can be paid counts. Leaders are the expert's,
  for it prepares.
  """
  found: list[Sight] = []
  for m in maps.MAPS.values():
    for thing in (*m.people, *m.signs):
      gone = getattr(thing, "gone", None)
      if gone and ram.event(EVENTS[gone]):
        continue
      if thing.script in _APART or thing.script.startswith("leader"):
        continue
      errand = routes.beside(m.id, thing.script)
      goods = goods_of(errand)
      paid = [i for i, item in enumerate(goods) if price(item) <= ram.money]
      found += [(errand, i) for i in paid] if goods else [(errand, None)]
  return found
