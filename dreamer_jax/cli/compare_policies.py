"""Trains policies anew in one run's dreams, and compares how they play.

  dreamer-jax compare policies --checkpoint=runs/quickstart

The world model and the episodes are the run's; clone, actor and critic begin
again, by each algorithm and with each seed, and all play the same seeds from
power-on. Any setting of the policy can be another than the run's, with
--config.policy.imagination.discount=0.99, say. --demos=10 clones ten
demonstrations alone, and asks what dreams add; so few are learned by heart
soon: give --clone_updates=1000.
"""

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading, tables
from dreamer_jax.cli.config_flag import Fields
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint("a run's folder, with its episodes")
ALGORITHMS = define(
  "algorithms", d.several("ppo", "grpo"), ["ppo", "grpo"], "to compare"
)
LOAD = loading.Loader()
SEEDS = define("seeds", d.Count, 3, "policies by each algorithm")
DEMOS = define(
  "demos", d.Count, None,
  "demonstrations to clone first, alone; default the run's clone",
)  # fmt: skip
CLONE_UPDATES = define(
  "clone_updates", d.Count, None, "of a clone of --demos; default the run's"
)
FIELDS = Fields("policy.")
EPISODES = define("episodes", d.Count, 20, "that each policy plays")
MAX_STEPS = define(
  "max_steps", d.Count, None,
  "actions of an episode; default as in the run's evaluation",
)  # fmt: skip
TOLD = define(
  "told", d.choice("badge", "rules"), "badge",
  "what they are to do: the next badge, or one goal of the planner's rules "
  "after the other",
)  # fmt: skip
SEED = define("seed", d.Amount, 1_200_000, "of the first episode")
JSON = define("json", d.Output, None, "also write the results to this file")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.evaluation.play import comparison, players, progress
  from dreamer_jax.play import planned
  from dreamer_jax.training.retrain import Study

  if CLONE_UPDATES.value and not DEMOS.value:
    raise UserError(
      "--clone_updates is of a clone of few demonstrations: give --demos too"
    )
  # A clone of few demonstrations begins anew: the run's own is not asked.
  parts = ("world",) if DEMOS.value else ("world", "policy")
  agent = LOAD(CHECKPOINT.value, parts=parts)
  changes = FIELDS.given
  if CLONE_UPDATES.value:
    changes["policy.cloning.updates"] = CLONE_UPDATES.value
  folder = common.results_folder(CHECKPOINT.value)
  study = Study(folder, DEMOS.value, agent.rom, changes)
  wanted = agent.config.evaluate
  steps = MAX_STEPS.value or wanted.max_steps or agent.config.env.max_steps
  badges = agent.config.env.stop_badges
  seeds = range(SEED.value, SEED.value + EPISODES.value)
  colder = "colder clone"  # at `players.COLD`, the other control
  played = {}  # name -> what each policy that was trained by it did

  def play(name: str, actor: dict, temperature: float = 1.0) -> None:
    maker = agent_lib.policy_maker(agent, actor, temperature=temperature)
    if TOLD.value == "rules":
      maker = planned.maker(maker, agent.rom.name)
    found = progress.summarize(
      players.play(agent, maker, "policy", seeds, steps, badges),
      agent.config.rewards.weights,
    )
    played.setdefault(name, []).append(found)
    common.CONSOLE.print(
      f"{name}: badges {found['badges']['mean']:.2f}, first after "
      f"{found['steps_to']['badge 1']}"
    )

  with common.CONSOLE.status("reading the run's episodes ...") as status:
    for seed in range(SEEDS.value if DEMOS.value else 1):
      clone = study.clone(seed, status.update)
      play(comparison.CLONE, clone)
      play(colder, clone, players.COLD)
    for name in ALGORITHMS.value:
      for seed in range(SEEDS.value):
        play(name, study.dream(name, seed, status.update)[0])
  found = comparison.compare(played, (comparison.CLONE, colder))
  common.CONSOLE.print(tables.policies(found))
  results = {
    "budget": steps, "told": TOLD.value, "changes": changes,
    "policies": found, "played": played,
  }  # fmt: skip
  common.write_results(JSON.value, "compare policies", results)
