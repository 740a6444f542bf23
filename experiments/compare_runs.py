"""Compares several training runs of one preset on the same games.

  for SEED in 0 1 2; do
    python -m experiments.train --config=quickstart --config.seed=$SEED \\
        --workdir=runs/seed-$SEED
  done
  python -m experiments.compare_runs \\
      --checkpoints=runs/seed-0,runs/seed-1,runs/seed-2

Each run's agent (told the next badge, and told its goals by rules), its clone,
the clone at a lower temperature and the script that demonstrated play the same
seeds from power-on. Intervals are over runs, not over games: a hundred games of
one agent are one draw of its method. What each run's own games scored, round
after round, is told beside it.
"""

import os

from dreamer_jax import domains as d
from dreamer_jax.data import files
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
JSON = define("json", d.Output, None, "also write the results to this file")
FIGURE = define(
  "figure", d.Output, None, "draw the runs' scores by round into this SVG file"
)
# Players by their names in `evaluate.contest`.
_LABELS = {
  "agent": "agent", "planned": "by rules", "bc": "clone",
  "bc_cold": "colder clone", "expert": "script",
}  # fmt: skip
# Settings that do not make two runs different methods.
_ASIDE = (
  "name", "seed", "checkpoint_secs", "env.rom", "env.allow_unknown_rom",
  "env.num_workers",
)  # fmt: skip
_CONTROLS = ("clone", "colder clone", "script")
_RIVALS = "bc,bc_cold,expert"  # besides, the agent plays in two ways


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import planned
  from dreamer_jax.evaluate import (
    charts,
    comparison,
    contest,
    progress,
    rounds,
    values,
  )
  from dreamer_jax.learn import agent as agent_lib

  agents = {path: LOAD(path) for path in CHECKPOINTS.value}
  check(CHECKPOINTS.value, agents, MAX_STEPS.value)
  seeds = range(SEED.value, SEED.value + EPISODES.value)
  played, said = {}, {}
  for path, agent in agents.items():
    steps = budget(agent, MAX_STEPS.value)
    agent.config.evaluate.rivals = _RIVALS
    policy = agent_lib.policy_maker(agent)
    guests = {"planned": planned.maker(policy, agent.rom.name)}
    players = contest.rivals(agent, False, agent.rom.name, guests)
    for name, make in players.items():
      label = _LABELS[name]
      if name == "expert" and label in played:
        continue  # the same player, the same games
      with common.CONSOLE.status(f"{path}: {len(seeds)} episodes, {label} ..."):
        source = name if name == "expert" else "policy"
        badges = contest.badges_that_end(agent.config)
        episodes = contest.play(agent, make, source, seeds, steps, badges)
      played.setdefault(label, []).append(progress.summarize(episodes))
      if name == contest.AGENT:
        said[path] = values.measure(agent, episodes)
  found = comparison.compare(played, _CONTROLS)
  common.CONSOLE.print(tables.policies(found))
  scores = {path: _by_round(path) for path in agents}
  drawn = {f"seed {agents[p].config.seed}": x for p, x in scores.items()}
  chart = rounds.chart(drawn)
  if chart:
    common.CONSOLE.print(tables.rounds(scores))
  results = {
    "budget": steps, "policies": found, "played": played, "values": said,
    "rounds": scores,
  }  # fmt: skip
  common.write_results(JSON.value, "compare_runs", results)
  if FIGURE.value and chart:
    files.write_atomic(FIGURE.value, charts.to_file(chart))
  elif FIGURE.value:
    common.note(f"no run has scores of two policies: no {FIGURE.value}")


def _by_round(path: str) -> dict[int, float]:
  """See `evaluate.rounds.scores`."""
  from dreamer_jax.evaluate import rounds
  from dreamer_jax.learn import metrics

  name = os.path.join(common.results_folder(path), "metrics.jsonl")
  return rounds.scores(metrics.read(name))


def check(given: list[str], agents: dict, most: int) -> None:
  """Makes sure that the runs differ in their training seeds alone.

  Args:
    given: paths of the runs.
    agents: by path.
    most: see `budget`.

  Raises:
    UserError: a run is given twice, has no clone or the same training seed as
      another, or differs from the first in game or in settings of training.
  """
  seeds = {}
  for path, agent in agents.items():
    if given.count(path) > 1:
      raise UserError(f"{path} is given twice: each run counts once")
    if agent.clone is None:
      raise UserError(f"{path} holds no clone: give the folder of a run")
    same = seeds.setdefault(agent.config.seed, path)
    if same != path:
      raise UserError(
        f"{path} and {same} have the same training seed, {agent.config.seed}: "
        "train one of them with another --config.seed"
      )
  first = traits(agents[given[0]], most)
  for path, agent in agents.items():
    for name, value in traits(agent, most).items():
      if value != first[name]:
        raise UserError(
          f"{path} does not compare with {given[0]}: {name} {value} there, "
          f"not {first[name]}"
        )


def traits(agent, most: int) -> dict:
  """What runs must share to be compared, by the words for it."""
  from dreamer_jax.evaluate import contest

  config = agent.config
  badges = contest.badges_that_end(config)
  badges = config.env.stop_badges if badges == -1 else badges
  settings = [
    (name, d.get(config, name))
    for name, _ in d.fields(type(config))
    if not name.startswith("evaluate.")
  ]
  return {
    "preset": config.name,
    "game": agent.rom.name,
    "number of actions in a game": budget(agent, most),
    "number of badges that end a game": badges,
    **{name: value for name, value in settings if name not in _ASIDE},
  }


def budget(agent, most: int) -> int:
  """Actions in a game: `most`, or as in the evaluation where that is 0."""
  config = agent.config
  return most or config.evaluate.max_steps or config.env.max_steps


if __name__ == "__main__":
  common.run(main)
