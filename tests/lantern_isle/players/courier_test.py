"""The courier: one errand after the other, each done in minutes."""

import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game.ram import decode
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.lantern_isle.players import itinerary, routes
from dreamer_jax.lantern_isle.players.courier import (
  ANY,
  SHARES,
  Courier,
  Task,
  goods_of,
)
from dreamer_jax.lantern_isle.players.routes import LEFT
from dreamer_jax.lantern_isle.world import maps, tables


@pytest.fixture
def town(game, states):
  """A strong party with balls and money in Brightwater."""
  game.load(states["town"])
  game.put_mon(0, "FERNGARD", 25)
  game.set_bag((tables.BALL_ITEM, 9))
  game.poke("wPlayerMoney", 0, 0x00, 0x99, 0x00)
  return game


def _send(game, task: Task, limit: int):
  """Does one task; the courier, and RAM snapshots from before on."""
  courier = Courier(np.random.default_rng(0), epsilon=0.0)
  courier._owned = int(game.ram().owned_count)
  courier._begin(task)
  courier._left = limit
  past = [game.ram()]
  while courier.task is task and len(past) <= limit:
    past.append(game.act(BUTTONS[courier.act(past[-1])]))
  return courier, past


def _reached(name: str, past) -> bool:
  goal = next(g for g, s in enumerate(vocabulary.GOALS) if s.name == name)
  ram = decode(np.stack([moment.raw for moment in past]))
  facts = predicates.of_episode(ram, np.zeros((len(past), 7), np.float32))
  return bool(vocabulary.done(goal, facts[1:], facts[0]).any())


@pytest.mark.parametrize(
  "goal, map_id, script",
  [
    ("isle_read_sign_shop", maps.SECOND_TOWN, "sign_shop"),
    ("isle_talk_to_fisher", maps.SECOND_TOWN, "fisher"),
    ("isle_talk_to_healer_1", maps.HEALING_HOUSE, "healer_1"),
  ],
)
def test_it_sees_whom_it_was_sent_to(town, goal, map_id, script):
  task = Task("see", errand=routes.beside(map_id, script))
  courier, past = _send(town, task, 120)
  assert _reached(goal, past)
  assert courier._answered or courier.task is not task


def test_it_catches_what_it_came_for_and_no_other(town):
  town.put_mon(0, "WICKIT", 7)  # who does not fell it at one blow
  species = tables.species_id("LUMOLL")
  cell = itinerary.sample(itinerary.WILD[maps.ROUTE])[0]
  owned = int(town.ram().owned_count)
  _, past = _send(town, Task("catch", species=species, place=cell), 900)
  assert past[-1].owned[species - 1]
  assert past[-1].owned_count == owned + 1


def test_it_buys_one_of_what_it_was_told(town):
  shop = routes.beside(maps.SHOP, "shop_1")
  _, past = _send(town, Task("see", errand=shop, reply=1), 300)
  bag = {item: n for item, n in past[-1].bag.tolist() if n}
  assert bag == {tables.BALL_ITEM: 9, tables.SHOPS[0][1]: 1}


def test_who_does_not_answer_is_left(town):
  """A wall has nothing to say."""
  place = next(
    place
    for place, moves in routes.graph().items()
    if place[0] == maps.HEALING_HOUSE and LEFT not in moves
  )
  courier, past = _send(town, Task("see", errand=(place, LEFT)), 120)
  assert courier.task.errand != (place, LEFT)
  assert not courier._answered and len(past) < 120


def test_it_goes_on_to_whom_it_has_seen_least(town):
  courier = Courier(np.random.default_rng(0))
  ram, place = town.ram(), (maps.SECOND_TOWN, 12, 12)
  open_ = routes.passes(ram)
  tasks = [courier._sight(ram, place, open_) for _ in range(12)]
  sights = {(t.errand, t.reply if goods_of(t.errand) else 0) for t in tasks}
  assert len(sights) == len(tasks)


def test_a_hunt_for_anything_ends_with_what_is_new(town):
  town.put_mon(0, "WICKIT", 7)
  cell = itinerary.sample(itinerary.WILD[maps.ROUTE])[0]
  owned = int(town.ram().owned_count)
  courier, past = _send(town, Task("catch", species=ANY, place=cell), 900)
  assert past[-1].owned_count == owned + 1 and courier.task.kind


def test_the_weak_see_a_healer(town):
  town.put_mon(0, "FERNGARD", 25, hp=3)
  courier = Courier(np.random.default_rng(0))
  assert courier._next(town.ram()).errand in itinerary.HEALERS


def test_shares_are_shares():
  assert sum(SHARES.values()) == pytest.approx(1.0)


def test_it_is_reproducible(game, states):
  runs = []
  for _ in range(2):
    game.load(states["starter"])
    courier = Courier(np.random.default_rng(3))
    actions = []
    for _ in range(200):
      actions.append(courier.act(game.ram()))
      game.act(BUTTONS[actions[-1]])
    runs.append(actions)
  assert runs[0] == runs[1]
