"""Compares several training runs of one preset on the same games.

  for SEED in 0 1 2; do
    dreamer-jax train --config=quickstart --config.seed=$SEED \\
        --workdir=runs/seed-$SEED
  done
  dreamer-jax compare runs \\
      --checkpoints=runs/seed-0,runs/seed-1,runs/seed-2

Each run's agent and its clone (told the next badge, and told their goals by
rules), the clone at a lower temperature and the script that demonstrated play
the same seeds from power-on. Intervals are over runs, not over games: a hundred
games of one agent are one draw of its method. What each run's own games scored,
round after round, is told beside it.

A run that was trained and compared on another machine counts too, by the file
that was written there:
  dreamer-jax compare runs --checkpoints=runs/lantern --json=1.json
  dreamer-jax compare runs --checkpoints=runs/lantern --joined=1.json
"""

import json
import os
from collections.abc import Sequence
from typing import NamedTuple

from dreamer_jax import config as config_lib
from dreamer_jax import domains as d
from dreamer_jax import games
from dreamer_jax.cli import common, loading, tables
from dreamer_jax.config import change
from dreamer_jax.config_versions import current
from dreamer_jax.data import files
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CHECKPOINTS = define(
  "checkpoints", d.Files, None, "folders of runs of one preset, several seeds",
  required=True,
)  # fmt: skip
JOINED = define(
  "joined", d.Files, [], "files of earlier comparisons (--json), with commas "
  "between: their runs count too",
)  # fmt: skip
LOAD = loading.Loader()
EPISODES = define("episodes", d.Count, 32, "that each policy plays")
MAX_STEPS = define(
  "max_steps", d.Count, None, "actions of an episode; default the evaluation's"
)
SEED = define("seed", d.Amount, 2_000_000, "of the first episode")
JSON = define("json", d.Output, None, "also write the results to this file")
FIGURE = define(
  "figure", d.Output, None, "draw the runs' scores by round into this SVG file"
)
# Players by their names in `evaluation.play.players`.
_LABELS = {
  "agent": "agent", "planned": "by rules", "bc": "clone",
  "bc_planned": "clone by rules", "bc_cold": "colder clone", "expert": "script",
}  # fmt: skip
# Settings that do not make two runs different methods.
_ASIDE = (
  "name", "seed", "checkpoint_secs", "env.rom", "env.allow_unknown_rom",
  "env.num_workers",
)  # fmt: skip
_CONTROLS = ("clone", "clone by rules", "colder clone", "script")
_RIVALS = "bc,bc_cold,expert"  # besides, agent and clone are told by rules


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.evaluation.play import (
    comparison,
    progress,
    rounds,
    values,
  )
  from dreamer_jax.evaluation.play import (
    players as players_lib,
  )
  from dreamer_jax.evaluation.report import charts
  from dreamer_jax.play import planned

  agents = {path: LOAD(path) for path in CHECKPOINTS.value}
  check_agents(CHECKPOINTS.value, agents)
  seeds = range(SEED.value, SEED.value + EPISODES.value)
  own = [
    Run(path, agent.config.seed, traits(agent, MAX_STEPS.value, seeds))
    for path, agent in agents.items()
  ]
  joined = [read(path) for path in JOINED.value]
  runs = own + [run for earlier in joined for run in earlier.runs]
  check(runs)
  played, said = {}, {}
  for run in own:
    agent = agents[run.path]
    steps = budget(agent, MAX_STEPS.value)
    config = change(agent.config, {"evaluate.rivals": _RIVALS})
    agent = agent._replace(config=config)
    actors = {"planned": agent.actor, "bc_planned": agent.clone}
    guests = {
      name: planned.maker(agent_lib.policy_maker(agent, actor), agent.rom.name)
      for name, actor in actors.items()
    }
    players = players_lib.rivals(agent, False, games.get(agent.rom), guests)
    # The script first: where its games are others than in a file, that is said
    # before the longest part.
    for name in sorted(players, key=lambda name: name != "expert"):
      label, make = _LABELS[name], players[name]
      if name == "expert" and label in played:
        continue  # the same player, the same games
      with common.CONSOLE.status(
        f"{run.path}: {len(seeds)} episodes, {label} ..."
      ):
        source = name if name == "expert" else "policy"
        badges = players_lib.badges_that_end(agent.config)
        episodes = players_lib.play(agent, make, source, seeds, steps, badges)
      played.setdefault(label, []).append(
        progress.summarize(episodes, agent.config.rewards.weights)
      )
      if name == "expert":
        for path, earlier in zip(JOINED.value, joined, strict=True):
          check_script(path, earlier.played.pop(label, []), played[label])
      if name == players_lib.AGENT:
        said[run.label] = values.measure(agent, episodes)
  scores = {run.label: _by_round(run.path) for run in own}
  for earlier in joined:
    for label, summaries in earlier.played.items():
      played[label] += summaries
    said |= earlier.values
    scores |= earlier.rounds
  order = [label for label in _LABELS.values() if label in played]
  played = {label: played[label] for label in order}
  found = comparison.compare(played, _CONTROLS)
  common.CONSOLE.print(tables.policies(found))
  chart = rounds.chart(scores)
  if chart:
    common.CONSOLE.print(tables.rounds(scores))
  results = {
    "budget": steps,
    "runs": [{"path": run.path, "seed": run.seed} for run in runs],
    "traits": own[0].traits, "policies": found, "played": played,
    "values": said, "rounds": scores,
  }  # fmt: skip
  common.write_results(JSON.value, "compare runs", results)
  if FIGURE.value and chart:
    files.write_atomic(FIGURE.value, charts.to_file(chart))
  elif FIGURE.value:
    common.note(f"no run has scores of two policies: no {FIGURE.value}")


class Run(NamedTuple):
  """A training run that is compared."""

  path: str
  seed: int  # of training
  traits: dict  # what all runs must share, by the words for it

  @property
  def label(self) -> str:
    return f"seed {self.seed}"


class Earlier(NamedTuple):
  """What a comparison wrote, see `main`."""

  runs: list[Run]
  played: dict[str, list[dict]]  # by label of the player
  values: dict[str, dict]  # by label of the run, as `rounds`
  rounds: dict[str, dict[int, float]]


def read(path: str) -> Earlier:
  """Reads what `--json` wrote.

  Raises:
    UserError: it cannot be read, or is of something else.
  """
  data = common.read_file(path, "joined")
  try:
    tree = json.loads(data)
    # A setting that a version did not know has its default there.
    told = {**compared(config_lib.Config()), **current(tree["traits"])}
    runs = [Run(r["path"], r["seed"], told) for r in tree["runs"]]
    scores = {
      label: {int(number): score for number, score in row.items()}
      for label, row in tree["rounds"].items()
    }
    played = {name: list(rows) for name, rows in tree["played"].items()}
    counts = {len(rows) for rows in played.values()}
    labels = {*_LABELS.values()}  # no script plays other games
    known = labels - {_LABELS["expert"]} <= {*played} <= labels
    if not known or not counts <= {1, len(runs)}:
      raise ValueError
    return Earlier(runs, played, dict(tree["values"]), scores)
  except (KeyError, TypeError, ValueError, AttributeError):
    raise UserError(
      f"{path} is no comparison of runs: give a file that "
      "`dreamer-jax compare runs --json` of this version wrote"
    ) from None


def check_script(path: str, there: list[dict], here: list[dict]) -> None:
  """Makes sure that the script played the games of a file as it does here.

  It plays each seed the same way every time, so a difference is one of the
  game or of the script.

  Args:
    path: of the file.
    there: `progress.summarize` of the script's games.
    here: the same of this comparison.

  Raises:
    UserError: they differ.
  """
  if json.loads(json.dumps(here)) != there:
    raise UserError(
      f"in {path} the script did not play as it does here: compare the runs of "
      "that file again with this version"
    )


def _by_round(path: str) -> dict[int, float]:
  """See `evaluation.play.rounds.scores`."""
  from dreamer_jax.evaluation.play import rounds
  from dreamer_jax.training import metrics

  name = os.path.join(common.results_folder(path), "metrics.jsonl")
  return rounds.scores(metrics.read(name))


def check_agents(given: Sequence[str], agents: dict) -> None:
  """Makes sure that each run is there once, and has a clone.

  Args:
    given: paths of the runs.
    agents: by path.

  Raises:
    UserError: it is not so.
  """
  for path, agent in agents.items():
    if given.count(path) > 1:
      raise UserError(f"{path} is given twice: each run counts once")
    if agent.clone is None:
      raise UserError(f"{path} holds no clone: give the folder of a run")


def check(runs: Sequence[Run]) -> None:
  """Makes sure that the runs differ in their training seeds alone.

  Raises:
    UserError: two have the same training seed, or one differs from the first
      in game, in the games played or in settings of training.
  """
  seeds, first = {}, runs[0]
  for run in runs:
    same = seeds.setdefault(run.seed, run)
    if same is not run:
      raise UserError(
        f"{run.path} and {same.path} have the same training seed, {run.seed}: "
        "train one of them with another --config.seed"
      )
    for name in [*first.traits, *run.traits]:
      value, wanted = (r.traits.get(name) for r in (run, first))
      if value != wanted:
        raise UserError(
          f"{run.path} does not compare with {first.path}: {name} {value} "
          f"there, not {wanted}"
        )


def traits(agent, most: int, seeds: Sequence[int]) -> dict:
  """What runs must share to be compared, by the words for it: a JSON tree.

  Args:
    agent: of the run.
    most: see `budget`.
    seeds: of the games.
  """
  from dreamer_jax.evaluation.play import players as players_lib

  config = agent.config
  badges = players_lib.badges_that_end(config)
  found = {
    "preset": config.name,
    "game": agent.rom.name,
    "number of games": len(seeds),
    "seed of the first game": seeds[0],
    "number of actions in a game": budget(agent, most),
    "number of badges that end a game": badges,
    **compared(config),
  }
  return json.loads(json.dumps(found))  # as it is read again


def compared(config: config_lib.Config) -> dict:
  """Settings, by path, in which runs of one method are the same."""
  return {
    name: d.get(config, name)
    for name, _ in d.fields(type(config))
    if not name.startswith("evaluate.") and name not in _ASIDE
  }


def budget(agent, most: int) -> int:
  """Actions in a game: `most`, or as in the evaluation where that is 0."""
  config = agent.config
  return most or config.evaluate.max_steps or config.env.max_steps
