"""Triggers ask for a goal in time: on built RAM, and along a real episode."""

import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.data.collect import collect
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.game.battle import OUTCOMES, BattleTracker
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.games.lantern_isle.goals import NAME as LANTERN_ISLE
from dreamer_jax.games.red.goals import NAME as RED
from dreamer_jax.goals import order, predicates
from dreamer_jax.goals.vocabulary import IDS
from dreamer_jax.lantern_isle.players.expert import Expert
from dreamer_jax.planner import rules
from dreamer_jax.planner.calls import Moment
from dreamer_jax.planner.service import Planner
from dreamer_jax.planner.triggers import Triggers
from tests.planner.driving import moment

STEPS = 700


def ram(**values):
  return moment(**values).facts.ram


def test_a_flag_that_falls_and_rises_again_advances_once():
  watch = Triggers(ram())
  assert watch.update(ram(flags=[119])) == ["story"]
  assert watch.update(ram()) == []
  assert watch.update(ram(flags=[119])) == []
  assert watch.update(ram(flags=[119, 120])) == ["story"]
  assert watch.update(ram(flags=[119], wObtainedBadges=1)) == ["story"]


def test_stuck_after_500_steps_and_every_500_again():
  watch, same = Triggers(ram()), ram()
  at = [t for t in range(1, 1701) if watch.update(same)]
  assert at == [500, 1000, 1500]
  watch.update(ram(flags=[1]))
  assert watch.steps_without_progress == 0
  same = ram(flags=[1])
  assert [t for t in range(1, 600) if watch.update(same)] == [500]


def test_a_battle_that_stands_still_is_stuck():
  fight = lambda hp: ram(wIsInBattle=1, wEnemyMonHP=hp, wEnemyMonSpecies=3)
  watch = Triggers(ram())
  at = [t for t in range(200) if watch.update(fight(9 if t < 100 else 8))]
  assert at == [60, 160]
  assert not watch.update(ram())
  assert not any(watch.update(fight(8)) for _ in range(60))
  assert watch.update(fight(8)) == ["stuck"]


def test_a_battle_that_goes_on_is_not_stuck():
  watch = Triggers(ram())
  health = (ram(wIsInBattle=1, wEnemyMonHP=200 - t // 50) for t in range(400))
  assert not any(watch.update(now) for now in health)


def test_a_save_that_is_loaded_is_no_progress():
  watch = Triggers(ram(wStatusFlags6=0))
  assert watch.update(ram(wStatusFlags6=0, flags=[1, 2, 3])) == []
  assert watch.update(ram(flags=[1, 2, 3], wObtainedBadges=3)) == ["start"]
  assert watch.update(ram(flags=[1, 2, 3], wObtainedBadges=3)) == []


def test_a_battles_end_and_a_flag_in_one_step():
  watch = Triggers(ram())
  assert watch.update(ram(flags=[119]), "won") == ["story", "battle"]


@pytest.fixture(scope="module")
def episode():
  """The expert from power-on, recorded."""
  with VectorEnv(1, num_workers=0, max_steps=STEPS) as env:
    policy = ExpertPolicy(1, lambda rng: Expert(rng, epsilon=0.0))
    return next(collect(env, policy, seeds=[3], source="expert"))


def test_triggers_fire_at_the_right_steps_of_a_recorded_episode(episode):
  """Against what the recording itself says, read in another way."""
  game = episode.decode_ram()
  tracker, watch = BattleTracker(), Triggers(game[0], 100)
  tracker.reset(game[0])
  fired = {name: [] for name in ("start", "story", "stuck", "battle")}
  ended = []
  for t in range(1, len(episode)):
    outcome = tracker.update(game[t])
    assert outcome in OUTCOMES
    ended += [t] if outcome else []
    for reason in watch.update(game[t], outcome):
      fired[reason].append(t)
  playing = int(np.argmax(game.is_playing))
  assert fired["start"] == [playing] and playing > 0
  assert fired["battle"] == ended and len(ended) >= 2
  # A flag is new at t if it was never set before.
  said = [game.events, game.badges.astype(np.uint8)[:, None],
          game.got_starter.astype(np.uint8)[:, None]]  # fmt: skip
  bits = np.unpackbits(np.concatenate(said, -1), axis=-1).astype(int)
  ever = np.maximum.accumulate(bits, axis=0)
  new = np.flatnonzero(np.diff(ever.sum(-1)) > 0) + 1
  assert fired["story"] == [t for t in new if t > playing]
  assert len(fired["story"]) >= 2  # a starter was offered, and got
  expected, since = [], playing
  for t in range(playing + 1, len(episode)):
    if t in fired["story"]:
      since = t
    elif (t - since) % 100 == 0:
      expected.append(t)
  assert fired["stuck"] == expected and expected


def test_the_rules_lead_through_a_recorded_episode(episode):
  """From the title to the grass, each goal is set before it is reached."""
  game = episode.decode_ram()
  facts = predicates.of_episode(game, episode.terms)
  planner = Planner(LANTERN_ISLE, Moment(facts[0], np.zeros((144, 160))))
  names = list(IDS)
  followed = [names[planner.goal_id]]
  for t in range(1, len(episode)):
    if planner.is_done(facts[t]):
      planner.request("goal done")
    goal = names[planner.step(Moment(facts[t], np.zeros((144, 160)))).goal_id]
    if goal != followed[-1]:
      followed.append(goal)
  assert followed[:3] == ["begin", "get_starter", "isle_own_3_species"]
  assert planner.decision.source == "rules"


def test_rules_name_goals_and_conditions_that_exist():
  own = (game.rules for game in games.every())
  for rules_of_one in (order.FIRST, order.LAST, *own):
    for name, condition, why in rules_of_one:
      assert name in IDS and why
      predicates.parse(condition)


def test_species_come_before_the_ending():
  """While there are balls; the great lamp ends the story, then."""
  strong = bytearray(44)
  strong[2], strong[33], strong[35] = 20, 15, 20
  told = {}
  for balls in (5, 0):
    bag = [4, balls] if balls else []
    facts = moment(
      wObtainedBadges=3, wTownVisitedFlag=[0b111, 0], wPokedexOwned=[0xFF],
      wPartyMons=bytes(strong), wNumBagItems=len(bag) // 2, wBagItems=bag,
    ).facts  # fmt: skip
    told[balls] = rules.choose(facts, LANTERN_ISLE).goal_id
  assert told == {5: IDS["new_species"], 0: IDS["isle_light_great_lamp"]}


def test_the_same_moment_gives_the_same_goal():
  facts = moment().facts
  first = rules.choose(facts, LANTERN_ISLE)
  assert all(rules.choose(facts, LANTERN_ISLE) == first for _ in range(5))
  other = rules.choose(facts, LANTERN_ISLE, (first.goal_id,))
  assert other.goal_id != first.goal_id  # what was given up is passed over


def test_the_rules_take_up_red_where_a_saved_game_left_it():
  """The places on the way to a town that was entered are not to be seen."""
  story = (0, 33, 35, 37, 56, 57, 119, 1401, 1406, 152)
  saved = moment(
    flags=story, wCurMap=3, wObtainedBadges=1, wTownVisitedFlag=[0b1110, 0],
    wNumBagItems=1, wBagItems=[2, 5], wPokedexOwned=[0, 0x80],
  ).facts  # fmt: skip
  assert rules.choose(saved, RED).goal_id == IDS["red_beat_misty"]


def test_a_weak_team_is_healed_first():
  struct = bytearray(44)
  struct[2], struct[33], struct[35] = 3, 5, 20
  weak = moment(wPartyMons=bytes(struct)).facts
  chosen = rules.choose(weak, LANTERN_ISLE).goal_id
  assert chosen == IDS["isle_heal_healing_house_of_brightwater"]
