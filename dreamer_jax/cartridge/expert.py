"""A scripted demonstrator: plays Lantern Isle from power-on to the badge."""

import numpy as np

from dreamer_jax.cartridge import maps, routes, tables
from dreamer_jax.cartridge.routes import DOWN, LEFT, RIGHT, UP, Place
from dreamer_jax.game.ram import (
  BATTLE_LOST,
  BATTLE_NONE,
  BATTLE_WILD,
  GameRam,
)  # fmt: skip

ACTIONS = ("a", "b", "start", "select", "up", "down", "left", "right")
A, B, START, SELECT = 0, 1, 2, 3
_FACING = {DOWN: 0, UP: 1, LEFT: 2, RIGHT: 3}  # action -> GameRam.facing

# Where to stand, and the action that then faces whom to talk to.
_STARTERS = tuple(((maps.KEEPER_HOUSE, x, 4), UP) for x in (6, 7, 8))
_MOTHER = ((maps.HOME, 2, 5), UP)
_HEALER = ((maps.HEALING_HOUSE, 5, 3), UP)
_LEADER = ((maps.GYM, 4, 3), UP)

_MESSAGE, _BATTLE_MENU = 0x01, 0x0B  # wTextBoxID
_MOVE_COLUMN = 5  # menu column of the move list
_PATIENCE = 500  # actions spent in the grass before the gym is tried anyway


def _grass_cells() -> frozenset[Place]:
  grass = np.argwhere(maps.MAPS[maps.ROUTE].grass).tolist()
  return frozenset((maps.ROUTE, x, y) for y, x in grass)


_GRASS = _grass_cells()
# One cell in each patch of tall grass.
_PATCHES = tuple(
  (maps.ROUTE, x, y)
  for x, y in ((9, 22), (16, 18), (4, 14), (9, 8), (5, 3), (14, 3))
)


class Expert:
  """Plays one game instance; see `act`.

  It knows the maps, reads the decoded RAM only, and decides anew at every
  action, so it recovers from whatever its random actions led to.
  """

  def __init__(self, rng: np.random.Generator, epsilon: float = 0.05):
    """Draws a way to play.

    Args:
      rng: chance for this player, used throughout.
      epsilon: share of random actions, 0-1; they come in bursts of 1-3.
    """
    self._rng = rng
    self._epsilon = epsilon
    self._starter = int(rng.integers(3))
    self._target_level = int(rng.choice((7, 7, 8, 8, 9)))
    self._target_owned = 1 + int(rng.integers(1, 4))
    self._goal: Place | None = None  # a patch of grass to go to
    self._heading = UP
    self._burst = 0
    self.intent = A  # what it meant to do, also where chance overruled it
    self._grass_actions = 0
    self._tries = 0  # times the leader has been challenged

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
    return self.intent

  def _decide(self, ram: GameRam) -> int:
    if not ram.is_playing:
      return A
    if ram.battle == BATTLE_LOST:
      return B
    if ram.battle != BATTLE_NONE:
      return self._fight(ram)
    if ram.dialog_open:
      return A
    if not ram.can_act:
      return B
    return self._travel(ram)

  # Overworld

  def _travel(self, ram: GameRam) -> int:
    place = (int(ram.map_id), int(ram.x), int(ram.y))
    errand = self._errand(ram, place)
    if errand is None:
      return self._stroll(place)
    target, face = errand
    if place != target:
      return self._walk(place, target)
    if ram.facing != _FACING[face]:
      return face
    if errand == _LEADER:
      self._tries += 1
    return A

  def _errand(self, ram: GameRam, place: Place) -> tuple[Place, int] | None:
    """Whom to see next; None = look for creatures in the grass."""
    if not ram.got_starter:
      return _STARTERS[self._starter]
    count = int(ram.party_count)
    health = int(ram.party_hp[:count].sum())
    most = int(ram.party_max_hp[:count].sum())
    if health < 0.45 * most:
      return self._nearest_healer(place)
    if ram.badges or not self._is_ready(ram):
      return None
    if health < 0.9 * most:
      return self._nearest_healer(place)
    return _LEADER

  def _is_ready(self, ram: GameRam) -> bool:
    if self._grass_actions > _PATIENCE * (1 + self._tries):
      return True
    if ram.party_level.max() < min(self._target_level + self._tries, 12):
      return False
    return ram.owned_count >= self._target_owned or ram.bag[0, 1] == 0

  def _nearest_healer(self, place: Place) -> tuple[Place, int]:
    return min((_HEALER, _MOTHER), key=lambda e: routes.distance(place, e[0]))

  def _stroll(self, place: Place) -> int:
    """Wanders in the tall grass, mostly straight on; seldom far away."""
    self._grass_actions += 1
    if place == self._goal:
      self._goal = None
    if place in _GRASS and self._goal is None and self._rng.random() > 0.02:
      moves = routes.graph()[place]
      into = [action for action, to in moves.items() if to in _GRASS]
      if self._heading not in into or self._rng.random() < 0.3:
        self._heading = into[int(self._rng.integers(len(into)))]
      return self._heading
    if self._goal is None:
      patches = sorted(_PATCHES, key=lambda p: routes.distance(place, p))
      rank = min(int(self._rng.exponential(0.8)), len(patches) - 1)
      self._goal = patches[rank]
    return self._walk(place, self._goal)

  def _walk(self, place: Place, target: Place) -> int:
    actions = routes.best_actions(place, target)
    if not actions:  # a place outside the graph: any step may lead back
      return int(self._rng.integers(UP, RIGHT + 1))
    return actions[int(self._rng.integers(len(actions)))]

  # Battle

  def _fight(self, ram: GameRam) -> int:
    if ram.text_box_id == _MESSAGE or not ram.active_species:
      return A
    if ram.text_box_id == _BATTLE_MENU:
      return self._choose(ram)
    if ram.menu_x != _MOVE_COLUMN:  # the team's list
      return B
    want = self._best_move(ram)
    if ram.menu_item == want:
      return A
    return DOWN if want else UP

  def _choose(self, ram: GameRam) -> int:
    """Moves the cursor of the battle menu to the wanted entry, then A."""
    column, row = self._wanted(ram)
    if ram.menu_x != column:
      return LEFT if column == 9 else RIGHT
    if ram.menu_item != row:
      return DOWN if row else UP
    return A

  def _wanted(self, ram: GameRam) -> tuple[int, int]:
    """(column, row) of Fight (9, 0), Ball (9, 1) or Run (15, 1)."""
    if ram.battle != BATTLE_WILD:
      return 9, 0
    is_new = not ram.owned[int(ram.enemy_species) - 1]
    wants = ram.badges or ram.owned_count < self._target_owned
    if is_new and wants and ram.bag[0, 1] > 0:
      if ram.enemy_hp * 10 <= ram.enemy_max_hp * 6:
        return 9, 1
    elif ram.live_party_hp.sum() * 4 <= ram.active_max_hp:
      return 15, 1
    return 9, 0

  def _best_move(self, ram: GameRam) -> int:
    species = tables.SPECIES[int(ram.active_species) - 1]
    foe = tables.SPECIES[int(ram.enemy_species) - 1]
    moves = [tables.MOVES[m - 1] for m in species.moves]
    powers = [m.power * tables.matchup(m.type, foe.type) for m in moves]
    return int(np.argmax(powers))
