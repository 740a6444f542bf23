"""Makes mistakes on purpose: battles fought badly, menus opened for nothing.

A bad battle takes any move, any item, any member that still stands.
Demonstrators keep their team well, so they hardly show what a policy meets that
does not: a list of fallen creatures of which one must be chosen, a move without
power points, a bag without balls. There a clone does what it knows from other
menus, for ever. What these battles teach is the demonstrator's answer to each
such moment: its intent, at states of another player (Ross et al. 2011, DAgger).
Some menus are fumbled with, long enough to forget why they are open: a list
that was opened by mistake is left with B, and where a creature has fallen that
leads nowhere. Both kinds of list are fumbled with, since they look the same.
Outside battles the start menu is opened for nothing, and its entries too. No
errand needs them, so a clone that opens one by chance would not know that B
leads out.
"""

import numpy as np

from dreamer_jax.game.ram import BATTLE_LOST, GameRam
from dreamer_jax.lantern_isle.players.battling import (
  BAG,
  BALLS,
  BATTLE_MENU,
  FIGHT,
  ITEM,
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
from dreamer_jax.lantern_isle.players.routes import DOWN, LEFT, RIGHT, UP

_PRESSED = (BATTLE_MENU, BAG, MOVES, PARTY)
_PLANS = (FIGHT, ITEM, KIN, RUN)
_OFTEN = (0.6, 0.15, 0.15, 0.1)  # that a turn is spent so
_LEAVES = 0.25  # chance that a list is left again
_IN_ORDER = 0.6  # chance that the first who stands is sent: lists whose upper
#   half has fallen are the hard ones
_SPELL = (2, 12)  # battles in a row: one alone hardly beats a team
_FUMBLES = 0.1  # chance that fumbling begins where a menu opens ...
_FUMBLES_FALLEN = 0.5  # ... or a list in which somebody has fallen ...
_PRESSES = (5, 80)  # ... of so many presses, their logarithm uniform
_OPENS = 0.015  # a step outside battles opens the start menu with this chance,
#   times the chance of a spell
_ENTRIES = 5  # of the start menu
_IN_MENU = (A, B, UP, DOWN, LEFT, RIGHT)  # pressed in what its entries open ...
_IN_MENU_OFTEN = (0.35, 0.05, 0.2, 0.3, 0.05, 0.05)  # ... with these chances


class Blunders:
  """Says whether a battle is one of these, and what is pressed in it."""

  def __init__(self, rng: np.random.Generator, chance: float):
    """Spells of bad battles begin at a battle with this chance, 0-1."""
    self._rng = rng
    self._chance = chance
    self._fights = False
    self._left = 0  # battles of the spell, this one included
    self._box = -1  # the menu that is open
    self._aim = 0  # its entry that was drawn when it opened; -1: leave it
    self._is_target = False  # the list asks who gets an item
    self._presses = 0  # of fumbling that are left
    self._plan: tuple[int, int] = FIGHT

  def act(self, ram: GameRam) -> int | None:
    """The action in such a battle, or None where this is none.

    Args:
      ram: decoded, of one step.
    """
    if not self._chance:
      return None
    self._follow(ram)
    if not (self._fights and self.is_careless):
      return None
    box = int(ram.text_box_id)
    if not ram.active_species or box == MESSAGE or not is_whole(ram):
      self._box = box
      return A
    if box != self._box:
      self._is_target = box == PARTY and self._box == BAG
      self._box, self._aim = box, self._draw(ram, box)
      self._fumble(ram, box)
    if self._presses and box in _PRESSED:
      self._presses -= 1
      return int(self._rng.choice(self._idle(ram, box)))
    if box == BATTLE_MENU:
      column, row = self._plan
      if ram.menu_x != column:
        return LEFT if column == FIGHT[0] else RIGHT
      action = point(ram, row)
      if action == A:  # an empty bag opens nothing: not again for ever
        self._draw(ram, box)
      return action
    return B if self._aim < 0 else point(ram, self._aim)

  @property
  def is_careless(self) -> bool:
    """A spell is on: a hurt team walks on."""
    return self._left > 0

  def _follow(self, ram: GameRam) -> None:
    """Begins and ends spells."""
    fights = bool(ram.in_battle)
    if fights != self._fights:
      self._presses = 0
    if fights and not self._fights:
      self._left = max(0, self._left - 1)
      if not self._left and self._rng.random() < self._chance:
        self._left = int(self._rng.integers(*_SPELL))
    if ram.battle == BATTLE_LOST:
      self._left = 0
    self._fights = fights

  def _fumble(self, ram: GameRam, box: int) -> None:
    """May begin to press what decides nothing."""
    hp = ram.live_party_hp[: int(ram.party_count)]
    fallen = box == PARTY and not hp.all()
    if self._rng.random() < (_FUMBLES_FALLEN if fallen else _FUMBLES):
      self._presses = _draw_presses(self._rng)

  def _idle(self, ram: GameRam, box: int) -> tuple[int, ...]:
    """What may be pressed in a menu and decides nothing."""
    at = min(int(ram.menu_item), len(ram.bag) - 1)
    if box == BATTLE_MENU:  # no fight begins, and nobody runs
      opens = (int(ram.menu_x), at) in (ITEM, KIN)
      return (UP, DOWN, LEFT, RIGHT, A) if opens else (UP, DOWN, LEFT, RIGHT)
    fallen = at < int(ram.party_count) and not ram.live_party_hp[at]
    idle = {  # whether A decides nothing either
      PARTY: fallen and not self._is_target,  # an item may raise it
      BAG: ram.bag[at, 0] not in (0, *BALLS),  # "No use", or "Use it on whom?"
    }
    return (UP, DOWN, B, A) if idle.get(box) else (UP, DOWN, B)

  def _draw(self, ram: GameRam, box: int) -> int:
    """An entry of the menu that has just opened."""
    if box == BATTLE_MENU:
      self._plan = _PLANS[self._rng.choice(len(_PLANS), p=_OFTEN)]
      return 0
    may_leave = box != PARTY or ram.active_hp > 0
    if may_leave and self._rng.random() < _LEAVES:
      return -1
    entries = {
      YES_NO: range(2),
      MOVES: np.flatnonzero(ram.party_moves[int(ram.active_slot)]),
      BAG: range(sum(n > 0 for _, n in ram.bag.tolist())),
      PARTY: np.flatnonzero(ram.live_party_hp[: int(ram.party_count)]),
    }.get(box, range(1))
    if not len(entries):
      return -1
    if box == PARTY and self._rng.random() < _IN_ORDER:
      return int(entries[0])
    return int(self._rng.choice(entries))


class Browsing:
  """Opens the start menu for nothing, and presses about in what opens."""

  def __init__(self, rng: np.random.Generator, chance: float):
    """The start menu is opened with `chance`, 0-1, times `_OPENS`, a step."""
    self._rng = rng
    self._chance = chance * _OPENS
    self._presses = 0  # that are left
    self._box = -1  # the menu that is open
    self._aim = 0  # the start menu's entry that was drawn when it opened

  def act(self, ram: GameRam) -> int | None:
    """The action while it lasts, or None.

    Args:
      ram: decoded, of one step.
    """
    if not self._chance:
      return None
    if not ram.is_playing or ram.in_battle:
      self._presses = 0
      return None
    if ram.dialog_open and self._presses:
      self._presses -= 1
      return self._press(ram, int(ram.text_box_id))
    self._presses, self._box = 0, -1
    is_free = ram.can_act and not ram.dialog_open
    if not is_free or self._rng.random() >= self._chance:
      return None
    self._presses = _draw_presses(self._rng)
    return START

  def _press(self, ram: GameRam, box: int) -> int:
    """Goes to an entry of the start menu; presses at random in what it opens.

    Args:
      ram: decoded, of one step.
      box: the menu that is open, `wTextBoxID`.
    """
    if box != self._box:
      self._box, self._aim = box, int(self._rng.integers(_ENTRIES))
    if box == START_MENU:
      return point(ram, self._aim)
    return int(self._rng.choice(_IN_MENU, p=_IN_MENU_OFTEN))


def _draw_presses(rng: np.random.Generator) -> int:
  return round(np.exp(rng.uniform(*np.log(_PRESSES))))
