"""Plays a run's jobs on the emulator."""

from collections.abc import Callable, Iterator

from dreamer_jax.config import Config
from dreamer_jax.data import states as start_states
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.data.states import StartState
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.learn.jobs import LEARNED, Job
from dreamer_jax.learn.players import (
  env_options,
  make_courier,
  make_expert,
  make_explorer,
  make_wanderer,
)

_MAX_RESTARTS = 10  # of workers that die during a job
REPEAT = 0.8  # random play holds a button for 5 actions


def play(
  config: Config,
  rom: Rom,
  job: Job,
  make_learned: Callable[[int], Policy] | None,
  on_steps: Callable[[int], None],
) -> Iterator[Episode]:
  """Plays a job's episodes.

  Args:
    config: of the run.
    rom: to play.
    job: what to play.
    make_learned: `make_learned(n)` is the learned policy for n emulators,
      curious where the job is.
    on_steps: as of `data.collect.collect`.
  """
  make_policy = {
    "expert": lambda n: ExpertPolicy(n, make_expert(job.epsilon, job.strays)),
    "explorer": lambda n: ExpertPolicy(n, make_explorer(job.epsilon)),
    "wanderer": lambda n: ExpertPolicy(n, make_wanderer(job.epsilon)),
    "courier": lambda n: ExpertPolicy(n, make_courier(job.epsilon)),
    "random": lambda n: RandomPolicy(n, REPEAT),
    **dict.fromkeys(LEARNED, make_learned),
  }[job.player]
  options = env_options(config) | {
    "max_steps": job.max_steps, "patience": job.patience,
  }  # fmt: skip
  if job.player in ("explorer", "wanderer", "courier"):
    options["stop_badges"] = None  # what lies behind the last one is seen too
  with VectorEnv(
    config.env.num_envs, num_workers=config.env.num_workers, rom=rom,
    max_restarts=_MAX_RESTARTS, **options,
  ) as env:  # fmt: skip
    yield from collect(
      env, policies_for(env, make_policy), seeds=job.seeds, source=job.source,
      on_steps=on_steps, states=start_of(config, rom, job),
    )  # fmt: skip


def start_of(
  config: Config, rom: Rom, job: Job
) -> Callable[[int], StartState | None] | None:
  """Where a job's episodes start: demonstrations show a game's beginning."""
  return None if job.folder == "demos" else starts(config, rom)


def starts(
  config: Config, rom: Rom
) -> Callable[[int], StartState | None] | None:
  """Where the episodes of seeds start, as configured; None for power-on.

  Raises:
    UserError: there are no start states in the folder that the settings name,
      or none of this game or of those names.
  """
  if not config.env.start_states:
    return None
  there = start_states.Archive(config.env.start_states).of(rom)
  mix = start_states.parse_mix(config.env.start_mix)
  return start_states.mixture(there, mix)
