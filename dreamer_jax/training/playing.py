"""Plays a run's jobs on the emulator."""

from collections.abc import Callable, Iterator

from dreamer_jax import games
from dreamer_jax.config import Config
from dreamer_jax.data import start_states
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import Policy
from dreamer_jax.data.start_states import StartState
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.training import scripted_players
from dreamer_jax.training.collection import Job

_MAX_RESTARTS = 10  # of workers that die during a job
Starts = Callable[[int], StartState | None]  # of a seed; None for power-on


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
  env, wanted = config.env, scripted_players.settings_of(config, job)
  player = scripted_players.maker(games.get(rom), job, make_learned)
  with VectorEnv(
    env.num_envs, num_workers=env.num_workers, rom=rom,
    max_restarts=_MAX_RESTARTS, **wanted.env,
  ) as emulators:  # fmt: skip
    yield from collect(
      emulators,
      policies_for(emulators, player),
      seeds=job.seeds, source=job.source, how=wanted.how,
      states=start_of(config, rom, job), on_steps=on_steps,
    )  # fmt: skip


def start_of(config: Config, rom: Rom, job: Job) -> Starts:
  """Where a job's episodes start: demonstrations show a game's beginning."""
  is_demo = job.folder == "demos"
  return (lambda seed: None) if is_demo else starts(config, rom)


def starts(config: Config, rom: Rom) -> Starts:
  """Where the episodes of seeds start, as configured.

  Raises:
    UserError: there are no start states in the folder that the settings name,
      or none of this game or of those names.
  """
  if not config.env.start_states:
    return lambda seed: None
  there = start_states.Archive(config.env.start_states).of(rom)
  mix = start_states.parse_mix(config.env.start_mix)
  return start_states.mixture(there, mix)
