"""Collects episodes, says what they cover; resumes where it was stopped.

  dreamer-jax collect --episodes=40 --policy=sticky \
    --workdir=runs/NAME
  dreamer-jax collect --transitions=100000 --epsilon=0.3 \
    --verify=200 --workdir=runs/NAME

An episode is a function of its seed: the seeds that the folder lacks are
played, so the same command after a kill ends with the same files. A worker
that dies is replaced, and its episodes are played again.

The expert shows how the game is won. The explorer goes to every map, opens
menus, loses and runs; the courier reads every sign, speaks to everybody and
catches what it set out for: give each 16 episodes or more, and training a
folder of all.
"""

import functools
import itertools
import json
import math
import pathlib
from collections.abc import Callable, Iterator

from rich import progress
from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax import games
from dreamer_jax.cli import common, tables
from dreamer_jax.data import episodes as episodes_lib
from dreamer_jax.data import origin as origins
from dreamer_jax.data import settings as settings_lib
from dreamer_jax.data import start_states as states
from dreamer_jax.data.collect import Tally, collect, policies_for
from dreamer_jax.data.demos.verify import verify
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.files import remove_leftovers, write_atomic
from dreamer_jax.data.owner import Owner
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.data.settings import Settings
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.checks.coverage import Coverage
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.program import define

_GOING_ON = ("explorer", "courier")  # who have more to do than the next badge
_SCRIPTS = ("expert", *_GOING_ON)
POLICY = define(
  "policy", d.choice(*_SCRIPTS, "random", "sticky"), "expert", "who plays"
)
EPISODES = define("episodes", d.Count, 40, "episodes in all")
TRANSITIONS = define(
  "transitions", d.Count, None, "actions in all, in place of --episodes"
)
SEED = define("seed", d.Amount, 0, "of the first; the next counts up")
MAX_STEPS = define(
  "max_steps",
  d.Count,
  None,
  "actions an episode; 1500, an explorer's or a courier's 3000",
)
STOP_BADGES = define(
  "stop_badges",
  d.whole(1, 8),
  None,
  "badges that end an episode; 1, but none ends an explorer's or a courier's, "
  "which have to see what lies behind them",
)
START_STATES = define(
  "start_states", d.Folder, None,
  "begin at states of this folder (make_start_states)",
)  # fmt: skip
START_MIX = define(
  "start_mix",
  d.Weights,
  "",
  "weights such as power-on=0.2,*=0.8; all alike if empty",
)
EPSILON = define("epsilon", d.Share, 0.05, "a script's random share")
NUM_ENVS = define("num_envs", d.Emulators, 16, "emulators")
NUM_WORKERS = define("num_workers", d.Processes, 2, "processes; 0: none")
MAX_RESTARTS = define(
  "max_restarts", d.Amount, 10, "dead workers to replace before giving up"
)
VERIFY = define(
  "verify", d.Amount, 0, "episodes to replay and compare, frame by frame"
)
ROUND = define("round", d.whole(0, 999), 0, "number in the files' names")
FIND_ROM = common.define_rom()
WORKDIR = define("workdir", d.Folder, "runs/collect", "result's folder")


def max_steps() -> int:
  """Actions an episode."""
  return MAX_STEPS.value or (3000 if POLICY.value in _GOING_ON else 1500)


def start_states(rom: roms.Rom) -> list[states.StartState]:
  """What --start_states holds for this ROM; none without it."""
  return states.Archive(f).of(rom) if (f := START_STATES.value) else []


def make_policy(rom: roms.Rom, num_envs: int) -> Policy:
  """The policy that --policy names."""
  if POLICY.value in ("random", "sticky"):
    repeat = 0.8 if POLICY.value == "sticky" else 0.0
    return RandomPolicy(num_envs, repeat)
  from dreamer_jax.training import playing

  game = games.get(rom)
  script = playing.make_player(game, POLICY.value, EPSILON.value)
  return ExpertPolicy(num_envs, script)


def settings() -> Settings:
  """What the flags say about how the episodes are played."""
  how = {"policy": POLICY.value}
  if POLICY.value in _SCRIPTS:
    how["epsilon"] = EPSILON.value
  badges = STOP_BADGES.value or (None if POLICY.value in _GOING_ON else 1)
  return Settings({"max_steps": max_steps(), "stop_badges": badges}, how)

STOPPED = "stopped; the same command goes on"  # is said at Ctrl-C


def main() -> None:
  if START_MIX.value and not START_STATES.value:
    raise UserError("--start_mix weighs states: give --start_states too")
  rom = FIND_ROM()
  if POLICY.value in _SCRIPTS and POLICY.value not in games.get(rom).players:
    raise UserError(
      f"no script {POLICY.value} knows {rom.name}: use "
      "--policy=sticky, or record demonstrations."
    )
  with Owner(WORKDIR.value, "dreamer-jax collect", common.CONSOLE.print):
    fill(rom)


def fill(rom: roms.Rom) -> None:
  """Plays what the folder lacks, and says what is there."""
  source = "random" if POLICY.value == "sticky" else POLICY.value
  origin = origins.of_rom(rom)
  store = episodes_lib.open_run(WORKDIR.value, "episodes", origin)
  tally, start = Tally(), start_of(rom)
  settings_lib.check(asked(store, source), settings(), start)
  remove_leftovers(store.folder)
  seeds = missing(store, source)
  there = f"{len(store.seeds(ROUND.value, source))} are there"
  silent = sum("how" not in episodes_lib.peek(p) for p in asked(store, source))
  if silent:
    there += f", {silent} of an older version that does not say who played"
  goal = f"{len(seeds)} episodes"
  if TRANSITIONS.value and seeds:
    goal = f"{TRANSITIONS.value:,} transitions"
  common.CONSOLE.print(
    f"{POLICY.value} play of {rom.name}: {goal} of up to {max_steps()} "
    f"actions ({there}), into {store.folder}"
  )
  if seeds:
    play(rom, store, seeds, source, start, tally)
  summary(store, tally)
  coverage(store, rom)
  if VERIFY.value:
    check_replays(store, rom, source)


def asked(store: EpisodeStore, source: str) -> list[pathlib.Path]:
  """Files that are there and count as what is asked for."""
  there = store.list(ROUND.value, source)
  if TRANSITIONS.value:
    return there
  seeds = range(SEED.value, SEED.value + EPISODES.value)
  wanted = {store.path(ROUND.value, source, seed) for seed in seeds}
  return [path for path in there if path in wanted]


def missing(store: EpisodeStore, source: str) -> list[int]:
  """The seeds to play next; none if the folder has what is wanted.

  For a number of transitions these are as many as are needed by the mean
  length of the episodes that are there: some passes come close to it.
  """
  there = store.seeds(ROUND.value, source)
  if not TRANSITIONS.value:
    wanted = range(SEED.value, SEED.value + EPISODES.value)
    return [seed for seed in wanted if seed not in there]
  files = store.list(ROUND.value, source)
  have = sum(episodes_lib.load_header(path)["steps"] - 1 for path in files)
  mean = have / len(files) if files else max_steps()
  count = math.ceil((TRANSITIONS.value - have) / mean)
  fresh = (seed for seed in itertools.count(SEED.value) if seed not in there)
  return list(itertools.islice(fresh, max(0, count)))


def start_of(rom: roms.Rom) -> Callable[[int], states.StartState | None]:
  """`seed -> state` that an episode begins at; None for power-on."""
  there = start_states(rom)
  if not there:
    return lambda seed: None
  return states.mixture(there, states.parse_mix(START_MIX.value))


def play(rom, store, seeds, source, start, tally) -> None:
  """Collects what is missing under a progress bar."""
  columns = (
    progress.TextColumn("{task.completed:,}/{task.total:,} {task.fields[of]}"),
    progress.BarColumn(),
    progress.TextColumn("{task.fields[rate]:,.0f} steps/s"),
    progress.TimeElapsedColumn(),
    progress.TextColumn("left"),
    progress.TimeRemainingColumn(elapsed_when_finished=False),
  )
  env = VectorEnv(
    NUM_ENVS.value,
    num_workers=NUM_WORKERS.value,
    rom=rom,
    max_restarts=MAX_RESTARTS.value,
    **settings().env,
  )
  of = "transitions" if TRANSITIONS.value else "episodes"
  total = TRANSITIONS.value or len(seeds)
  with env, progress.Progress(*columns, console=common.CONSOLE) as bar:
    task = bar.add_task("", total=total, rate=0.0, of=of)

    def on_steps(steps: int) -> None:
      tally.count_steps(steps)
      done = tally.env_steps
      if not TRANSITIONS.value:
        done = max(tally.episodes, done // max_steps())
      bar.update(task, completed=min(total, done), rate=tally.steps_hz)

    policies = policies_for(env, functools.partial(make_policy, rom))
    while seeds:
      played = collect(
        env, policies, seeds=seeds, source=source, how=settings().how,
        states=start, on_steps=on_steps,
      )  # fmt: skip
      for episode in tally.watch(played):
        store.add(ROUND.value, episode)
      seeds = missing(store, source)
    bar.update(task, completed=total)


def summary(store: EpisodeStore, tally: Tally) -> None:
  """Prints what came out, and where it is."""
  table = Table("", "new", "in the folder")
  size = sum(path.stat().st_size for path in store.list()) / 1e6
  table.add_row("episodes", f"{tally.episodes}", f"{len(store)}, {size:.1f} MB")
  table.add_row("actions", f"{tally.env_steps:,}", "")
  mean = lambda total: f"{total / max(tally.episodes, 1):.2f}"
  table.add_row("badges an episode", mean(tally.badges), "")
  table.add_row("species an episode", mean(tally.species), "")
  table.add_row("actions a second", f"{tally.steps_hz:,.0f}", "")
  common.CONSOLE.print(table)
  common.CONSOLE.print(f"episodes: {store.folder}")


def coverage(store: EpisodeStore, rom: roms.Rom) -> None:
  """Counts what the whole folder covers: coverage.json, and tables."""
  if not len(store):
    return
  counted = Coverage(common.places(rom))
  for episode in store:
    counted.add(episode)
  report = counted.to_json()
  path = store.folder.parent / "coverage.json"
  write_atomic(path, json.dumps(report, indent=2).encode())
  for table in tables.coverage(report):
    common.CONSOLE.print(table)
  common.CONSOLE.print(f"coverage: {path}")


def check_replays(store: EpisodeStore, rom: roms.Rom, source: str) -> None:
  """Replays episodes; the first that differs is an error."""
  paths = store.list(ROUND.value, source)[: VERIFY.value]
  recorded: Iterator = map(episodes_lib.load, paths)
  workers = {"num_envs": NUM_ENVS.value, "num_workers": NUM_WORKERS.value}
  known = {start.name: start for start in start_states(rom)}
  verdicts = progress.track(
    verify(recorded, rom=rom, starts=known, **workers), "replaying",
    len(paths), console=common.CONSOLE,
  )  # fmt: skip
  verdicts = sorted(verdicts)
  skipped = [verdict for verdict in verdicts if verdict.skipped]
  verdicts = [verdict for verdict in verdicts if not verdict.skipped]
  frames = sum(verdict.frames for verdict in verdicts)
  wrong = [verdict for verdict in verdicts if verdict.field]
  if wrong:
    raise UserError(
      f"{len(wrong)} of {len(verdicts)} replays differ; the first is seed "
      f"{wrong[0].seed}, in {wrong[0].field} at step {wrong[0].step}: the "
      "episodes are of another version, or play is not deterministic."
    )
  told = (
    f"replayed {len(verdicts)} episodes: all {frames:,} frames are the same"
  )
  if skipped:
    told += (
      f"; skipped {len(skipped)} that cannot be replayed, the first, seed "
      f"{skipped[0].seed}, as {skipped[0].skipped}"
    )
  common.CONSOLE.print(told)
