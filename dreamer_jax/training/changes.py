"""One table of all fields: the settings that may change on going on.

What has been played and learned must still mean the same. The rest steers what
comes next, and may be set anew at every start.
"""

import dataclasses
from typing import NamedTuple

from dreamer_jax import config as config_lib
from dreamer_jax.errors import UserError
from dreamer_jax.training.progress import PHASES, Counters

# At any time; what comes next is done with the new value.
FREE = "free"
# At any time; losses on held-out episodes from before do not compare with
# those from then on, so the best checkpoint is sought anew.
ERA = "era"
# Of the first round alone: until that round is past its phase.
FIRST = "first"
# Between values above 0: what is on stays on, as the checkpoint has a place
# for it, and what is off stays off.
SWITCH = "switch"
# Until something was learned: shapes, or the data that all was learned from.
LEARNED = "learned"
# Until something was played: what a step of an episode is.
PLAYED = "played"

_TABLE = {
  FREE: """
    name rounds checkpoint_secs
    env.rom env.allow_unknown_rom env.start_states env.num_envs env.num_workers
    world.dtype world.dream_floor world.temperature world.temperature_decay
    world.temperature_floor world.probe_grad world.learning_rate world.warmup
    world.decay world.decay_updates world.stream_windows world.event_share
    world.own_share
    world.refresh_updates world.log_every world.refresh_epochs
    world.validate_every world.collapse_stops
    behavior.dtype behavior.actor_unimix behavior.bc_refresh_updates
    behavior.bc_batch behavior.bc_length behavior.bc_rate behavior.bc_sources
    behavior.bc_episodes behavior.bc_own behavior.bc_commanded
    behavior.goal_noise behavior.label_smoothing behavior.algorithm
    behavior.critic_warmup
    behavior.updates behavior.gate behavior.restart behavior.batch
    behavior.length behavior.own_share behavior.context behavior.branches
    behavior.goal_commanded behavior.goal_hindsight behavior.horizon
    behavior.uncertainty_cap behavior.explore_scale behavior.discount
    behavior.lambda_ behavior.epochs behavior.minibatches behavior.clip_ratio
    behavior.entropy_scale behavior.entropy_floor behavior.kl_scale
    behavior.leash
    behavior.actor_rate behavior.critic_rate behavior.slow_fraction
    behavior.return_floor behavior.group_floor behavior.goal_scale
    rewards.badge rewards.species rewards.new_map rewards.battle_win rewards.xp
    rewards.hp_lost rewards.stuck
    behavior.check_every behavior.log_every behavior.ground_updates
    behavior.ground_batch behavior.ground_scale
    data.policy_episodes data.policy_steps data.policy_patience
    data.curious_episodes data.curiosity data.capacity
    evaluate.episodes evaluate.seed evaluate.scripted evaluate.windows
    evaluate.moments evaluate.branches evaluate.greedy evaluate.max_steps
    evaluate.stop_badges evaluate.rivals evaluate.goal_trials
    evaluate.goal_steps evaluate.goal_context
    model_free.unroll model_free.epochs model_free.minibatches model_free.rate
    model_free.entropy_scale model_free.value_scale
  """,
  ERA: """
    world.decoded_frames world.read_frames world.softmax_tiles
    world.battle_scale world.changed_scale world.rare_power world.unimix
    world.sampler world.free_nats world.free_nats_end world.dyn_scale
    world.rep_scale world.probe_scale world.reward_scale world.goal_scale
    world.overshoot_scale world.overshoot_steps world.length
    world.validate_batches
  """,
  FIRST: "world.updates world.epochs behavior.bc_updates",
  SWITCH: """
    world.clip world.agc world.weight_decay world.ema_decay behavior.grad_clip
    world.surprise_share model_free.grad_clip
  """,
  LEARNED: """
    seed
    world.deter world.stoch world.classes world.blocks world.hidden
    world.tile_width world.pair_width world.cell_width world.head_width
    world.codebook world.decoder world.decoder_width world.goal_heads
    world.ensemble world.ensemble_width world.optimizer world.batch
    behavior.width behavior.goal_dim behavior.critic_bins
    data.demo_episodes data.explore_episodes data.explorer_episodes
    data.wanderer_episodes data.courier_episodes data.validation
  """,
  PLAYED: """
    env.press_frames env.action_frames env.max_steps env.stop_badges
    env.start_frames env.start_mix
    data.demo_epsilon data.explore_steps data.explore_epsilon
    data.explore_strays data.explore_blunders data.explorer_steps
    data.wanderer_steps data.courier_steps
  """,
}
KINDS = {
  field: kind for kind, text in _TABLE.items() for field in text.split()
}
_WHY = {
  PLAYED: "it is how the episodes there were played",
  LEARNED: "what was learned there has its shape, or was learned with it",
  SWITCH: "it may change, but not to or from 0",
}
_PHASE = {  # in which a setting of the first round is used
  "world.updates": "world", "world.epochs": "world",
  "behavior.bc_updates": "clone",
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
  now = flat(config_lib.to_dict(config))
  there = {**flat(config_lib.to_dict(config_lib.Config())),
           **flat(state.settings)}  # fmt: skip
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
    config = _with(config, name, old)
  rest = {n: v for n, v in changed.items() if n not in late}
  return Settled(config, rest, late, state.note)


def begins_era(there: dict, config: config_lib.Config) -> bool:
  """Validation losses do not compare with those under settings `there`."""
  now, then = flat(config_lib.to_dict(config)), flat(there)
  return any(
    then.get(name, now[name]) != now[name]
    for name, kind in KINDS.items()
    if kind == ERA
  )


def flat(tree: dict, prefix: str = "") -> dict:
  """Nested dictionaries as one: `{"world.deter": 512}`."""
  found = {}
  for key, value in tree.items():
    name = f"{prefix}{key}"
    nested = isinstance(value, dict)
    found.update(flat(value, name + ".") if nested else {name: value})
  return found


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


def _with(config: config_lib.Config, name: str, value) -> config_lib.Config:
  """`config` with another value at a path such as "world.updates"."""
  section, _, field = name.rpartition(".")
  if not section:
    return dataclasses.replace(config, **{field: value})
  part = dataclasses.replace(getattr(config, section), **{field: value})
  return dataclasses.replace(config, **{section: part})
