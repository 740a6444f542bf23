"""Shows the dream beside the game: a video, a GIF and a film strip.

  dreamer-jax dream --checkpoint=runs/quickstart --steps=100

The emulator plays from power-on. The model watches the first --context
actions, then goes on without a frame, under the same actions.
"""

import os

from absl import flags
from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax import games
from dreamer_jax.cli import common, loading
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

CHECKPOINT = common.define_checkpoint()
LOAD = loading.Loader()
STEPS = define("steps", d.whole(1, 10_000), 100, "dreamed")
CONTEXT = define("context", d.whole(0, 100_000), 150, "actions watched before")
SEED = define("seed", d.Amount, 2_000_000, "of the episode")
ACTIONS = define(
  "actions", d.choice("policy", "expert", "random"), "policy", "who plays"
)
SAMPLED = flags.DEFINE_bool("sampled", False, "draw latents; else most likely")
OUT = define("out", d.Folder, None, "folder; default the run's videos/")
FPS = define("fps", d.real(0.1), 8.0, "actions a second; the game has 2.5")


def make_policy(agent):
  """The player that --actions names, for one emulator."""
  from dreamer_jax.agent import agent as agent_lib
  from dreamer_jax.data.policies import ExpertPolicy, RandomPolicy

  if ACTIONS.value == "policy":
    return agent_lib.make_policy(agent, 1)
  if ACTIONS.value == "random":
    return RandomPolicy(1, 0.8)
  scripts = games.get(agent.rom).players
  if "expert" not in scripts:
    raise UserError(
      f"no script knows {agent.rom.name}: use "
      "--actions=policy or --actions=random"
    )
  return ExpertPolicy(
    1, scripts["expert"](agent.config.data.scripted.demo_epsilon)
  )


def main() -> None:
  common.set_up_jax()
  from dreamer_jax.data.files import check_writable
  from dreamer_jax.evaluation.report import sidebyside, video

  run = common.results_folder(CHECKPOINT.value)
  folder = OUT.value or f"{run}/videos"
  check_writable(folder)
  parts = ("world", "policy") if ACTIONS.value == "policy" else ("world",)
  agent = LOAD(CHECKPOINT.value, parts=parts)
  path = os.path.join(folder, f"dream-{SEED.value}")
  with common.CONSOLE.status("playing ..."):
    length = CONTEXT.value + STEPS.value
    episode = sidebyside.play(agent, make_policy(agent), length, SEED.value)
  with common.CONSOLE.status("dreaming ..."):
    pair = sidebyside.dream(
      agent, episode, CONTEXT.value, SAMPLED.value, SEED.value
    )
  with common.CONSOLE.status("drawing ..."):
    video.write_mp4(path + ".mp4", sidebyside.pictures(pair, 4), FPS.value)
    video.write_gif(path + ".gif", sidebyside.pictures(pair, 2), FPS.value)
    video.write_png(path + ".png", sidebyside.strip(pair))
  common.CONSOLE.print(summary(pair))
  common.CONSOLE.print(f"Written: {path}.mp4, .gif and .png (film strip)")


def summary(pair) -> Table:
  """Pixels and position after a few dreamed steps."""
  table = Table("dreamed steps", "pixels right", "map, x, y read", "in truth")
  place = lambda x: ", ".join(str(int(v)) for v in x)
  for step in (0, 1, 5, 15, 50):
    if step > pair.steps:
      break
    t = pair.context + step
    truth = place(pair.truth[t]) if pair.is_valid[t] else "not in play"
    exact = f"{100 * pair.exact(step):.1f} %"
    table.add_row(str(step), exact, place(pair.read[t]), truth)
  return table
