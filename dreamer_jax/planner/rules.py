"""The planner that needs no model: an order of goals for each game, as data.

It is the default, and what every other planner falls back to. The first goal
of the list that is feasible, whose condition holds and that was not just given
up, is it; so the same moment always gives the same goal.
"""

from collections.abc import Collection

from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.goal import LANTERN_ISLE, RED
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.planner.schema import Decision

# (goal, condition, why). Conditions are predicates of `goals.predicates`.
Rule = tuple[str, str, str]

_BEGIN: tuple[Rule, ...] = (
  ("begin", "", "the game has not begun"),
)  # fmt: skip
_HEALERS = {  # the map one is on -> where to heal
  "isle_heal_home": (0, 37, 39, 40),
  "isle_heal_healing_house_of_brightwater": (1, 12, 13, 41, 42, 54, 59),
  "isle_heal_healing_house_of_mothlight": (2, 14, 43, 44, 45, 51, 56, 58),
}


def _heal(condition: str, why: str) -> tuple[Rule, ...]:
  """At the nearest place that heals."""
  return tuple(
    (goal, f"{condition}, map {number}", why)
    for goal, near in _HEALERS.items()
    for number in near
  )


_ISLE: tuple[Rule, ...] = (
  ("get_starter", "", "nobody leaves town without a creature"),
  ("win_battle", "battle == 2", "a trainer cannot be left"),
  *_heal("hp <= 40", "the team is weak"),
  ("isle_own_3_species", "item 4 >= 3, not badge 0", "three make a team"),
  ("isle_train_to_level_8", "not badge 0", "Marla's creatures are strong"),
  *_heal("hp <= 89, not badge 0", "ready for the gym"),
  ("isle_earn_lamp_badge", "", "the badge opens the way east"),
  ("isle_get_lantern", "", "the wood is dark without it"),
  ("isle_buy_ball_shop_of_brightwater", "not item 4, map 1", "no balls left"),
  ("isle_own_6_species", "item 4 >= 3", "Reed Walk has new species"),
  ("isle_train_to_level_11", "not badge 1", "Corvin's creatures are strong"),
  ("isle_go_whisper_wood", "not visited 51, not visited 2", "the way north"),
  ("isle_go_mothlight", "not visited 2", "the second gym is there"),
  ("isle_train_to_level_12", "not badge 1", "Corvin's best is level 12"),
  *_heal("hp <= 89, not badge 1, visited 2", "ready for the gym"),
  ("isle_light_west_lamp", "not event 352", "the first of the gym's lamps"),
  ("isle_light_east_lamp", "not event 352", "the second of them"),
  ("isle_earn_moth_badge", "", "two badges open the lighthouse"),
  ("isle_buy_ball_shop_of_mothlight", "not item 4, map 2", "no balls left"),
  ("new_species", "item 4", "what balls are for"),
  ("isle_light_great_lamp", "", "what the story is about"),
)
_RED: tuple[Rule, ...] = (
  ("red_follow_oak", "not starter", "Oak waits at the edge of town"),
  ("red_hear_offer", "not starter", "the starters are in the lab"),
  ("red_choose_squirtle", "", "it is strong against the first leader"),
  ("win_battle", "battle == 2", "a trainer cannot be left"),
  ("red_heal_cerulean_pokemon_center", "hp <= 35, visited 64", "low health"),
  ("red_heal_mt_moon_pokemon_center", "hp <= 35, visited 68", "low health"),
  ("red_heal_pewter_pokemon_center", "hp <= 35, visited 58", "low health"),
  ("red_heal_viridian_pokemon_center", "hp <= 35, visited 1", "low health"),
  ("red_heal_home_in_pallet_town", "hp <= 35", "low health"),
  ("red_fight_rival_lab", "", "the rival stands in the way"),
  ("red_get_parcel", "", "the clerk in Viridian holds Oak's parcel"),
  ("red_deliver_parcel", "", "Oak waits for the parcel"),
  ("red_get_pokedex", "", "Oak has something to give"),
  ("red_buy_poke_ball_viridian_mart", "not balls", "no balls left"),
  ("red_catch_pidgey", "visited 12", "a second team member"),
  ("red_go_viridian_forest", "not visited 51, not town 2", "the way north"),
  ("red_catch_pikachu", "map 51", "rare, and only here"),
  ("red_go_pewter_city", "not town 2", "the first gym is there"),
  ("red_train_to_level_12", "not badge 0", "Brock's team is level 14"),
  ("red_heal_pewter_pokemon_center", "hp <= 89, not badge 0", "for the gym"),
  ("red_beat_brock", "", "the first badge"),
  ("red_earn_boulder_badge", "", "the first badge"),
  ("red_go_route_3", "not visited 14, not town 3", "the way east"),
  ("red_go_mt_moon_1f", "not visited 59, not town 3", "through the mountain"),
  ("red_go_mt_moon_b2f", "not visited 61, not town 3", "the way is below"),
  ("red_beat_fossil_guard", "", "he guards the way out"),
  ("red_get_helix_fossil", "", "one may be taken"),
  ("red_go_cerulean_city", "not town 3", "the second gym is there"),
  ("red_train_to_level_20", "not badge 1", "Misty's team is level 21"),
  ("red_heal_cerulean_pokemon_center", "hp <= 89, not badge 1", "for the gym"),
  ("red_beat_misty", "", "the second badge"),
  ("red_earn_cascade_badge", "", "the second badge"),
  ("red_go_bills_house", "not visited 88, not event 1371", "the story's next"),
)  # fmt: skip
_ALWAYS: tuple[Rule, ...] = (
  ("get_starter", "", "nothing works without a first creature"),
  ("heal_team", "hp <= 40", "the team is weak"),
  ("next_badge", "badges <= 7, starter", "badges lead on"),
  ("new_map", "", "see more of the world"),
  ("next_badge", "", "badges lead on"),
)  # fmt: skip
ORDER: dict[str, tuple[Rule, ...]] = {
  LANTERN_ISLE: (*_BEGIN, *_ISLE, *_ALWAYS),
  RED: (*_BEGIN, *_RED, *_ALWAYS),
}
DEFAULT_ORDER: tuple[Rule, ...] = (*_BEGIN, *_ALWAYS)


def choose(facts: Facts, game: str, given_up: Collection[int] = ()) -> Decision:
  """The goal that the rules set now.

  Args:
    facts: of one step, scalar fields.
    game: the ROM's name.
    given_up: goals that were tried without success, to be passed over while
      there is another.
  """
  memo: dict = {}
  for passed in (given_up, ()):
    for name, condition, why in ORDER.get(game, DEFAULT_ORDER):
      goal = IDS[name]
      if goal in passed or not vocabulary.feasible(goal, facts, game, memo):
        continue
      if predicates.holds(condition, facts, memo=memo):
        return Decision(goal, why, "rules")
  return Decision(0, f"nothing else fits; {GOALS[0].text}", "rules")
