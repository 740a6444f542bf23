"""Compares planners: plays the same seeds under each, and prints a table.

  dreamer-jax compare planners --checkpoint=runs/lantern

Rules (a fixed order of goals, replanned on the roadmap's triggers) against one
fixed goal that System 1 is told for the whole episode, the next badge unless
--goal says another. From power-on; a table, and --json with all episodes.
"""

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading, tables
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint()
LOAD = loading.Loader()
PLANNERS = define(
  "planners", d.several("rules", "fixed"), ["rules", "fixed"], "to compare"
)
EPISODES = define("episodes", d.Count, 20, "under each planner")
MAX_STEPS = define("max_steps", d.Count, 6000, "actions of an episode")
SEED = define("seed", d.Amount, 2_000_000, "of the first episode")
GOAL = define("goal", d.Text, "next_badge", "of the fixed planner")
GREEDY = flags.DEFINE_bool("greedy", False, "most likely action, no sampling")
JSON = define("json", d.Output, None, "also write the results to this file")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.evaluation.play import players, progress
  from dreamer_jax.goals.vocabulary import IDS
  from dreamer_jax.planner.fixed import Fixed
  from dreamer_jax.planner.service import Planner
  from dreamer_jax.play import planned

  if GOAL.value not in IDS:
    names = ", ".join(list(IDS)[:12])
    raise UserError(f"there is no goal {GOAL.value!r}: {names}, ...")
  agent = LOAD(CHECKPOINT.value)
  makers = {
    "rules": Planner,
    "fixed": lambda game, moment: Fixed(IDS[GOAL.value], moment),
  }
  policy = agent_lib.policy_maker(agent, greedy=GREEDY.value)
  seeds = range(SEED.value, SEED.value + EPISODES.value)
  found = {}
  for name in PLANNERS.value:
    with common.CONSOLE.status(f"{len(seeds)} episodes under {name} ..."):
      player = planned.maker(policy, agent.rom.name, makers[name])
      episodes = players.play(
        agent, player, "policy", seeds, MAX_STEPS.value, None
      )
    found[name] = progress.summarize(
      episodes, agent.config.rewards.weights
    )
  common.CONSOLE.print(tables.players(found))
  common.write_results(JSON.value, "compare planners", {"planners": found})
