"""Trains policies anew in one run's dreams, and compares how they play.

  dreamer-jax compare policies --checkpoint=runs/quickstart

The world model and the episodes are the run's; clone, actor and critic begin
again, by each algorithm and with each seed, and all play the same seeds from
power-on. --demos=10 clones ten demonstrations alone, and asks what dreams add;
so few are learned by heart soon: give --clone_updates=1000.
"""

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading, tables
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint("a run's folder, with its episodes")
ALGORITHMS = define(
  "algorithms", d.several("ppo", "grpo"), ["ppo", "grpo"], "to compare"
)
LOAD = loading.Loader()
SEEDS = define("seeds", d.Count, 3, "policies by each algorithm")
DEMOS = define(
  "demos",
  d.Amount,
  0,
  "demonstrations to clone first, alone; 0: the run's clone",
)
CLONE_UPDATES = define(
  "clone_updates", d.Amount, 0, "of a clone of --demos; 0: as many as the run's"
)
UPDATES = define(
  "updates", d.Amount, 0, "of each policy in dreams; 0: a round's of the run"
)
EPISODES = define("episodes", d.Count, 20, "that each policy plays")
MAX_STEPS = define(
  "max_steps",
  d.Amount,
  0,
  "actions of an episode; 0: as in the run's evaluation",
)
SEED = define("seed", d.Amount, 1_200_000, "of the first episode")
JSON = define("json", d.Output, None, "also write the results to this file")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.evaluation.play import comparison, players, progress
  from dreamer_jax.training.retrain import Study

  if CLONE_UPDATES.value and not DEMOS.value:
    raise UserError(
      "--clone_updates is of a clone of few demonstrations: give --demos too"
    )
  # A clone of few demonstrations begins anew: the run's own is not asked.
  parts = ("world",) if DEMOS.value else ("world", "policy")
  agent = LOAD(CHECKPOINT.value, parts=parts)
  study = Study(common.results_folder(CHECKPOINT.value), DEMOS.value, agent.rom)
  if CLONE_UPDATES.value:
    study.config = change(
      study.config, {"policy.cloning.updates": CLONE_UPDATES.value}
    )
  if UPDATES.value:
    study.config = change(
      study.config, {"policy.schedule.updates": UPDATES.value}
    )
  wanted = agent.config.evaluate
  steps = MAX_STEPS.value or wanted.max_steps or agent.config.env.max_steps
  badges = agent.config.env.stop_badges
  seeds = range(SEED.value, SEED.value + EPISODES.value)
  colder = "colder clone"  # at `players.COLD`, the other control
  played = {}  # name -> what each policy that was trained by it did

  def play(name: str, actor: dict, temperature: float = 1.0) -> None:
    maker = agent_lib.policy_maker(agent, actor, temperature=temperature)
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
  results = {"budget": steps, "policies": found, "played": played}
  common.write_results(JSON.value, "compare policies", results)
