"""The order in which the planner's rules set Lantern Isle's goals: data."""

from dreamer_jax.games.definition import Rule

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


RULES: tuple[Rule, ...] = (
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
