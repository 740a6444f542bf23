"""Measures a checkpoint: play from power-on, drift of the dream, size, speed.

  dreamer-jax evaluate --checkpoint=runs/quickstart

Writes report.json, report.html and figures into the run's folder (or --out):
play from power-on beside random play, the clone and the scripted expert; goals
on command, by kind; a map of where each went; the dream. Seeds are those kept
for evaluation; nothing was trained or tuned on them.
"""

import json
import os
import shlex
import sys
import time

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint()
LOAD = loading.Loader()
OUT = define("out", d.Folder, None, "the results' folder; default the run's")
EPISODES = define("episodes", d.Count, None, "of each policy")
MAX_STEPS = define(
  "max_steps",
  d.Count,
  None,
  "actions of an episode from power-on; default the run's",
)
GOAL_TRIALS = define(
  "goal_trials",
  d.Amount,
  None,
  "commanded goals of each group; default the run's",
)
STEP = define(
  "step",
  d.Step,
  "latest",
  "latest, best (lowest loss on held-out episodes), or number",
)
SEED = define(
  "seed",
  d.Amount,
  None,
  "the first seed; default the config's, kept for evaluation",
)
WORLD_ONLY = flags.DEFINE_bool("world_only", False, "skip the policies' play")
GREEDY = flags.DEFINE_bool("greedy", False, "most likely action, no sampling")
MODEL_FREE = define(
  "model_free",
  d.Folder,
  None,
  "a run of dreamer-jax model-free, to play beside it",
)
VIDEO = flags.DEFINE_bool(
  "video", False, "film the agent's best episode, with what it had foreseen"
)
_FILM_STEPS, _FILM_FPS = 200, 8.0


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.data.files import check_writable, write_atomic
  from dreamer_jax.evaluation import evaluation
  from dreamer_jax.evaluation.report import (
    charts,
    tables,
    video,
    world_model,
  )
  from dreamer_jax.evaluation.report import (
    page as report,
  )
  from dreamer_jax.play import planned
  from dreamer_jax.training import compatibility, metrics
  from dreamer_jax.training.model_free import player

  if WORLD_ONLY.value and (VIDEO.value or MODEL_FREE.value):
    raise UserError(
      "--world_only plays nothing: leave it out, or --video and --model_free"
    )
  out = OUT.value or common.results_folder(CHECKPOINT.value)
  check_writable(out)
  parts = ("world",) if WORLD_ONLY.value else ("world", "policy")
  agent = LOAD(CHECKPOINT.value, STEP.value, parts)
  given = {
    "evaluate.episodes": EPISODES.value, "evaluate.max_steps": MAX_STEPS.value,
    "evaluate.goal_trials": GOAL_TRIALS.value, "evaluate.seed": SEED.value,
  }  # fmt: skip
  given = {path: value for path, value in given.items() if value is not None}
  agent = agent._replace(config=change(agent.config, given))
  wanted = agent.config.evaluate
  played = f"{wanted.episodes} episodes of each policy from power-on, "
  common.CONSOLE.print(
    f"Evaluating {CHECKPOINT.value}: {'' if WORLD_ONLY.value else played}"
    f"{wanted.windows} dreams along {wanted.scripted} scripted episodes, and "
    f"{wanted.branches} from each of {wanted.moments} saved moments"
  )
  guests = {}
  if "planned" in d.names_in(wanted.rivals):
    policy = agent_lib.policy_maker(agent, greedy=GREEDY.value)
    guests["planned"] = planned.maker(policy, agent.rom.name)
  if MODEL_FREE.value:
    guests["model_free"], told = player.policy_maker(
      MODEL_FREE.value, GREEDY.value
    )
    compatibility.check_rival(MODEL_FREE.value, told, agent.meta, LOAD.warn)
  began = time.monotonic()
  with common.CONSOLE.status("") as status:
    say = lambda text: status.update(text + " ...")
    results, pictures, own = evaluation.run(
      agent, say, GREEDY.value, not WORLD_ONLY.value, guests
    )
    film = make_film(agent, own, out) if VIDEO.value else {}
  results["evaluation_secs"] = time.monotonic() - began
  command = ["dreamer-jax", "evaluate", *sys.argv[1:]]
  results["command"] = shlex.join(command)
  data = json.dumps(results, indent=1).encode()
  write_atomic(os.path.join(out, "report.json"), data)
  records = metrics.read(os.path.join(out, "metrics.jsonl"))
  page = os.path.join(out, "report.html")
  report.write_html(results, records, {**pictures, **film}, page)
  figures = charts.files(results)
  strips = [name for name in pictures if name != evaluation.MAP]
  for name, picture in pictures.items():
    is_map = name == evaluation.MAP
    file = "visited" if is_map else f"strip-{strips.index(name)}"
    figures[f"{file}.png"] = video.png(picture)
  for name, figure in figures.items():
    write_atomic(os.path.join(out, "figures", name), figure)
  if not WORLD_ONLY.value:
    common.CONSOLE.print(report.table(results))
    for table in tables.tables(results):
      common.CONSOLE.print(table)
  common.CONSOLE.print(world_model.table(results))
  common.CONSOLE.print(f"Results: {out}/report.json, {page}")


def make_film(agent, episodes, out: str) -> dict[str, str]:
  """Films the best of the agent's episodes; caption and path."""
  from dreamer_jax.evaluation.report import foresight, video

  best, first, last = foresight.highlight(episodes, _FILM_STEPS)
  seen = foresight.foresee(agent, episodes[best], first, last)
  path = os.path.join(out, "videos", "foresight.mp4")
  video.write_mp4(path, foresight.pictures(seen), _FILM_FPS)
  seed = episodes[best].meta["seed"]
  return {f"Video: steps {first} to {last} of seed {seed}": path}
