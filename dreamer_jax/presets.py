"""Whole configurations by name; they differ from `base` where they say so."""

from dreamer_jax.config import Behavior, Config, Data, Evaluate


def base() -> Config:
  """512 deter, 32x32 stoch: the roadmap's size."""
  return Config()


def world() -> Config:
  """`base` without a policy, trained for as long as it pays."""
  config = Config(name="world", rounds=1)
  data = config.data  # half wanders, to know every place; half plays
  data.demo_episodes, data.explore_episodes = 144, 96
  data.explorer_episodes, data.wanderer_episodes = 48, 200
  data.capacity = 1_000_000
  config.world.epochs = 8.0
  config.behavior.bc_updates = config.behavior.updates = 0
  return config


def lantern() -> Config:
  """A model as `world`'s, and in its dreams a policy for both badges."""
  config = world()
  config.name, config.rounds = "lantern", 2
  config.behavior = Behavior()
  data, model = config.data, config.world
  data.explore_episodes, data.explore_steps = 88, 3500  # to the second badge,
  data.explore_epsilon, data.explore_strays = 0.15, 0.03  # by wrong ways too:
  data.explorer_episodes, data.wanderer_episodes = 0, 120  # gates stay shut
  data.explore_blunders = 0.2  # BUILD_NOTES, "Blunders"
  data.courier_episodes = 112  # what is told but the next badge
  config.behavior.bc_updates, config.behavior.bc_commanded = 24_000, 0.3
  config.behavior.updates, config.behavior.kl_scale = 200, 0.6
  config.behavior.ground_scale = 10.0  # BUILD_NOTES, "A firmer replay loss"
  data.policy_episodes, data.policy_steps = 32, 2500
  data.policy_patience, data.capacity = 500, 1_200_000
  model.decay_updates = 14_950  # all of the first round; it stays at a tenth
  model.refresh_updates, model.ema_decay = 800, 0.995
  model.own_share = 0.4  # where own play went wrong is a moment of each
  config.evaluate.episodes, config.evaluate.max_steps = 20, 6000
  config.evaluate.stop_badges = 0
  return config


def large() -> Config:
  """1024 deter, 64x32 stoch, for accelerators."""
  config = Config(name="large")
  config.world.deter, config.world.stoch = 1024, 64
  config.world.hidden, config.world.blocks = 1024, 8
  return config


def quickstart() -> Config:
  """Two CPU cores, minutes."""
  config = Config(name="quickstart", rounds=3)
  config.env.max_steps, config.env.stop_badges = 1500, 1
  world, behavior = config.world, config.behavior
  world.deter, world.stoch, world.classes, world.hidden = 256, 16, 16, 256
  world.codebook, world.ensemble = 640, 0
  world.decoded_frames, world.read_frames = 0.15, 0.5
  world.updates, world.refresh_updates, world.ema_decay = 2900, 600, 0.995
  behavior.bc_updates, behavior.bc_refresh_updates = 2000, 200
  behavior.updates, behavior.critic_warmup, behavior.log_every = 100, 0, 10
  behavior.critic_rate, behavior.restart = 3e-4, False  # as it was measured
  behavior.leash = "clone"  # likewise: BUILD_NOTES, "A leash that moves on"
  behavior.bc_commanded = behavior.goal_commanded = 0.75  # minutes are few
  behavior.goal_hindsight = 0.125
  config.data.demo_episodes, config.data.explore_episodes = 48, 56
  config.data.explore_steps, config.data.policy_episodes = 600, 16
  config.data.explore_strays = 0.03  # what is shut is seen shut
  config.data.explorer_episodes = 0
  config.data.curious_episodes = 0  # there is no ensemble
  config.data.wanderer_episodes, config.data.wanderer_steps = 16, 600
  config.evaluate.episodes, config.evaluate.scripted = 32, 15
  config.evaluate.moments, config.evaluate.branches = 16, 4
  config.evaluate.rivals = "random,bc,bc_cold,expert"
  config.evaluate.goal_trials = 20
  return config


def debug() -> Config:
  """Tests: seconds, and nothing learned."""
  config = Config(name="debug", rounds=2, checkpoint_secs=0.0)
  world = config.world
  world.deter, world.stoch, world.classes, world.hidden = 32, 4, 4, 32
  world.dtype = config.behavior.dtype = "float32"  # the same on all machines
  world.tile_width, world.pair_width, world.cell_width = 4, 8, 8
  world.head_width, world.codebook = 16, 128
  world.ensemble, world.ensemble_width = 2, 4
  world.decoder_width, world.decoded_frames, world.read_frames = 4, 1.0, 1.0
  world.batch, world.length = 2, 8
  world.updates, world.refresh_updates, world.log_every = 4, 2, 2
  world.validate_every, world.validate_batches = 2, 1
  behavior = config.behavior
  behavior.ground_updates, behavior.ground_batch = 4, 32
  behavior.width, behavior.horizon = 16, 3
  behavior.bc_updates, behavior.bc_refresh_updates = 4, 2
  behavior.bc_batch, behavior.bc_length = 2, 8
  behavior.critic_warmup, behavior.updates, behavior.log_every = 2, 4, 2
  behavior.minibatches = 2
  behavior.batch, behavior.length, behavior.context = 2, 8, 2
  behavior.check_every = 2
  config.data = Data(
    demo_episodes=2, explore_episodes=2, explore_steps=40,
    explorer_episodes=1, explorer_steps=40, policy_episodes=2, capacity=4096,
    curious_episodes=1, validation=0.5,
  )  # fmt: skip
  config.env.max_steps, config.env.num_envs = 60, 2
  config.env.num_workers = 0
  config.model_free.unroll, config.model_free.minibatches = 8, 2
  config.evaluate = Evaluate(
    episodes=2, scripted=3, windows=4, moments=2, branches=4, goal_trials=3,
    goal_steps=10, goal_context=4,
  )  # fmt: skip
  return config


PRESETS = {
  f.__name__: f for f in (debug, quickstart, base, world, lantern, large)
}
