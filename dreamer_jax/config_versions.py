"""Settings of earlier versions, as this version has them.

Run folders and agents carry the settings that they were made with. `current`
is the one way in which old ones are read.
"""

from collections.abc import Mapping
from typing import Any

from dreamer_jax.errors import UserError

# The groups of version 0.3 out of the sections of 0.2; `old=new` where the name
# changed too.
_SECTIONS = {
  "world": {
    "world_model.network": """
      deter stoch classes blocks hidden tile_width pair_width cell_width
      head_width codebook decoder decoder_width ensemble ensemble_width dtype
    """,
    "world_model.latent": """
      unimix dream_floor sampler temperature temperature_decay
      temperature_floor
    """,
    "world_model.loss": """
      softmax_tiles battle_scale rare_power free_nats
      free_nats_end dyn_scale rep_scale probe_scale reward_scale probe_grad
      goal_heads goal_scale overshoot_scale overshoot_steps
    """,
    "world_model.optimizer": """
      optimizer=kind learning_rate warmup decay decay_updates clip agc
      weight_decay ema_decay
    """,
    "world_model.sampling": """
      batch length stream_windows event_share own_share surprise_share
      decoded_frames read_frames
    """,
    "world_model.schedule": """
      updates refresh_updates epochs refresh_epochs log_every validate_every
      validate_batches collapse_stops
    """,
  },
  "behavior": {
    "policy.network": "width dtype actor_unimix=unimix goal_dim",
    "policy.cloning": """
      bc_updates=updates bc_refresh_updates=refresh_updates bc_batch=batch
      bc_length=length bc_rate=learning_rate bc_sources=sources
      bc_episodes=episodes bc_own=own bc_commanded=commanded goal_noise
      label_smoothing
    """,
    "policy.imagination": """
      batch length own_share context branches goal_commanded goal_hindsight
      goal_scale horizon uncertainty_cap explore_scale discount lambda_
    """,
    "policy.actor": """
      algorithm epochs minibatches clip_ratio entropy_scale entropy_floor
      kl_scale leash actor_rate=learning_rate grad_clip return_floor
      group_floor
    """,
    "policy.critic": """
      critic_bins=bins critic_rate=learning_rate critic_warmup=warmup
      slow_fraction ground_updates ground_batch ground_scale
    """,
    "policy.schedule": "updates gate restart check_every log_every",
  },
  "data": {
    "data.scripted": """
      demo_episodes demo_epsilon explore_episodes explore_steps explore_epsilon
      explore_strays explore_blunders explorer_episodes explorer_steps
      wanderer_episodes wanderer_steps courier_episodes courier_steps
    """,
    "data.own": """
      policy_episodes=episodes policy_steps=steps policy_patience=patience
      curious_episodes curiosity
    """,
  },
}
# Path of 0.2 -> path of 0.3.
MOVED = {
  f"{section}.{old}": f"{group}.{new or old}"
  for section, groups in _SECTIONS.items()
  for group, names in groups.items()
  for old, _, new in (name.partition("=") for name in names.split())
}
# The number or text that 0.2 wrote for "none", by path of 0.3.
_CODES = {
  "env.rom": "", "env.start_states": "", "env.start_mix": "",
  "world_model.loss.softmax_tiles": 0,
  "world_model.optimizer.decay_updates": 0, "world_model.optimizer.clip": 0,
  "world_model.optimizer.agc": 0, "world_model.optimizer.ema_decay": 0,
  "world_model.sampling.stream_windows": 0,
  "world_model.schedule.epochs": 0, "world_model.schedule.refresh_epochs": 0,
  "world_model.schedule.validate_every": 0,
  "policy.cloning.episodes": 0, "policy.imagination.uncertainty_cap": 0,
  "policy.actor.grad_clip": 0, "policy.critic.bins": 0,
  "policy.schedule.check_every": 0,
  "data.own.steps": 0, "data.own.patience": 0,
  "evaluate.max_steps": 0, "model_free.grad_clip": 0,
}  # fmt: skip
_CHANGED = "world_model.loss.moving_scale took its place; train the run again"
# Settings that are gone: the one value with which they say nothing, and what to
# do about another.
GONE = {
  "world.menu_probes": (
    False, "probes of menus are no part of it any more; train the run again",
  ),
  "world.changed_scale": (0.0, _CHANGED),
  "world_model.loss.changed_scale": (0.0, _CHANGED),
}  # fmt: skip
# Whose play is cloned: until 0.3 the expert with random actions was filed as
# random play was.
_CLONED, _RENAMED = "policy.cloning.sources", {"random": "randomized_expert"}
_SPECIES = 2.0  # what `behavior.species_scale` scaled


def current(leaves: Mapping[str, Any]) -> dict[str, Any]:
  """Settings by path in this version's fields, as far as it has them.

  Args:
    leaves: values by path, of any version.

  Raises:
    UserError: a setting is gone, and this version cannot do what it asked for.
  """
  leaves = dict(leaves)
  for path, (silent, remedy) in GONE.items():
    if leaves.pop(path, silent) != silent:
      raise UserError(f"a setting of an earlier version, {path}: {remedy}")
  if leaves.get("world.decay_updates") == -1:
    leaves |= {"world.decay": False, "world.decay_updates": 0}
  factor = leaves.pop("behavior.species_scale", None)
  if factor is not None:
    leaves["rewards.species"] = factor * _SPECIES
  badges = leaves.get("evaluate.stop_badges")
  if badges in (-1, 0):  # as in training, and none
    leaves |= {"evaluate.stop_badges": None, "evaluate.play_on": badges == 0}
  leaves = {MOVED.get(path, path): leaf for path, leaf in leaves.items()}
  for path, code in _CODES.items():
    if leaves.get(path) == code:
      leaves[path] = None
  if names := leaves.get(_CLONED):
    names = (_RENAMED.get(name, name) for name in names.split(","))
    leaves[_CLONED] = ",".join(names)
  return leaves
