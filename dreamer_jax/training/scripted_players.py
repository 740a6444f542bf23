"""The scripts that play for a run, and how its emulators are set."""

from collections.abc import Callable

from dreamer_jax.config import Config
from dreamer_jax.data import origin as origins
from dreamer_jax.data.origin import Origin
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.data.settings import Settings
from dreamer_jax.game.rom import Rom
from dreamer_jax.goals.tasks import Commanded
from dreamer_jax.lantern_isle.players.courier import Courier
from dreamer_jax.lantern_isle.players.expert import Expert
from dreamer_jax.lantern_isle.players.explorer import WANDERING, Explorer
from dreamer_jax.training.collection import LEARNED, Job

REPEAT = 0.8  # random play holds a button for 5 actions


def make_expert(
  epsilon: float, strays: float = 0.0, blunders: float = 0.0
) -> Callable:
  """`rng -> Expert` with this share of random actions, and these mistakes."""
  return lambda rng: Expert(rng, epsilon, strays, blunders)


def make_explorer(epsilon: float) -> Callable:
  """`rng -> Explorer` with this share of random actions."""
  return lambda rng: Explorer(rng, epsilon=epsilon)


def make_wanderer(epsilon: float) -> Callable:
  """`rng -> Explorer` that also plays at random wherever it comes to."""
  return lambda rng: Explorer(rng, epsilon=epsilon, moods=WANDERING)


def make_courier(epsilon: float) -> Callable:
  """`rng -> Courier` with this share of random actions, its goals known."""
  return lambda rng: Commanded(Courier(rng, epsilon=epsilon), *rng.spawn(1))


def maker(
  job: Job, make_learned: Callable[[int], Policy] | None
) -> Callable[[int], Policy]:
  """`n -> policy` of a job for n emulators; `make_learned` is the trained."""
  return {
    "expert": lambda n: ExpertPolicy(
      n, make_expert(job.epsilon, job.strays, job.blunders)
    ),
    "explorer": lambda n: ExpertPolicy(n, make_explorer(job.epsilon)),
    "wanderer": lambda n: ExpertPolicy(n, make_wanderer(job.epsilon)),
    "courier": lambda n: ExpertPolicy(n, make_courier(job.epsilon)),
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
