"""Collects episodes; resumes where it was stopped.

  python -m experiments.collect --episodes=40 --policy=sticky \
    --workdir=runs/NAME

An episode is a function of its seed: the seeds that the folder lacks are
played, so the same command after a kill ends with the same files.
"""

import pathlib

from absl import flags
from rich import progress
from rich.table import Table

from dreamer_jax.data.collect import Tally, collect, policies_for
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from experiments import common

POLICY = flags.DEFINE_enum(
  "policy", "expert", ["expert", "explorer", "random", "sticky"], "who plays"
)
EPISODES = flags.DEFINE_integer("episodes", 40, "episodes in all", 1)
SEED = flags.DEFINE_integer("seed", 0, "of the first; the next counts up", 0)
MAX_STEPS = flags.DEFINE_integer("max_steps", 1500, "actions an episode", 1)
STOP_BADGES = flags.DEFINE_integer("stop_badges", 1, "end an episode", 1, 8)
EPSILON = flags.DEFINE_float("epsilon", 0.05, "a script's random share", 0, 1)
NUM_ENVS = flags.DEFINE_integer("num_envs", 16, "emulators", 1)
NUM_WORKERS = flags.DEFINE_integer("num_workers", 2, "processes; 0: none", 0)
ROUND = flags.DEFINE_integer("round", 0, "number in the files' names", 0, 999)
ROM = flags.DEFINE_string("rom", None, "a ROM; else $DREAMER_ROM, else ours")
WORKDIR = flags.DEFINE_string("workdir", "runs/collect", "result's folder")


def make_policy(num_envs: int) -> Policy:
  """The policy that --policy names."""
  if POLICY.value in ("random", "sticky"):
    repeat = 0.8 if POLICY.value == "sticky" else 0.0
    return RandomPolicy(num_envs, repeat)
  from dreamer_jax.cartridge.expert import Expert
  from dreamer_jax.cartridge.explorer import Explorer

  player = Expert if POLICY.value == "expert" else Explorer
  return ExpertPolicy(num_envs, lambda rng: player(rng, EPSILON.value))


def main() -> None:
  rom = roms.find(ROM.value)
  if POLICY.value in ("expert", "explorer") and rom.name != "Lantern Isle":
    raise UserError(
      f"the scripted {POLICY.value} knows Lantern Isle, not {rom.name}: use "
      "--policy=sticky, or record demonstrations."
    )
  source = "expert" if POLICY.value == "expert" else "random"
  store = EpisodeStore(pathlib.Path(WORKDIR.value) / "episodes")
  wanted = range(SEED.value, SEED.value + EPISODES.value)
  there = store.seeds(ROUND.value, source)
  seeds = [seed for seed in wanted if seed not in there]
  common.CONSOLE.print(
    f"{POLICY.value} play of {rom.name}: {len(seeds)} episodes of up to "
    f"{MAX_STEPS.value} actions ({EPISODES.value - len(seeds)} are there), "
    f"into {store.folder}"
  )
  tally = Tally()
  if seeds:
    play(rom, store, seeds, source, tally)
  summary(store, tally)


def play(rom, store, seeds, source, tally) -> None:
  """Collects the episodes of `seeds` under a progress bar."""
  columns = (
    progress.TextColumn("{task.completed}/{task.total} episodes"),
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
    max_steps=MAX_STEPS.value,
    stop_badges=STOP_BADGES.value,
  )
  with env, progress.Progress(*columns, console=common.CONSOLE) as bar:
    task = bar.add_task("", total=len(seeds), rate=0.0)

    def on_steps(steps: int) -> None:
      tally.count_steps(steps)
      done = min(len(seeds), tally.env_steps / MAX_STEPS.value)
      done = max(done, tally.episodes)
      bar.update(task, completed=int(done), rate=tally.steps_hz)

    policies = policies_for(env, make_policy)
    episodes = collect(
      env, policies, seeds=seeds, source=source, on_steps=on_steps
    )
    for episode in tally.watch(episodes):
      store.add(ROUND.value, episode)
      bar.update(task, completed=tally.episodes, rate=tally.steps_hz)


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


if __name__ == "__main__":
  common.run(main)
