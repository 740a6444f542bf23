"""A scripted demonstrator: plays Lantern Isle from power-on to the end."""

import numpy as np

from dreamer_jax.game.ram import BATTLE_LOST, BATTLE_NONE, GameRam
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.battling import (
  AMOUNT,
  BAG,
  BALLS,
  BALMS,
  MESSAGE,
  PARTY,
  SELECT,
  SHOP,
  START,
  START_MENU,
  YES_NO,
  A,
  B,
  Fighter,
  bag_place,
  count,
  point,
)
from dreamer_jax.lantern_isle.players.blunders import Blunders, Browsing
from dreamer_jax.lantern_isle.players.detours import Strays
from dreamer_jax.lantern_isle.players.itinerary import Errand, Style
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP, Place
from dreamer_jax.lantern_isle.players.walking import Walker
from dreamer_jax.lantern_isle.world import maps
from dreamer_jax.lantern_isle.world.events import EVENTS

__all__ = ["SELECT", "START", "A", "B", "Expert"]

FACING = {DOWN: 0, UP: 1, LEFT: 2, RIGHT: 3}  # action -> GameRam.facing
_BAG_ENTRY = 2  # of the start menu
_PATIENCE = 160  # actions spent hunting on one map before another is tried
_LEVEL_PATIENCE = 420  # hunting actions before a leader is tried anyway
_STOCK = 6  # balls below which a shop is worth a way
_PRICE = 100  # of a ball


class Expert:
  """Plays one game instance; see `act`.

  It knows the maps, reads the decoded RAM only, and decides anew at every
  action, so it recovers from whatever its random actions led to.
  """

  def __init__(
    self,
    rng: np.random.Generator,
    epsilon: float = 0.05,
    strays: float = 0.0,
    blunders: float = 0.0,
  ):
    """Draws a way to play.

    Args:
      rng: chance for this player, used throughout.
      epsilon: share of random actions, 0-1; they come in bursts of 1-3.
      strays: chance at each step of a walk that it goes somewhere wrong.
      blunders: chance that a battle begins a spell of bad ones; with it the
        start menu is opened for nothing at times, see `Browsing`.
    """
    self._rng = rng
    self._strays = Strays(rng, strays)
    self._blunders = Blunders(rng, blunders)
    self._browsing = Browsing(rng, blunders)
    self._epsilon = epsilon
    self.style = Style.draw(rng)
    self._fighter = Fighter(rng)
    self._burst = 0
    self.intent = A  # what it meant to do, also where chance overruled it
    self._walker = Walker(rng)
    self._hunt = -1  # the map it hunts on
    self._hunted = 0  # actions there
    self._hunted_all = 0  # since the last badge or defeat
    self._tired: frozenset[int] = frozenset()  # maps that gave nothing
    self._tries = 0  # times the next leader has been challenged
    self._badges = 0
    self._seen_detours: set[Place] = set()
    self._mending = 0  # actions left to use a balm from the start menu
    self._open = routes.ALL_OPEN

  def act(self, ram: GameRam) -> int:
    """Chooses the next action.

    Args:
      ram: the decoded RAM of the current frame, scalar leading shape.

    Returns:
      The action, 0-7: a, b, start, select, up, down, left, right.
    """
    self.intent = self._decide(ram)
    if self._burst == 0 and self._rng.random() < self._epsilon / 2:
      self._burst = int(self._rng.integers(1, 4))
    if self._burst:
      self._burst -= 1
      return int(self._rng.integers(8))
    for mistakes in (self._blunders, self._browsing):
      mistake = mistakes.act(ram)
      if mistake is not None:
        return mistake
    if not ram.can_act or ram.dialog_open or not ram.is_playing:
      return self.intent
    if self._blunders.is_careless and self._is_hurt(ram):
      return self._stroll(ram, _place(ram))
    stray = self._strays.act(_place(ram), self._open)
    return self.intent if stray is None else stray

  def _is_hurt(self, ram: GameRam) -> bool:
    """The team is so weak that a healer is next."""
    return bool(ram.got_starter) and itinerary.health(ram) < self.style.careful

  def _decide(self, ram: GameRam) -> int:
    if not ram.is_playing:
      return A
    if ram.battle == BATTLE_LOST:
      return B
    if ram.battle != BATTLE_NONE:
      self._fighter.wants = lambda s: self._wants(ram, s)
      self._fighter.wins = self._is_training(ram)
      return self._fighter.act(ram)
    if ram.dialog_open:
      return self._menu(ram)
    if not ram.can_act:
      return B
    return self._travel(ram)

  # What is still to be done

  def _stage(self, ram: GameRam) -> int:
    """0 before the first badge, 1 before the second, 2 after both."""
    if int(ram.badges) != self._badges:
      self._badges, self._tries, self._hunted_all = int(ram.badges), 0, 0
    return min(int(ram.badge_count), 2)

  def _wants(self, ram: GameRam, species: int) -> bool:
    if ram.owned[species - 1]:
      return False
    spare = count(ram, BALLS) > _STOCK or self._stage(ram) > 0
    return ram.owned_count < self._species_target(ram) or bool(spare)

  def _species_target(self, ram: GameRam) -> int:
    stage = self._stage(ram)
    return self.style.goal_species if stage == 2 else self.style.species[stage]

  def _is_training(self, ram: GameRam) -> bool:
    stage = min(self._stage(ram), 1)
    return int(ram.party_level.max()) < self._level_target(stage)

  def _level_target(self, stage: int) -> int:
    return min(self.style.levels[stage] + self._tries, 15)

  def _is_ready(self, ram: GameRam, stage: int) -> bool:
    if self._hunted_all > _LEVEL_PATIENCE * (1 + self._tries):
      return True
    if self._is_training(ram):
      return False
    return bool(
      ram.owned_count >= self._species_target(ram) or not count(ram, BALLS)
    )

  # Overworld

  def _travel(self, ram: GameRam) -> int:
    place = _place(ram)
    self._open = routes.passes(ram)
    self._seen_detours.add(place)
    if self._wants_mending(ram):
      self._mending = 30
    if self._mending:
      return START
    errand = self._errand(ram, place)
    if errand is None:
      return self._stroll(ram, place)
    target, face = errand
    if place != target:
      return self._walker.to(place, target, self._open)
    if ram.facing != FACING[face]:
      return face
    if errand in itinerary.LEADERS:
      self._tries += 1
    return A

  def _errand(self, ram: GameRam, place: Place) -> Errand | None:
    """Whom to see next; None = look for creatures in the wild."""
    if not ram.got_starter:
      return itinerary.STARTERS[self.style.starter]
    stage, health = self._stage(ram), itinerary.health(ram)
    if self._is_hurt(ram):
      return itinerary.healer(place, self._open)
    side = self._side_errand(ram, place, stage)
    if side is not None:
      return side
    if stage == 2 and ram.owned_count >= self.style.goal_species:
      return self._last_errand(ram)
    if stage == 2 or not self._is_ready(ram, stage):
      return None
    if health < 0.9:
      return itinerary.healer(place, self._open)
    return self._leader(ram, stage)

  def _leader(self, ram: GameRam, stage: int) -> Errand:
    if stage == 1 and routes.LOCK not in self._open:
      lit = ram.event(EVENTS["lamp_west"])
      return itinerary.LAMP_EAST if lit else itinerary.LAMP_WEST
    return itinerary.LEADERS[stage]

  def _last_errand(self, ram: GameRam) -> Errand | None:
    if ram.event(EVENTS["lit_great_lamp"]):
      return None
    return itinerary.GREAT_LAMP

  def _side_errand(self, ram, place, stage) -> Errand | None:
    """The shop when balls are few, gifts, things that lie about, detours."""
    few = count(ram, BALLS) < _STOCK and ram.money >= 8 * _PRICE
    if few and ram.owned_count < self.style.goal_species:
      shops = itinerary.reachable(place, itinerary.SHOPS, self._open)
      if shops and routes.distance(place, shops[0][0], self._open) < 90:
        return shops[0]
    at_home = place[0] in (maps.HOME_TOWN, maps.NEIGHBOUR)
    if self.style.visits and at_home and not ram.event(EVENTS["got_gift"]):
      return itinerary.NEIGHBOUR
    if self.style.gathers:
      near = itinerary.reachable(
        place, itinerary.things(place[0], ram), self._open
      )
      if near and routes.distance(place, near[0][0], self._open) < 60:
        return near[0]
    for spot in self.style.detours - self._seen_detours:
      if spot[0] == place[0] and stage:
        return (spot, UP)
    return None

  def _stroll(self, ram: GameRam, place: Place) -> int:
    """Wanders where creatures live."""
    self._hunted_all += 1
    if self._hunted == 0 or self._hunt not in itinerary.WILD:
      self._hunt = itinerary.hunting_map(ram, place, self._open, self._tired)
      self._walker.forget()
    cells = itinerary.WILD[self._hunt]
    if place in cells:
      self._hunted += 1
    self._hunted = max(1, self._hunted)
    if self._hunted > _PATIENCE:
      self._tired = (self._tired | {self._hunt}) - (
        frozenset(itinerary.WILD) if len(self._tired) > 3 else frozenset()
      )
      self._hunted = 0
    if itinerary.wanted_species(ram, self._hunt) == 0 and self._hunted > 40:
      self._hunted = 0
    return self._walker.about(place, cells, self._open)

  # Menus outside battle

  def _wants_mending(self, ram: GameRam) -> bool:
    if self._mending or not count(ram, BALMS) or ram.party_count == 0:
      return False
    weak = ram.party_hp[0] < 0.4 * ram.party_max_hp[0]
    return bool(weak and ram.party_hp[0] > 0 and not ram.in_battle)

  def _menu(self, ram: GameRam) -> int:
    box = int(ram.text_box_id)
    self._mending = max(0, self._mending - 1)
    if box == MESSAGE:
      return A
    if box == YES_NO:
      place = _place(ram)
      spots = {e[0] for e in (*itinerary.STARTERS, itinerary.GREAT_LAMP)}
      return point(ram, 0) if place in spots else B
    if box in (SHOP, AMOUNT):
      return self._buy(ram, box)
    if not self._mending:
      return B
    if box == START_MENU:
      return point(ram, _BAG_ENTRY)
    if box == BAG:
      place = bag_place(ram, BALMS)
      return B if place is None else point(ram, place)
    if box == PARTY:
      self._mending = 2 if ram.menu_item == 0 else self._mending
      return point(ram, 0)
    return B

  def _buy(self, ram: GameRam, box: int) -> int:
    """Balls while the money lasts, then out."""
    enough = count(ram, BALLS) >= _STOCK + 6 or ram.money < _PRICE
    if enough:
      return B
    if box == SHOP:
      return point(ram, 0)
    most = min(int(ram.money) // _PRICE, _STOCK + 6 - count(ram, BALLS), 20)
    if ram.menu_item == most:
      return A
    return UP if ram.menu_item < most else DOWN


def _place(ram: GameRam) -> Place:
  return (int(ram.map_id), int(ram.x), int(ram.y))
