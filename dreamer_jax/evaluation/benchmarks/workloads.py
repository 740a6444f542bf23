"""Makes what `dreamer-jax bench` times: the programs that a run consists of.

Models are untrained and pictures made up; what is computed, and how much of
it, is what training computes.
"""

from collections.abc import Callable, Sequence

import jax.numpy as jnp
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.agent.agent import Agent, policy_maker
from dreamer_jax.config import change
from dreamer_jax.contract import GRID
from dreamer_jax.data import replay as replay_lib
from dreamer_jax.data import sampling
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import Policy, RandomPolicy
from dreamer_jax.evaluation import targets
from dreamer_jax.evaluation.benchmarks import speed
from dreamer_jax.evaluation.benchmarks.timing import Rate, seconds
from dreamer_jax.game import rom as roms
from dreamer_jax.game.env import BUTTONS, GameBoyEnv
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy import update as policy_update
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import replay_latents
from dreamer_jax.training.devices import repeat
from dreamer_jax.training.playing import env_options
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel

_REPLAY = 4096  # steps


def fresh_agent(
  config: config_lib.Config, codebook: TileCodebook | int
) -> Agent:
  """An untrained agent.

  Args:
    config: its sizes.
    codebook: to see with; or how many patterns, made by chance.
  """
  if not isinstance(codebook, TileCodebook):
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 256, (codebook, 16), dtype=np.uint8)
    codebook = TileCodebook(patterns, codebook)
  world = WorldModel(config.world_model, codebook.patterns)
  params = world_learner.init(world, config.world_model, 0).params
  dim = world_learner.feat_dim(config.world_model)
  actor = policy_learner.init(
    ActorCritic(config.policy), config.policy, dim, 0
  ).actor
  goals = vocabulary.embeddings(config.policy.network.goal_dim)
  return Agent(config, world, params, actor, actor, codebook, goals, {})


def made_replay(codebook: int) -> replay_lib.Replay:
  """A replay full of screens of any tiles."""
  rng = np.random.default_rng(0)
  empty = replay_lib.create(_REPLAY)
  tiles = rng.integers(0, codebook, (_REPLAY, *GRID), dtype=np.int16)
  action = rng.integers(0, len(BUTTONS), _REPLAY, dtype=np.uint8)
  return empty.replace(
    tiles=jnp.asarray(tiles),
    action=jnp.asarray(action),
    is_first=jnp.arange(_REPLAY) % 500 == 0,
    labels={**empty.labels, "valid": jnp.ones_like(empty.labels["valid"])},
    size=jnp.full_like(empty.size, _REPLAY),
  )


def imagination(
  config: config_lib.Config, codebook: int, repeats: int, updates: int = 4
) -> Rate:
  """Dreams with their returns and PPO updates: latent steps a second."""
  behavior = change(config.policy, {"schedule.log_every": updates})
  agent = fresh_agent(config, codebook)
  replay = made_replay(codebook)
  replay = replay.replace(
    memory=replay_latents.empty(agent.world, replay.capacity)
  )
  draw = lambda replay, rng: sampling.sample(
    replay, rng, behavior.imagination.batch, behavior.imagination.length
  )
  update = policy_update.make_update(
    agent.world, agent.net, behavior, jnp.asarray(agent.goals),
    jnp.asarray(config.rewards.weights), draw,
    lambda replay, rng: sampling.sample(
      replay, rng, behavior.critic.ground_batch, 1
    ),
  )  # fmt: skip
  update = repeat(update, updates)
  dim = world_learner.feat_dim(config.world_model)
  box = [policy_learner.init(agent.net, behavior, dim, 0)]

  def dispatch() -> dict:
    box[0], metrics = update(box[0], agent.world_params, replay)
    return metrics

  starts = behavior.imagination.batch * (
    behavior.imagination.length - behavior.imagination.context
  )
  starts *= behavior.imagination.branches
  steps = starts * behavior.imagination.horizon * updates
  return Rate(
    "imagination with PPO", "latent steps/s",
    tuple(steps / s for s in seconds(dispatch, repeats)),
    targets.LATENT_HZ.must,
    f"{starts} dreams of {behavior.imagination.horizon} steps",
  )  # fmt: skip


def collecting(
  config: config_lib.Config, repeats: int, steps: int = 150
) -> list[Rate]:
  """Play on the real cartridge: the emulator alone, random play, a network.

  Args:
    config: says which game, and how many emulators and workers.
    repeats: of each.
    steps: actions of each emulator in a repeat.

  Returns:
    actions a second, of one emulator alone; of all without looking, which is
    what the emulators allow; by random play; by an untrained network.
  """
  env = config.env
  rom = roms.find(env.rom, allow_unknown=env.allow_unknown_rom)
  options = env_options(config) | {"max_steps": steps, "stop_badges": None}
  note = f"{env.num_envs} emulators, {env.num_workers} workers"
  with VectorEnv(
    env.num_envs, num_workers=env.num_workers, rom=rom, **options
  ) as vector:

    def rate(label: str, make: Callable[[int], Policy], target) -> Rate:
      policies = policies_for(vector, make)
      play = lambda: play_all(vector, policies)
      hz = tuple(env.num_envs * steps / s for s in seconds(play, repeats))
      return Rate(label, "env steps/s", hz, target, note)

    alone = [emulator(config, repeats, steps)]
    alone.append(emulators(vector, repeats, steps)._replace(note=note))
    random = rate("collect, random play", RandomPolicy, targets.COLLECT_HZ.must)
    episodes = play_all(vector, RandomPolicy(env.num_envs))
    packed = [episode.packed for episode in episodes]
    codebook = TileCodebook.build(packed, config.world_model.network.codebook)
    make = policy_maker(fresh_agent(config, codebook))
    wanted = targets.COLLECT_NETWORK_HZ.must
    network = rate("collect, network acting", make, wanted)
  return [*alone, random, network]


def play_all(
  env: VectorEnv, policy: Policy | Sequence[Policy]
) -> list[Episode]:
  """One episode in each environment."""
  seeds = range(env.num_envs)
  return list(collect(env, policy, seeds=seeds, source="random"))


def emulator(config: config_lib.Config, repeats: int, steps: int) -> Rate:
  """One emulator in this process: nothing but its frames."""
  env = config.env
  rom = roms.find(env.rom, allow_unknown=env.allow_unknown_rom)
  game = GameBoyEnv(rom, **env_options(config))
  actions = np.random.default_rng(0).integers(0, len(BUTTONS), steps)

  def play() -> None:
    game.start(0)
    for action in actions:
      game.press(int(action))

  hz = tuple(steps / s for s in seconds(play, repeats))
  game.close()
  frames = f"{env.action_frames} frames an action"
  return Rate("one emulator alone", "env steps/s", hz, None, frames)


def emulators(env: VectorEnv, repeats: int, steps: int) -> Rate:
  """All emulators in their workers: nothing but their frames."""
  rng = np.random.default_rng(0)
  actions = rng.integers(0, len(BUTTONS), (steps, env.num_envs))

  def play() -> None:
    env.reset(seeds=range(env.num_envs))
    env.press(actions)

  hz = tuple(actions.size / s for s in seconds(play, repeats))
  return Rate("emulators alone", "env steps/s", hz)


def acting(config: config_lib.Config, codebook: int, repeats: int) -> Rate:
  """The policy at batch 1 on one core: `speed.policy_speed`, repeated."""
  agent = fresh_agent(config, codebook)
  results = [speed.policy_speed(agent, 200) for _ in range(repeats)]
  p99 = np.median([result["p99_ms"] for result in results])
  return Rate(
    "act, one core, batch 1", "Hz",
    tuple(result["median"] for result in results), targets.ACT_HZ.must,
    f"99 of 100 in {p99:.1f} ms",
  )  # fmt: skip
