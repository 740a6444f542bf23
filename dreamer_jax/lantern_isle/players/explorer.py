"""A scripted wanderer: goes where the expert does not, and does it badly.

For a world model, play that only succeeds is half the game. The explorer
walks to any place of any map that is open, talks to everybody, opens menus
and presses about in them, runs from battles, loses some on purpose, and in
between plays on as the expert would, so that far maps open too. In the moods
of `WANDERING` it also plays at random, and walks straight on into whatever
stands there, wherever it has come to.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dreamer_jax.game.ram import BATTLE_LOST, BATTLE_NONE, GameRam
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.battling import (
  BATTLE_MENU,
  FIGHT,
  KIN,
  MESSAGE,
  MOVES,
  PARTY,
  RUN,
  START,
  START_MENU,
  YES_NO,
  A,
  B,
  is_whole,
  point,
)
from dreamer_jax.lantern_isle.players.expert import FACING, Expert
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP, Place
from dreamer_jax.lantern_isle.world import maps, tables

# Moods, and how likely each is to come next.
MOODS = {"expert": 0.34, "roam": 0.22, "talk": 0.14, "menus": 0.10,
         "lose": 0.12, "flee": 0.08}  # fmt: skip
# The same for data in which buttons do not follow from the place.
WANDERING = {"expert": 0.22, "roam": 0.16, "talk": 0.08, "menus": 0.06,
             "lose": 0.05, "flee": 0.05, "random": 0.2,
             "straight": 0.18}  # fmt: skip
_LENGTHS = {
    "expert": (80, 320), "roam": (20, 120), "talk": (20, 90),
    "menus": (6, 30), "lose": (120, 300), "flee": (40, 120),
  "random": (30, 150), "straight": (20, 120),
}  # fmt: skip
_HOLDS = 0.8  # chance that random play presses the same button again
_TURNS = 0.12  # chance that a straight walk changes direction
_FREE_BUTTONS = (A, A, B, UP, DOWN, DOWN, LEFT, RIGHT)  # inside a menu


class Explorer:
  """Plays one game instance; see `Expert.act` for `act`.

  Attributes:
    mood: what it is about now, a key of its moods.
    intent: the latest action as it was meant.
  """

  def __init__(
    self,
    rng: np.random.Generator,
    epsilon: float = 0.1,
    moods: Mapping[str, float] = MOODS,
  ):
    """Draws a way to wander.

    Args:
      rng: chance for this player, used throughout.
      epsilon: share of random actions, 0-1.
      moods: how likely each is to come next, `MOODS` or `WANDERING`.
    """
    self._rng = rng
    self._moods = moods
    self._held = A  # the button of random play and of straight walks
    self._epsilon = epsilon
    self._expert = Expert(rng, epsilon=0.0)
    self.mood = "expert"
    self._left = int(rng.integers(60, 240))  # actions in this mood
    self._goal: tuple[Place, int] | None = None  # place, and what to face
    self._seen: set[int] = set()  # maps
    self.intent = A

  def act(self, ram: GameRam) -> int:
    """Chooses the next action, 0-7."""
    self._left -= 1
    if self._left <= 0 and ram.can_act:
      self._next_mood(ram)
    self.intent = self._decide(ram)
    if self._rng.random() < self._epsilon:
      return int(self._rng.integers(8))
    return self.intent

  def _next_mood(self, ram: GameRam) -> None:
    names = list(self._moods)
    share = np.array([self._moods[name] for name in names])
    if not ram.got_starter:  # at first there is little to do but begin
      share[names.index("expert")] += 1.0
    self.mood = names[int(self._rng.choice(len(names), p=share / share.sum()))]
    self._left = int(self._rng.integers(*_LENGTHS[self.mood]))
    self._goal = None

  def _decide(self, ram: GameRam) -> int:
    if not ram.is_playing:
      return A
    if self.mood == "random":
      return self._hold(_HOLDS, range(8))
    if ram.battle == BATTLE_LOST:
      return B
    if self.mood == "expert":
      return self._expert.act(ram)
    if ram.battle != BATTLE_NONE:
      return self._fight(ram)
    if ram.dialog_open:
      return self._menu(ram)
    if not ram.can_act:
      return B
    if self.mood == "menus":
      return START
    if self.mood == "straight":
      return self._hold(1 - _TURNS, (UP, DOWN, LEFT, RIGHT))
    return self._walk(ram)

  def _hold(self, again: float, buttons: Sequence[int]) -> int:
    """The held button with chance `again`, else any of these."""
    if self._held not in buttons or self._rng.random() >= again:
      self._held = int(self._rng.choice(buttons))
    return self._held

  # Overworld

  def _walk(self, ram: GameRam) -> int:
    place = (int(ram.map_id), int(ram.x), int(ram.y))
    self._seen.add(place[0])
    open_ = routes.passes(ram)
    if self._goal is None or not np.isfinite(
      routes.distance(place, self._goal[0], open_)
    ):
      self._goal = self._new_goal(ram, place, open_)
    target, face = self._goal
    if place != target:
      actions = routes.best_actions(place, target, open_) or tuple(FACING)
      return actions[int(self._rng.integers(len(actions)))]
    if face is None or self._rng.random() < 0.05:
      self._goal = None
      return int(self._rng.integers(8))
    if ram.facing != FACING[face]:
      return face
    self._goal = None
    return A

  def _new_goal(self, ram: GameRam, place: Place, open_):
    """A place to go to: far away, beside somebody, or a leader to lose to."""
    if self.mood == "lose" and ram.got_starter:
      leader = self._leader(place, open_)
      if leader and self._rng.random() < 0.8:
        return leader
    if self.mood == "talk":
      here = maps.MAPS.get(place[0], maps.MAPS[maps.HOME_TOWN])
      things = (*here.people, *here.signs)
      if things and self._rng.random() < 0.8:
        thing = things[int(self._rng.integers(len(things)))]
        spot = routes.beside(here.id, thing.script)
        if np.isfinite(routes.distance(place, spot[0], open_)):
          return spot
    return self._any_place(place, open_)

  def _leader(self, place: Place, open_):
    stage = int(routes.LOCK in open_)
    spot = itinerary.LEADERS[stage]
    return spot if np.isfinite(routes.distance(place, spot[0], open_)) else None

  def _any_place(self, place: Place, open_):
    """Any free cell of an open map, most often of one not yet seen."""
    reached = routes.distances(itinerary.HEALERS[0][0], open_)
    ids = sorted({map_id for map_id, _, _ in reached})
    unseen = [map_id for map_id in ids if map_id not in self._seen]
    if unseen and self._rng.random() < 0.6:
      ids = unseen
    map_id = ids[int(self._rng.integers(len(ids)))]
    cells = sorted(spot for spot in reached if spot[0] == map_id)
    return cells[int(self._rng.integers(len(cells)))], None

  # Menus and battles

  def _menu(self, ram: GameRam) -> int:
    if self._left <= 0:
      return B
    box = int(ram.text_box_id)
    if box == YES_NO:
      return point(ram, int(self._rng.integers(2)))
    if box == MESSAGE:
      return A
    if box == START_MENU and self._rng.random() < 0.5:
      return DOWN if self._rng.random() < 0.6 else A
    return _FREE_BUTTONS[int(self._rng.integers(len(_FREE_BUTTONS)))]

  def _fight(self, ram: GameRam) -> int:
    box = int(ram.text_box_id)
    if not ram.active_species or box == MESSAGE or not is_whole(ram):
      return A
    if box == BATTLE_MENU:
      return self._battle_menu(ram)
    if box == MOVES and self.mood == "lose":
      return point(ram, int(np.argmin(self._powers(ram))))
    if box == PARTY and self.mood == "lose":
      return point(ram, self._weakest(ram))
    return _FREE_BUTTONS[int(self._rng.integers(len(_FREE_BUTTONS)))]

  def _battle_menu(self, ram: GameRam) -> int:
    wild = int(ram.battle) == 1
    if self.mood == "flee" and wild:
      column, row = RUN
    elif self.mood == "lose":
      others = int((ram.live_party_hp > 0).sum()) > 1
      column, row = KIN if others and self._rng.random() < 0.7 else FIGHT
    else:
      return _FREE_BUTTONS[int(self._rng.integers(len(_FREE_BUTTONS)))]
    if ram.menu_x != column:
      return LEFT if column == FIGHT[0] else RIGHT
    return point(ram, row)

  def _weakest(self, ram: GameRam) -> int:
    """The other member that will fall first."""
    hp = ram.live_party_hp.astype(float)
    hp[hp <= 0] = np.inf
    if ram.active_hp > 0:
      hp[int(ram.active_slot)] = np.inf
    return int(np.argmin(hp))

  def _powers(self, ram: GameRam) -> list[int]:
    """Of the fighter's moves; a missing one counts as the strongest."""
    moves = ram.party_moves[int(ram.active_slot)]
    return [tables.MOVES[m - 1].power if m else 999 for m in moves]
