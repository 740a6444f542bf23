"""What a preset does, whatever its seed: plays several runs' agents.

  for SEED in 0 1 2; do
    python -m experiments.train --config=quickstart --config.seed=$SEED \\
        --workdir=runs/seed-$SEED
  done
  python -m experiments.compare_runs \\
      --checkpoints=runs/seed-0,runs/seed-1,runs/seed-2

Each run's agent, its clone, the clone at a lower temperature and the script
that showed the way play the same seeds from power-on. The runs are the units of
all intervals: a hundred games of one agent are one draw of its method.
"""

import json
import shlex
import sys

from dreamer_jax import domains as d
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.program import define
from experiments import common, loading, tables

CHECKPOINTS = define(
  "checkpoints", d.Files, None, "folders of runs of one preset, several seeds",
  required=True,
)  # fmt: skip
LOAD = loading.Loader()
EPISODES = define("episodes", d.Count, 32, "that each policy plays")
MAX_STEPS = define(
  "max_steps", d.Amount, 0, "actions of an episode; 0: as in the evaluation"
)
SEED = define("seed", d.Amount, 2_000_000, "of the first episode")
JSON = define("json", d.File, None, "also write the results to this file")
# Rivals of `evaluate.contest`; the clone first, whom all are compared with.
_NAMES = {
  "bc": "clone", "bc_cold": "colder clone", "agent": "agent",
  "expert": "script",
}  # fmt: skip


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.evaluate import comparison, contest, progress, values

  seeds = range(SEED.value, SEED.value + EPISODES.value)
  played, said = {}, {}
  for path in CHECKPOINTS.value:
    agent = LOAD(path)
    wanted = agent.config.evaluate
    wanted.rivals = ",".join(name for name in _NAMES if name != contest.AGENT)
    players = contest.rivals(agent, False, agent.rom.name, None)
    if "bc" not in players:
      raise UserError(f"{path} holds no clone: give the folder of a run")
    steps = MAX_STEPS.value or wanted.max_steps or agent.config.env.max_steps
    for name, label in _NAMES.items():
      if name not in players:  # no script plays the game
        continue
      with common.CONSOLE.status(f"{path}: {len(seeds)} episodes, {label} ..."):
        source = name if name == "expert" else "policy"
        episodes = contest.play(agent, players[name], source, seeds, steps)
      played.setdefault(label, []).append(progress.summarize(episodes))
      if name == contest.AGENT:
        said[path] = values.measure(agent, episodes)
  found = comparison.compare(played)
  common.CONSOLE.print(tables.policies(found))
  if JSON.value:
    command = ["python", "-m", "experiments.compare_runs", *sys.argv[1:]]
    tree = {
      "command": shlex.join(command), "budget": steps, "policies": found,
      "played": played, "values": said,
    }  # fmt: skip
    write_atomic(JSON.value, json.dumps(tree, indent=2).encode())


if __name__ == "__main__":
  common.run(main)
