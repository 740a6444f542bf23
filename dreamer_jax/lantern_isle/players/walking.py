"""How the scripted players walk: to a place, or about among wild creatures."""

import numpy as np

from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.routes import RIGHT, UP, Passes, Place


class Walker:
  """The feet of one scripted player."""

  def __init__(self, rng: np.random.Generator):
    """Stands still; `rng` is the player's."""
    self._rng = rng
    self._spot: Place | None = None  # a cell with wild creatures to go to
    self._heading = UP

  def forget(self) -> None:
    """Drops the cell it was on its way to."""
    self._spot = None

  def to(self, place: Place, target: Place, open_: Passes) -> int:
    """The next action of a shortest way; any where no way is known."""
    actions = routes.best_actions(place, target, open_)
    if not actions:  # a place outside the graph: any step may lead back
      return int(self._rng.integers(UP, RIGHT + 1))
    return actions[int(self._rng.integers(len(actions)))]

  def about(self, place: Place, cells: frozenset[Place], open_: Passes) -> int:
    """Walks among these cells, mostly straight on; seldom far away."""
    if place == self._spot:
      self._spot = None
    if place in cells and self._spot is None and self._rng.random() > 0.02:
      moves = routes.graph(open_)[place]
      into = [action for action, to in moves.items() if to in cells]
      if into:
        if self._heading not in into or self._rng.random() < 0.3:
          self._heading = into[int(self._rng.integers(len(into)))]
        return self._heading
    if self._spot is None or self._spot not in cells:
      spots = sorted(
        itinerary.sample(cells), key=lambda p: routes.distance(place, p, open_)
      )
      rank = min(int(self._rng.exponential(0.8)), len(spots) - 1)
      self._spot = spots[rank]
    return self.to(place, self._spot, open_)
