"""One table of all fields: the settings that may change on going on.

What has been played and learned must still mean the same. The rest steers what
comes next, and may be set anew at every start.
"""

from typing import NamedTuple

from dreamer_jax import config as config_lib
from dreamer_jax.config import change, leaves
from dreamer_jax.config_versions import current
from dreamer_jax.errors import UserError
from dreamer_jax.training.progress import PHASES, Counters

# At any time; what comes next is done with the new value.
FREE = "free"
# At any time; losses on held-out episodes from before do not compare with
# those from then on, so the best checkpoint is sought anew.
ERA = "era"
# Of the first round alone: until that round is past its phase.
FIRST = "first"
# Between values that are not none, nor 0 of a share or a weight: what is on
# stays on, as the checkpoint has a place for it, and what is off stays off.
SWITCH = "switch"
# Until something was learned: shapes, or the data that all was learned from.
LEARNED = "learned"
# Until something was played: what a step of an episode is.
PLAYED = "played"

# By kind and section of the configuration.
_TABLE = {
  FREE: {
    "": "name rounds checkpoint_secs",
    "env": "rom allow_unknown_rom start_states num_envs num_workers",
    "rewards": "badge species new_map battle_win xp hp_lost stuck",
    "world_model.network": "dtype",
    "world_model.latent": """
      dream_floor temperature temperature_decay temperature_floor
    """,
    "world_model.loss": "probe_grad",
    "world_model.optimizer": "learning_rate warmup decay decay_updates",
    "world_model.sampling": "stream_windows event_share own_share",
    "world_model.schedule": """
      refresh_updates log_every refresh_epochs validate_every collapse_stops
    """,
    "policy.network": "dtype unimix",
    "policy.cloning": """
      refresh_updates batch length learning_rate sources episodes own
      commanded goal_noise label_smoothing
    """,
    "policy.imagination": """
      batch length own_share context branches goal_commanded goal_hindsight
      goal_ruled horizon uncertainty_cap explore_scale discount lambda_
      goal_scale
    """,
    "policy.actor": """
      algorithm epochs minibatches clip_ratio entropy_scale entropy_floor
      kl_scale leash learning_rate return_floor group_floor
    """,
    "policy.critic": """
      warmup learning_rate slow_fraction ground_updates ground_batch
      ground_scale
    """,
    "policy.schedule": "updates gate restart check_every log_every",
    "data": "capacity",
    "data.own": "episodes steps patience curious_episodes curiosity",
    "evaluate": """
      episodes seed scripted windows moments branches greedy max_steps
      stop_badges play_on rivals goal_trials goal_steps goal_context
    """,
    "model_free": "unroll epochs minibatches rate entropy_scale value_scale",
  },
  ERA: {
    "world_model.latent": "unimix sampler",
    "world_model.loss": """
      softmax_tiles battle_scale moving_scale rare_power free_nats
      free_nats_end dyn_scale rep_scale probe_scale reward_scale goal_scale
      overshoot_scale overshoot_steps
    """,
    "world_model.sampling": "decoded_frames read_frames length",
    "world_model.schedule": "validate_batches",
  },
  FIRST: {
    "world_model.schedule": "updates epochs",
    "policy.cloning": "updates",
  },
  SWITCH: {
    "world_model.optimizer": "clip agc weight_decay ema_decay",
    "world_model.sampling": "surprise_share",
    "policy.actor": "grad_clip",
    "model_free": "grad_clip",
  },
  LEARNED: {
    "": "seed",
    "world_model.network": """
      deter stoch classes blocks hidden tile_width pair_width cell_width
      head_width codebook decoder decoder_width ensemble ensemble_width
    """,
    "world_model.loss": "goal_heads",
    "world_model.optimizer": "kind",
    "world_model.sampling": "batch",
    "policy.network": "width goal_dim",
    "policy.critic": "bins",
    "data": "validation",
    "data.scripted": """
      demo_episodes explore_episodes explorer_episodes wanderer_episodes
      courier_episodes
    """,
  },
  PLAYED: {
    "env": """
      press_frames action_frames max_steps stop_badges start_frames start_mix
    """,
    "data.scripted": """
      demo_epsilon explore_steps explore_epsilon explore_strays
      explore_blunders explorer_steps wanderer_steps courier_steps
    """,
  },
}
KINDS = {
  f"{section}.{field}".lstrip("."): kind
  for kind, sections in _TABLE.items()
  for section, fields in sections.items()
  for field in fields.split()
}
_WHY = {
  PLAYED: "it is how the episodes there were played",
  LEARNED: "what was learned there has its shape, or was learned with it",
  SWITCH: "it may change, but not be switched on or off",
}
_PHASE = {  # in which a setting of the first round is used
  "world_model.schedule.updates": "world",
  "world_model.schedule.epochs": "world",
  "policy.cloning.updates": "clone",
}  # fmt: skip
_NAMED = 6  # fields in one sentence


class State(NamedTuple):
  """What a run has behind it."""

  settings: dict | None = None  # JSON; None where nothing is known of them
  has_played: bool = False  # episodes are there that no person played
  has_learned: bool = False
  counters: Counters | None = None  # of the newest checkpoint
  note: str = ""  # what is damaged, and what becomes of it


class Settled(NamedTuple):
  """With which settings a run goes on."""

  config: config_lib.Config
  changed: dict[str, list]  # {field: [old, new]}
  too_late: dict[str, list]  # of the first round, which is over: not taken
  note: str = ""  # the state's


def settle(workdir: str, state: State, config: config_lib.Config) -> Settled:
  """The settings of a run that goes on, of those that are given now.

  Args:
    workdir: for the sentence.
    state: of the run there.
    config: given.

  Raises:
    UserError: a setting is another that may not change any more.
  """
  if state.settings is None:
    return Settled(config, {}, {}, state.note)
  now = settings(config)
  there = settings(config_lib.Config()) | current(leaves(state.settings))
  changed = {
    name: [there[name], value]
    for name, value in now.items()
    if there[name] != value
  }
  refused = {n: _obstacle(n, *v, state) for n, v in changed.items()}
  refused = {name: why for name, why in refused.items() if why}
  if refused:
    raise UserError(_sentence(workdir, changed, refused))
  late = {n: v for n, v in changed.items() if _is_over(n, state.counters)}
  for name, (old, _) in late.items():
    config = change(config, {name: old})
  rest = {n: v for n, v in changed.items() if n not in late}
  return Settled(config, rest, late, state.note)


def begins_era(there: dict, config: config_lib.Config) -> bool:
  """Validation losses do not compare with those under settings `there`."""
  now, then = settings(config), current(leaves(there))
  return any(
    then.get(name, now[name]) != now[name]
    for name, kind in KINDS.items()
    if kind == ERA
  )


def settings(config: config_lib.Config) -> dict:
  """Every setting by its path: `{"world_model.network.deter": 512}`."""
  return leaves(config_lib.to_dict(config))


def _obstacle(name: str, old, new, state: State) -> str:
  """Why a setting may not change; "" where it may."""
  kind = KINDS[name]
  is_fixed = {
    PLAYED: state.has_played or state.has_learned,
    LEARNED: state.has_learned,
    SWITCH: state.has_learned and bool(old) != bool(new),
  }.get(kind, False)
  return _WHY[kind] if is_fixed else ""


def _is_over(name: str, counters: Counters | None) -> bool:
  """A setting's only phase is past."""
  if name not in _PHASE or counters is None:
    return False
  phase = PHASES.index(_PHASE[name])
  return counters.round > 0 or PHASES.index(counters.phase) > phase


def _sentence(workdir: str, changed: dict, refused: dict[str, str]) -> str:
  """All that is refused, in one sentence."""
  told = []
  for why in dict.fromkeys(refused.values()):
    names = [name for name in refused if refused[name] == why]
    shown = ", ".join(
      f"{name}={changed[name][0]} there, {changed[name][1]} given"
      for name in names[:_NAMED]
    )
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    told.append(f"{shown}{more} ({why})")
  preset = ""
  if "name" in changed and len(refused) > _NAMED:
    preset = f" (of the preset {changed['name'][0]!r}, --config=... as before)"
  return (
    f"{workdir} holds a run with other settings: {'; '.join(told)}: go on with "
    f"those that are there{preset}, or choose another --workdir"
  )
