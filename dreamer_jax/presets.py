"""Whole configurations by name; they differ from `base` where they say so."""

from dreamer_jax.config import Config, change


def base() -> Config:
  """512 deter, 32x32 stoch: the roadmap's size."""
  return Config()


def world() -> Config:
  """`base` without a policy, trained for as long as it pays."""
  return change(base(), {
    "name": "world", "rounds": 1,
    # Half wanders, to know every place; half plays.
    "data.scripted.demo_episodes": 144, "data.scripted.explore_episodes": 96,
    "data.scripted.explorer_episodes": 48,
    "data.scripted.wanderer_episodes": 200,
    "data.capacity": 1_000_000,
    "world_model.schedule.epochs": 8.0,
    "policy.cloning.updates": 0, "policy.schedule.updates": 0,
  })  # fmt: skip


def lantern() -> Config:
  """A model as `world`'s, and in its dreams a policy for both badges."""
  return change(world(), {
    "name": "lantern", "rounds": 3,
    # To the second badge, by wrong ways too: gates stay shut.
    "data.scripted.explore_episodes": 88, "data.scripted.explore_steps": 3500,
    "data.scripted.explore_epsilon": 0.15,
    "data.scripted.explore_strays": 0.03,
    "data.scripted.explore_blunders": 0.2,  # BUILD_NOTES, "Blunders"
    "data.scripted.explorer_episodes": 0,
    "data.scripted.wanderer_episodes": 120,
    "data.scripted.courier_episodes": 112,  # what is told but the next badge
    "data.own.episodes": 32, "data.own.steps": 2500, "data.own.patience": 500,
    "data.capacity": 1_200_000,
    # All of the first round; it stays at a tenth.
    "world_model.optimizer.decay_updates": 14_950,
    "world_model.optimizer.ema_decay": 0.995,
    "world_model.schedule.refresh_updates": 800,
    # Where own play went wrong is a moment of each.
    "world_model.sampling.own_share": 0.4,
    "policy.cloning.updates": 24_000, "policy.cloning.commanded": 0.3,
    "policy.schedule.updates": 200, "policy.actor.kl_scale": 0.3,
    # The second badge is a thousand steps away: BUILD_NOTES, "A badge far off".
    "policy.imagination.discount": 0.997,
    "policy.critic.ground_scale": 10.0,  # BUILD_NOTES, "A firmer replay loss"
    "evaluate.episodes": 20, "evaluate.max_steps": 6000,
    "evaluate.play_on": True,
  })  # fmt: skip


def large() -> Config:
  """1024 deter, 64x32 stoch, for accelerators."""
  return change(base(), {
    "name": "large",
    "world_model.network.deter": 1024, "world_model.network.stoch": 64,
    "world_model.network.hidden": 1024, "world_model.network.blocks": 8,
  })  # fmt: skip


def quickstart() -> Config:
  """Two CPU cores, minutes."""
  return change(base(), {
    "name": "quickstart", "rounds": 3,
    "env.max_steps": 1500, "env.stop_badges": 1,
    "world_model.network.deter": 256, "world_model.network.stoch": 16,
    "world_model.network.classes": 16, "world_model.network.hidden": 256,
    "world_model.network.codebook": 640, "world_model.network.ensemble": 0,
    "world_model.sampling.decoded_frames": 0.15,
    "world_model.sampling.read_frames": 0.5,
    "world_model.schedule.updates": 2900,
    "world_model.schedule.refresh_updates": 600,
    "world_model.optimizer.ema_decay": 0.995,
    "policy.cloning.updates": 2000, "policy.cloning.refresh_updates": 200,
    # Minutes are few.
    "policy.cloning.commanded": 0.75,
    "policy.imagination.goal_commanded": 0.75,
    "policy.imagination.goal_hindsight": 0.125,
    "policy.schedule.updates": 100, "policy.schedule.log_every": 10,
    "policy.critic.warmup": 0,
    # As it was measured: BUILD_NOTES, "A leash that moves on".
    "policy.critic.learning_rate": 3e-4, "policy.schedule.restart": False,
    "policy.actor.leash": "clone",
    "data.scripted.demo_episodes": 48, "data.scripted.explore_episodes": 56,
    "data.scripted.explore_steps": 600,
    "data.scripted.explore_strays": 0.03,  # what is shut is seen shut
    "data.scripted.explorer_episodes": 0,
    "data.scripted.wanderer_episodes": 16,
    "data.scripted.wanderer_steps": 600,
    "data.own.episodes": 16,
    "data.own.curious_episodes": 0,  # there is no ensemble
    "evaluate.episodes": 32, "evaluate.scripted": 15,
    "evaluate.moments": 16, "evaluate.branches": 4,
    "evaluate.rivals": "random,bc,bc_cold,expert",
    "evaluate.goal_trials": 20,
  })  # fmt: skip


def debug() -> Config:
  """Tests: seconds, and nothing learned."""
  return change(base(), {
    "name": "debug", "rounds": 2, "checkpoint_secs": 0.0,
    "env.max_steps": 60, "env.num_envs": 2, "env.num_workers": 0,
    "world_model.network.deter": 32, "world_model.network.stoch": 4,
    "world_model.network.classes": 4, "world_model.network.hidden": 32,
    "world_model.network.tile_width": 4, "world_model.network.pair_width": 8,
    "world_model.network.cell_width": 8, "world_model.network.head_width": 16,
    "world_model.network.codebook": 128,
    "world_model.network.decoder_width": 4,
    "world_model.network.ensemble": 2,
    "world_model.network.ensemble_width": 4,
    "world_model.network.dtype": "float32",  # the same on all machines
    "world_model.sampling.batch": 2, "world_model.sampling.length": 8,
    "world_model.sampling.decoded_frames": 1.0,
    "world_model.sampling.read_frames": 1.0,
    "world_model.schedule.updates": 4,
    "world_model.schedule.refresh_updates": 2,
    "world_model.schedule.log_every": 2,
    "world_model.schedule.validate_every": 2,
    "world_model.schedule.validate_batches": 1,
    "policy.network.width": 16, "policy.network.dtype": "float32",
    "policy.cloning.updates": 4, "policy.cloning.refresh_updates": 2,
    "policy.cloning.batch": 2, "policy.cloning.length": 8,
    "policy.imagination.batch": 2, "policy.imagination.length": 8,
    "policy.imagination.context": 2, "policy.imagination.horizon": 3,
    "policy.actor.minibatches": 2,
    "policy.critic.warmup": 2, "policy.critic.ground_updates": 4,
    "policy.critic.ground_batch": 32,
    "policy.schedule.updates": 4, "policy.schedule.log_every": 2,
    "policy.schedule.check_every": 2,
    "data.scripted.demo_episodes": 2, "data.scripted.explore_episodes": 2,
    "data.scripted.explore_steps": 40, "data.scripted.explorer_episodes": 1,
    "data.scripted.explorer_steps": 40,
    "data.own.episodes": 2, "data.own.curious_episodes": 1,
    "data.capacity": 4096, "data.validation": 0.5,
    "evaluate.episodes": 2, "evaluate.scripted": 3, "evaluate.windows": 4,
    "evaluate.moments": 2, "evaluate.branches": 4,
    "evaluate.goal_trials": 3, "evaluate.goal_steps": 10,
    "evaluate.goal_context": 4,
    "model_free.unroll": 8, "model_free.minibatches": 2,
  })  # fmt: skip


PRESETS = {
  f.__name__: f for f in (debug, quickstart, base, world, lantern, large)
}
