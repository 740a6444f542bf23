"""Plays stored episodes again and compares every screen, RAM and reward term.

  python -m experiments.verify_episodes --workdir=runs/NAME

An episode is a function of its seed and actions; this says whether it still
is, on this machine, with this PyBoy. Recordings of a person (.play) are
verified by their marks. The exit code is 1 where something differs.
"""

import pathlib

from absl import flags
from rich import progress

from dreamer_jax.data import episodes as episodes_lib
from dreamer_jax.data import recording, verify
from dreamer_jax.errors import UserError
from dreamer_jax.game.env import GameBoyEnv
from experiments import common

FIND_ROM = common.define_rom()
WORKDIR = flags.DEFINE_string("workdir", "runs/collect", "a run's folder")
LIMIT = flags.DEFINE_integer("limit", 200, "episodes", 1)


def main() -> None:
  rom = FIND_ROM()
  folder = pathlib.Path(WORKDIR.value)
  find = lambda pattern: sorted(folder.glob(pattern))
  paths = find(f"demos/*{episodes_lib.SUFFIX}")
  paths += find(f"episodes/*{episodes_lib.SUFFIX}")
  plays = find(f"recordings/*{recording.SUFFIX}")
  if not paths and not plays:
    raise UserError(f"{folder} has no episodes: give a run's --workdir.")
  env, options = None, None
  same = skipped = steps = marks = 0
  track = lambda what: progress.track(what, "playing", console=common.CONSOLE)
  for path in track(paths[: LIMIT.value]):
    episode = episodes_lib.load(path)
    if episode.meta["rom"]["sha1"] != rom.sha1:
      raise UserError(f"{path} is of another ROM: give it with --rom.")
    wanted = episode.meta.get("env", {})
    if env is None or wanted != options:
      if env is not None:
        env.close()
      options, env = wanted, GameBoyEnv(rom, **wanted)
    if verify.replays(env, episode):
      same, steps = same + 1, steps + len(episode) - 1
    else:
      skipped += 1
  for path in plays:
    marks += recording.verify(rom, recording.load(path))
  common.CONSOLE.print(
    f"{same} episodes, {steps:,} actions: every screen, RAM and term the "
    f"same; {skipped} begin elsewhere or keep a person's timing; "
    f"{len(plays)} recordings, {marks} marks the same"
  )


if __name__ == "__main__":
  common.run(main)
