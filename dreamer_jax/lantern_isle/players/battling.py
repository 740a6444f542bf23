"""Fights for the scripted players: moves, catching, healing, changing.

Everything is decided anew from the RAM at each action, menus included, so a
stray button costs an action and no more.
"""

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game.ram import BATTLE_WILD, GameRam
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP
from dreamer_jax.lantern_isle.world import tables

A, B, START, SELECT = map(BUTTONS.index, ("a", "b", "start", "select"))
# wTextBoxID of the menus; see `src/screen.h`.
MESSAGE, BATTLE_MENU, BAG, YES_NO = 0x01, 0x0B, 0x0D, 0x14
START_MENU, PARTY, MOVES, SHOP, AMOUNT, OTHER = range(0x40, 0x46)

FIGHT, ITEM, KIN, RUN = (9, 0), (9, 1), (15, 0), (15, 1)  # column, entry
BALLS = (tables.BALL_ITEM, tables.FINE_BALL)
BALMS = (tables.BALM, tables.RICH_BALM)


def point(ram: GameRam, entry: int) -> int:
  """Moves a list's cursor to an entry, then presses A."""
  at = int(ram.menu_item)
  if at == entry:
    return A
  return DOWN if at < entry else UP


def count(ram: GameRam, items: tuple[int, ...]) -> int:
  """How many of these items are in the bag."""
  return sum(n for item, n in ram.bag.tolist() if item in items)


def bag_place(ram: GameRam, items: tuple[int, ...]) -> int | None:
  """The bag entry of the first of these items that is there."""
  held = [item for item, n in ram.bag.tolist() if n]
  return next((held.index(i) for i in items if i in held), None)


def types(species: int) -> tuple[int, int]:
  """A species' types."""
  return tables.SPECIES[species - 1].types


def power(move: int, species: int, foe: int) -> float:
  """Expected strength of a species' move against a foe."""
  m = tables.MOVES[move - 1]
  own = 1.5 if m.type in types(species) else 1.0
  return m.power * own * tables.matchup(m.type, types(foe)) * m.accuracy / 256


def is_whole(ram: GameRam) -> bool:
  """Whether the battle's numbers are ones that the tables know."""
  party = int(ram.party_count)
  species = ram.party_species[:party].tolist()
  species += [int(ram.active_species), int(ram.enemy_species)]
  return (
    int(ram.active_slot) < party
    and min(species) >= 1
    and max(species) <= len(tables.SPECIES)
    and int(ram.party_moves[:party].max()) <= len(tables.MOVES)
  )


def strength(ram: GameRam, member: int, foe: int) -> float:
  """A party member's best move against a foe."""
  species = int(ram.party_species[member])
  moves = zip(ram.party_moves[member], ram.party_pp[member], strict=True)
  return max((power(int(m), species, foe) for m, pp in moves if m and pp),
             default=0.0)  # fmt: skip


def stat(species: int, which: int, level: int) -> int:
  """Attack (1), defense (2) or speed (3) at a level."""
  return tables.SPECIES[species - 1].stats[which] * 2 * level // 100 + 5


def danger(species: int, foe: int) -> float:
  """How hard a foe's own types hit a species: 0.25 to 4."""
  return max(tables.matchup(t, types(species)) for t in types(foe))


class Fighter:
  """The battle half of a scripted player.

  Attributes:
    wants: `wants(species)` says whether to catch it; set by the player.
    wins: whether to fight wild ones that are not wanted, or to run.
  """

  def __init__(self, rng: np.random.Generator):
    """Draws habits: when to throw, how readily to change or to name."""
    self._rng = rng
    self._throw_at = float(rng.uniform(0.45, 0.7))
    self._heal_at = float(rng.uniform(0.25, 0.4))
    self._changes = rng.random() < 0.7
    self._names = rng.random() < 0.2
    self.wants = lambda species: False
    self.wins = True
    self._changed_for = 0  # the foe for whom a change was made
    self._plan: tuple[int, int] = FIGHT  # entry of the menu that was chosen

  def act(self, ram: GameRam) -> int:
    """The next action in a battle."""
    box = int(ram.text_box_id)
    if box == YES_NO:
      return point(ram, 0) if self._names else point(ram, 1)
    if not ram.active_species or box == MESSAGE or not is_whole(ram):
      return A
    if box == BATTLE_MENU:
      return self._menu(ram)
    if box == MOVES:
      return self._move(ram)
    if box == BAG:
      return self._item(ram)
    if box == PARTY:
      return self._member(ram)
    return A

  def _menu(self, ram: GameRam) -> int:
    self._plan = column, row = self._wanted(ram)
    if ram.menu_x != column:
      return LEFT if column == 9 else RIGHT
    return point(ram, row)

  def _wanted(self, ram: GameRam) -> tuple[int, int]:
    foe, hp = int(ram.enemy_species), int(ram.active_hp)
    low = hp < self._heal_at * int(ram.active_max_hp)
    if ram.battle == BATTLE_WILD:
      if self._catches(ram):
        near = ram.enemy_hp <= self._throw_at * ram.enemy_max_hp
        return ITEM if near or self._gentle(ram) is None else FIGHT
      if not self.wins or (low and self._best_member(ram) == ram.active_slot):
        return RUN
    elif low and count(ram, BALMS):
      return ITEM
    if self._should_change(ram, foe, low):
      return KIN
    return FIGHT

  def _catches(self, ram: GameRam) -> bool:
    species = int(ram.enemy_species)
    return bool(self.wants(species) and count(ram, BALLS))

  def _should_change(self, ram: GameRam, foe: int, low: bool) -> bool:
    if not self._changes or self._changed_for == int(ram.enemy_hp) + 1:
      return False
    best = self._best_member(ram)
    if best == int(ram.active_slot):
      return False
    bad = danger(int(ram.active_species), foe) > 1
    better = strength(ram, best, foe) > 1.6 * self._own_strength(ram, foe)
    return low or (bad and better)

  def _own_strength(self, ram: GameRam, foe: int) -> float:
    return strength(ram, int(ram.active_slot), foe)

  def _best_member(self, ram: GameRam) -> int:
    """Who should fight this foe: levels, types and health."""
    foe, hp = int(ram.enemy_species), ram.live_party_hp
    scores = [
      (strength(ram, i, foe) / danger(int(ram.party_species[i]), foe) ** 0.5)
      * float(ram.party_level[i]) ** 2
      * min(1.0, 0.3 + hp[i] / max(1, int(ram.party_max_hp[i])))
      if hp[i] > 0 else 0.0
      for i in range(int(ram.party_count))
    ]  # fmt: skip
    return int(np.argmax(scores))

  def _move(self, ram: GameRam) -> int:
    if self._plan != FIGHT:
      return B
    choice = self._gentle(ram) if self._catches(ram) else None
    return point(ram, self._strongest(ram) if choice is None else choice)

  def _moves(self, ram: GameRam) -> list[tuple[int, int]]:
    """(place, move id) of the fighter's moves that have power points."""
    moves = ram.party_moves[int(ram.active_slot)]
    return [(i, int(m)) for i, m in enumerate(moves)
            if m and ram.active_pp[i]]  # fmt: skip

  def _strongest(self, ram: GameRam) -> int:
    mine, foe = int(ram.active_species), int(ram.enemy_species)
    moves = self._moves(ram)
    return max(moves, key=lambda m: power(m[1], mine, foe), default=(0, 0))[0]

  def _gentle(self, ram: GameRam) -> int | None:
    """The strongest move that leaves the foe standing; None without one."""
    mine, foe = int(ram.active_species), int(ram.enemy_species)
    level = int(ram.party_level[int(ram.active_slot)])
    attack = stat(mine, 1, level) / stat(foe, 2, int(ram.enemy_level))
    base = (2 * level // 5 + 2) / 50 * attack
    kept = []
    for i, m in self._moves(ram):
      force = power(m, mine, foe) / (tables.MOVES[m - 1].accuracy / 256)
      if force and base * force + 3.5 < int(ram.enemy_hp):
        kept.append((force, i))
    return max(kept)[1] if kept else None

  def _item(self, ram: GameRam) -> int:
    items = BALLS if ram.battle == BATTLE_WILD else BALMS[::-1]
    place = bag_place(ram, items)
    if self._plan != ITEM or place is None:
      return B
    return point(ram, place)

  def _member(self, ram: GameRam) -> int:
    """Whom to send out, or whom to give the item."""
    if self._plan == ITEM and ram.active_hp > 0:
      return point(ram, int(ram.active_slot))
    best = self._best_member(ram)
    if ram.active_hp > 0:
      if self._plan != KIN or best == int(ram.active_slot):
        return B
      if int(ram.menu_item) == best:
        self._changed_for = int(ram.enemy_hp) + 1
    return point(ram, best)
