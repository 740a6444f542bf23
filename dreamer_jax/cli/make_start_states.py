"""Makes start states: places besides power-on where episodes may begin.

  dreamer-jax demos start-states --rom=red.gb

plays the intro by itself (title, speech, names) until the RAM says that the
player can act, several times with different waits at power-on, and keeps each
state in an archive, --out. --quick sets fast text and no battle animation.

  dreamer-jax demos start-states --episodes=runs/x/demos

replays episodes instead, and keeps a state wherever a new milestone was
reached: a badge, a species, a flag of the story. --recordings=a.play,b.play
does so with what a person played (dreamer-jax demos record).

  dreamer-jax demos start-states --pyboy_states=a.state --rom=red.gb

takes states that PyBoy itself has saved, of this version or an older one.

--battery=FILE puts a cartridge's saved game in, so that the intro ends in it;
without it no such file is read, and none is ever written.
"""

import pathlib

from absl import flags
from rich import progress
from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax import games
from dreamer_jax.cli import common
from dreamer_jax.data import episodes as episodes_lib
from dreamer_jax.data import origin as origins
from dreamer_jax.data import start_states
from dreamer_jax.data.demos import make_start_states, recording
from dreamer_jax.errors import UserError
from dreamer_jax.game import intro
from dreamer_jax.game.env import GameBoyEnv, StateError
from dreamer_jax.program import define

FIND_ROM = common.define_rom()
OUT = define("out", d.Folder, "runs/start_states", "the archive's folder")
COUNT = define("count", d.Count, 4, "intros, each with another wait")
SEED = define("seed", d.Amount, 0, "of the first intro")
QUICK = flags.DEFINE_bool("quick", False, "fast text, no battle animation")
MAX_ACTIONS = define("max_actions", d.Count, 3000, "of an intro")
BATTERY = define("battery", d.File, None, "a saved game (.sav, .ram)")
PYBOY_STATES = define("pyboy_states", d.Files, [], "states of PyBoy itself")
RECORDINGS = define("recordings", d.Files, [], "files of record_demos")
EPISODES = define("episodes", d.Folder, None, "a folder of episodes")


def main() -> None:
  ways = [
    (PYBOY_STATES, from_pyboy), (RECORDINGS, from_recordings),
    (EPISODES, from_episodes), (BATTERY, from_intro),
  ]  # fmt: skip
  wanted = [(flag, make) for flag, make in ways if flag.value]
  if len(wanted) > 1:
    one, two = (f"--{flag.name}" for flag, _ in wanted[:2])
    raise UserError(
      f"{one} and {two} are two ways to make start states (--battery is for "
      "the intro): give one of them at a time."
    )
  make = wanted[0][1] if wanted else from_intro
  rom = FIND_ROM()
  archive = start_states.Archive(OUT.value)
  events = games.get(rom).events
  made = make(rom, archive, events)
  table = Table("state", "place", "badges", "milestones, the latest last")
  world = games.get(rom).world()
  for start in made:
    place = start.meta["place"]
    where = f"{world.name(place['map_id'])} ({place['x']}, {place['y']})"
    latest = ", ".join(start.milestones[-3:])
    table.add_row(start.name, where, str(start.meta["badges"]), latest)
  common.CONSOLE.print(table)
  common.CONSOLE.print(
    f"{len(made)} start states of {rom.name} added to {archive.folder}, "
    f"{len(archive.names())} there in all"
  )


def from_intro(rom, archive, events) -> list[start_states.StartState]:
  """Plays the intro --count times."""
  battery = common.read_file(BATTERY.value, "battery")
  env = GameBoyEnv(rom, battery=battery)
  made = []
  with progress.Progress(console=common.CONSOLE) as bar:
    task = bar.add_task("intro", total=COUNT.value)
    for seed in range(SEED.value, SEED.value + COUNT.value):
      env.reset(seed=seed)
      count = intro.play(
        env,
        max_actions=MAX_ACTIONS.value,
        on_action=lambda n, _: bar.update(task, description=f"action {n}"),
      )
      if QUICK.value:
        intro.quicken(env)
      kind = "continued" if battery else "intro"
      name = f"{kind}{'-quick' if QUICK.value else ''}-{seed}"
      by = f"the program, seed {seed}, {count} actions"
      made.append(make_start_states.describe(env, name, by, events))
      archive.add(made[-1])
      bar.advance(task)
  env.close()
  return made


def from_episodes(rom, archive, events) -> list[start_states.StartState]:
  """Replays every episode of --episodes."""
  paths = sorted(pathlib.Path(EPISODES.value).glob(f"*{episodes_lib.SUFFIX}"))
  if not paths:
    raise UserError(f"{EPISODES.value} has no episodes: give a run's demos/")
  origin = origins.of_rom(rom).any_pace
  episodes_lib.check_origin(paths, origin, origins.ITS_OWN)
  made, options, env, skipped = [], None, None, 0
  for path in progress.track(paths, "replaying", console=common.CONSOLE):
    episode = episodes_lib.load(path)
    if start_states.obstacle(episode.meta):
      skipped += 1
      continue
    wanted = dict(episode.meta.get("env", {}))
    if env is None or wanted != options:
      if env is not None:
        env.close()
      options, env = wanted, GameBoyEnv(rom, **wanted)
    for start in make_start_states.from_episode(env, episode, events):
      made.append(start)
      archive.add(start)
  if env is not None:
    env.close()
  if skipped:
    common.CONSOLE.print(
      f"skipped {skipped} of {len(paths)} episodes: they did not begin at "
      "power-on, or were recorded as played (use --recordings for those)"
    )
  return made


def from_pyboy(rom, archive, events) -> list[start_states.StartState]:
  """Takes every state of --pyboy_states, or none of them."""
  env, made = GameBoyEnv(rom), []
  for path in PYBOY_STATES.value:
    dumped = common.read_file(path, "pyboy_states")
    name, by = pathlib.Path(path).stem, f"PyBoy's {path}"
    try:
      made.append(make_start_states.from_pyboy(env, dumped, name, by, events))
    except StateError as error:
      raise UserError(f"{path}: {error}") from None
  env.close()
  names = [start.name for start in made]
  there = {n: archive.load(n).state for n in archive.names() if n in names}
  for start in made:
    is_taken = there.get(start.name, start.state) != start.state
    if names.count(start.name) > 1 or is_taken:
      raise UserError(
        f"two states would be called {start.name!r} in {archive.folder}: a "
        "state is known by its file's name, so rename one."
      )
  for start in made:
    archive.add(start)
  return made


def from_recordings(rom, archive, events) -> list[start_states.StartState]:
  """Replays every recording of --recordings."""
  made = []
  paths = [pathlib.Path(path) for path in RECORDINGS.value]
  for path in progress.track(paths, "replaying", console=common.CONSOLE):
    play = recording.load(path)
    for start in make_start_states.from_recording(rom, play, events, path.stem):
      made.append(start)
      archive.add(start)
  return made
