"""Plays a run's jobs: chooses the player, sets the emulators, collects."""

from collections.abc import Callable, Iterator

from dreamer_jax import games
from dreamer_jax.config import Config
from dreamer_jax.data import origin as origins
from dreamer_jax.data import start_states
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.origin import Origin
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.data.settings import Settings
from dreamer_jax.data.start_states import StartState
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.games.definition import Game
from dreamer_jax.goals.tasks import Commanded
from dreamer_jax.training.collection import LEARNED, Job

REPEAT = 0.8  # random play holds a button for 5 actions
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
  env, wanted = config.env, settings_of(config, job)
  player = maker(games.get(rom), job, make_learned)
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
  mix = start_states.parse_mix(config.env.start_mix or "")
  return start_states.mixture(there, mix)


def make_player(game: Game, name: str, *carelessness: float) -> Callable:
  """`rng -> Player` of a game's script; a courier knows its goals.

  Args:
    game: that has such a script.
    name: of `Game.players`.
    *carelessness: how it plays, as that takes it.
  """
  make = game.players[name](*carelessness)
  if name != "courier":
    return make
  return lambda rng: Commanded(game, make(rng), *rng.spawn(1))


def maker(
  game: Game, job: Job, make_learned: Callable[[int], Policy] | None
) -> Callable[[int], Policy]:
  """`n -> policy` of a job for n emulators; `make_learned` is the trained."""
  careless = (job.epsilon,)
  if job.player == "expert":
    careless = (job.epsilon, job.strays, job.blunders)
  if job.player in game.players:
    script = make_player(game, job.player, *careless)
    return lambda n: ExpertPolicy(n, script)
  return {
    "random": lambda n: RandomPolicy(n, REPEAT),
    **dict.fromkeys(LEARNED, make_learned),
  }[job.player]


def origin_of(config: Config, rom: Rom) -> Origin:
  """The game and the pace that a run's episodes must have."""
  return origins.of_rom(rom, config.env.press_frames, config.env.action_frames)


def settings_of(config: Config, job: Job) -> Settings:
  """How a job's episodes are played."""
  env = env_options(config) | {
    "max_steps": job.max_steps, "patience": job.patience,
  }  # fmt: skip
  if job.player in ("explorer", "wanderer", "courier"):
    env["stop_badges"] = None  # what lies behind the last one is seen too
  how = {
    "policy": job.player, "epsilon": job.epsilon, "strays": job.strays,
    "blunders": job.blunders,
  }  # fmt: skip
  if job.weights:
    how["weights"] = job.weights
  return Settings(env, how)


def env_options(config: Config) -> dict:
  """What `GameBoyEnv` takes of the configuration."""
  env = config.env
  return {
    "press_frames": env.press_frames,
    "action_frames": env.action_frames,
    "max_steps": env.max_steps,
    "stop_badges": env.stop_badges,
    "start_frames": env.start_frames,
  }
