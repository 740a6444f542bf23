"""Goals of any game that speaks Red's RAM. The first keeps id 0 for ever."""

from dreamer_jax.game.goals import Goal

_ROAM = "starter, battle <= 0"

GENERIC = (
  Goal(
    "next_badge", "earn the next badge", "battle", "badges rises",
    paraphrases=("beat the next gym leader", "win a badge"),
  ),
  Goal(
    "begin", "begin the game", "navigate", "playing", "not playing",
    paraphrases=("get past the title screen", "start playing"),
  ),
  Goal(
    "get_starter", "get the first creature", "talk", "starter",
    "playing, not starter",
    paraphrases=("choose a starter", "pick a first companion"),
  ),
  Goal(
    "new_map", "find a new place", "explore", "maps rises", "playing",
    paraphrases=("explore somewhere new", "enter a map not seen before"),
  ),
  Goal(
    "win_battle", "win a battle", "battle", "wins rises", "starter, hp >= 1",
    paraphrases=("defeat an enemy", "beat whoever you fight"),
  ),
  Goal(
    "new_species", "catch a new species", "catch", "species rises",
    "starter, balls, species <= 150",
    paraphrases=("catch something not owned yet", "add a species"),
  ),
  Goal(
    "grow_team", "add a member to the team", "catch", "party rises",
    "starter, balls, party <= 5",
    paraphrases=("make the party larger", "recruit another creature"),
  ),
  Goal(
    "gain_level", "gain a level", "battle", "levels rises",
    "starter, hp >= 1",
    paraphrases=("level up", "train someone by one level"),
  ),
  Goal(
    "heal_team", "heal the team", "talk", "hp >= 100",
    "starter, hp <= 99",
    paraphrases=("restore all health", "rest until everyone is well"),
  ),
  Goal(
    "find_battle", "find a wild creature", "explore", "battle == 1", _ROAM,
    paraphrases=("walk in tall grass", "start a wild battle"),
  ),
  Goal(
    "leave_battle", "leave the battle", "battle", "battle <= 0",
    "battle >= 1",
    paraphrases=("end the fight", "run away"),
  ),
  Goal(
    "close_dialog", "close the text box", "talk", "free",
    "dialog",
    paraphrases=("finish the conversation", "leave the menu"),
  ),
)  # fmt: skip
