"""The scripts that play for a run, and how its emulators are set."""

from collections.abc import Callable

from dreamer_jax.config import Config
from dreamer_jax.data import origin as origins
from dreamer_jax.data.origin import Origin
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.data.settings import Settings
from dreamer_jax.game.rom import Rom
from dreamer_jax.games.definition import Game
from dreamer_jax.goals.tasks import Commanded
from dreamer_jax.training.collection import LEARNED, Job

REPEAT = 0.8  # random play holds a button for 5 actions


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
