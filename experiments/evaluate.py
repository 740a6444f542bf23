"""Measures a checkpoint: play from power-on, drift of the dream, size, speed.

  python -m experiments.evaluate --checkpoint=runs/quickstart

Writes report.json and report.html into the run's folder (or --out). Seeds are
those kept for evaluation; nothing was trained or tuned on them.
"""

import json
import os
import shlex
import sys
import time

from absl import flags

from experiments import common

CHECKPOINT = common.define_checkpoint()
OUT = flags.DEFINE_string("out", None, "the results' folder; default the run's")
EPISODES = flags.DEFINE_integer("episodes", None, "of each policy", 1)
STEP = flags.DEFINE_string(
  "step", "latest", "latest, best (lowest loss on held-out episodes), or number"
)
ROM = flags.DEFINE_string("rom", None, "another ROM than the run's")
SEED = flags.DEFINE_integer(
  "seed", None, "the first seed; default the config's, kept for evaluation", 0
)
WORLD_ONLY = flags.DEFINE_bool("world_only", False, "skip the policies' play")
GREEDY = flags.DEFINE_bool("greedy", False, "most likely action, no sampling")


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.data.files import write_atomic
  from dreamer_jax.evaluate import (
    evaluation,
    report,
    video,
    world_charts,
    world_report,
  )
  from dreamer_jax.learn import agent as agent_lib
  from dreamer_jax.learn import metrics

  agent = agent_lib.load(CHECKPOINT.value, STEP.value)
  config = agent.config
  config.env.rom = ROM.value or config.env.rom
  config.evaluate.episodes = EPISODES.value or config.evaluate.episodes
  if SEED.value is not None:
    config.evaluate.seed = SEED.value
  out = OUT.value or common.results_folder(CHECKPOINT.value)
  wanted = config.evaluate
  played = f"{wanted.episodes} episodes of each policy from power-on, "
  common.CONSOLE.print(
    f"Evaluating {CHECKPOINT.value}: {'' if WORLD_ONLY.value else played}"
    f"{wanted.windows} dreams along {wanted.scripted} scripted episodes, and "
    f"{wanted.branches} from each of {wanted.moments} saved moments"
  )
  began = time.monotonic()
  with common.CONSOLE.status("") as status:
    say = lambda text: status.update(text + " ...")
    results, pictures = evaluation.run(
      agent, say, GREEDY.value, not WORLD_ONLY.value
    )
  results["evaluation_secs"] = time.monotonic() - began
  command = ["python", "-m", "experiments.evaluate", *sys.argv[1:]]
  results["command"] = shlex.join(command)
  data = json.dumps(results, indent=2).encode()
  write_atomic(os.path.join(out, "report.json"), data)
  records = metrics.read(os.path.join(out, "metrics.jsonl"))
  page = os.path.join(out, "report.html")
  report.write_html(results, records, pictures, page)
  figures = world_charts.files(results)
  for i, strip in enumerate(pictures.values()):
    figures[f"strip-{i}.png"] = video.png(strip)
  for name, figure in figures.items():
    write_atomic(os.path.join(out, "figures", name), figure)
  if not WORLD_ONLY.value:
    common.CONSOLE.print(report.table(results))
  common.CONSOLE.print(world_report.table(results))
  common.CONSOLE.print(f"Results: {out}/report.json, {page}")


if __name__ == "__main__":
  common.run(main)
