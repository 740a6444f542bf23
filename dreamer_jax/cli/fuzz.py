"""Plays random buttons for long, and says what broke: a soak test.

  dreamer-jax rom fuzz --steps=1000000 --json=fuzz.json

Episodes start at power-on or, on Lantern Isle, at states that the scripted
expert reached. Looked for are workers that die or hang, games whose RAM makes
no sense or whose clock stands still, and memory that grows. Ends with exit
code 1 if anything was found.
"""

import itertools
import json
import os

from rich import progress

from dreamer_jax import domains as d
from dreamer_jax import games
from dreamer_jax.cli import common, tables
from dreamer_jax.data.collect import Tally, collect, policies_for
from dreamer_jax.data.files import write_atomic
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.data.start_states import StartState
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.checks import soak
from dreamer_jax.evaluation.checks.coverage import Coverage
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.program import define

STEPS = define("steps", d.Count, 1_000_000, "actions in all")
SEED = define("seed", d.Amount, 0, "of the first episode")
EPISODE_STEPS = define("episode_steps", d.whole(2), 500, "actions each")
REPEAT = define("repeat", d.real(0, 0.99), 0.5, "chance to keep the button")
STATES = define("states", d.Amount, 24, "of the expert, to start from")
EVERY = define("every", d.Count, 25, "actions between those states")
NUM_ENVS = define("num_envs", d.Emulators, 16, "emulators")
NUM_WORKERS = define("num_workers", d.Processes, 2, "processes; 0: none")
TIMEOUT = define("timeout_secs", d.real(0.1), 60, "a silent worker hangs")
MAX_GROWTH = define("max_growth", d.Weight, 0.05, "of memory, a share")
FIND_ROM = common.define_rom()
JSON = define("json", d.Output, None, "also write the report to this file")
_MAX_RESTARTS = 100
_WARM_UP = 0.1  # share of the steps after which memory must not grow,
_WARM_UP_EPISODES = 2  # and at least so many episodes of each emulator


def main() -> None:
  rom = FIND_ROM()
  common.CONSOLE.print(
    f"random play of {rom.name}: {STEPS.value:,} actions on {NUM_ENVS.value} "
    f"emulators in {NUM_WORKERS.value} workers, from seed {SEED.value}"
  )
  report = run(rom)
  for table in tables.soak(report):
    common.CONSOLE.print(table)
  for table in tables.coverage(report["coverage"]):
    common.CONSOLE.print(table)
  if JSON.value:
    write_atomic(JSON.value, json.dumps(report, indent=2).encode())
    common.CONSOLE.print(f"Written: {JSON.value}")
  if wrong := soak.complaints(report, MAX_GROWTH.value):
    raise UserError("; ".join(wrong))
  common.CONSOLE.print("Nothing broke.")


def run(rom: roms.Rom) -> dict:
  """Plays; returns the report."""
  states = start_states(rom)
  tally, watch = Tally(), soak.MemoryWatch()
  # Pictures would have to be remembered, and that would grow.
  counted = Coverage(common.places(rom), pictures=False)
  found: list[soak.Fault] = []
  names = {os.getpid(): "this process"}
  env = VectorEnv(
    NUM_ENVS.value,
    num_workers=NUM_WORKERS.value,
    rom=rom,
    max_restarts=_MAX_RESTARTS,
    timeout_secs=TIMEOUT.value,
    max_steps=EPISODE_STEPS.value,
  )
  with env, progress.Progress(console=common.CONSOLE) as bar:
    task = bar.add_task("playing", total=STEPS.value)
    played = collect(
      env,
      policies_for(env, lambda n: RandomPolicy(n, REPEAT.value)),
      seeds=itertools.takewhile(
        lambda _: tally.env_steps < STEPS.value, itertools.count(SEED.value)
      ),
      source="random",
      states=lambda seed: states[seed % len(states)],
      on_steps=tally.count_steps,
    )
    for episode in tally.watch(played):
      counted.add(episode)
      found += soak.faults(episode)
      names |= {pid: f"worker {i}" for i, pid in enumerate(env.pids)}
      watch.sample([os.getpid(), *env.pids], tally.env_steps)
      bar.update(task, completed=min(STEPS.value, tally.env_steps))
    restarts = env.restarts
  warm_up = _WARM_UP_EPISODES * NUM_ENVS.value * EPISODE_STEPS.value
  growth = watch.growth(max(warm_up, int(STEPS.value * _WARM_UP)))
  return {
    "rom": {"name": rom.name, "sha1": rom.sha1},
    "seed": SEED.value,
    "env_steps": tally.env_steps,
    "env_steps_hz": tally.steps_hz,
    "restarts": restarts,
    "faults": [fault._asdict() for fault in found],
    "memory": [{"name": names[pid], **told} for pid, told in growth.items()],
    "coverage": counted.to_json(),
  }


def start_states(rom: roms.Rom) -> list[StartState | None]:
  """Power-on, and where the expert went."""
  scripts = games.get(rom).players
  if "expert" not in scripts or not STATES.value:
    return [None]
  states = soak.states_on_the_way(
    rom, scripts["expert"](0.05), STATES.value, EVERY.value, SEED.value
  )
  named = enumerate(states)
  return [None, *(StartState(f"soak-{i}", s, {}) for i, s in named)]
