"""The whole configuration: frozen dataclasses in groups.

Fields carry their domain, unit and reason; `rules` has what joins several of
them. A configuration keeps every rule and never changes: `change` makes
another, or fails. None stands for "none", never a number that means something
else; a list of names may be empty. Functions elsewhere take the section they
use, not this tree. Presets are in `presets.py`, settings of earlier versions in
`config_versions.py`.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from dreamer_jax import config_versions, rules
from dreamer_jax import domains as d
from dreamer_jax.contract import TERMS
from dreamer_jax.errors import UserError

_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True)
class EnvConfig:
  """The emulator and the episodes played on it."""

  rom: d.Path | None = None  # path; none: $DREAMER_ROM, else Lantern Isle
  allow_unknown_rom: d.Flag = False
  press_frames: d.Frames = 8  # a button is held this long ...
  action_frames: d.Frames = 24  # ... of an action's (59.73 frames a second)
  max_steps: d.Steps = 3000  # actions before an episode is cut off
  stop_badges: d.Badges = 2  # the episode is over with this many badges
  start_frames: d.Amount = 60  # power-on waits 0..this many frames, by seed
  start_states: d.Path | None = None  # archive of start states to train from;
  #   none: power-on, where evaluation always starts
  start_mix: d.Weights | None = None  # weights: power-on=0.2,starter=1,*=0.5
  num_envs: d.Emulators = 16  # emulators stepped together
  num_workers: d.Processes = 2  # processes beside this one; 0: in this one


@dataclasses.dataclass(frozen=True)
class RewardsConfig:
  """What each reward term is worth: the game's, the dream's, the report's.

  The defaults are the roadmap's. There is a field for each of `contract.TERMS`.
  """

  badge: d.Signed = 10.0  # of one more
  species: d.Signed = 2.0  # of one caught for the first time. A larger weight
  #   gives a policy reason to stop for creatures, a smaller one to hurry past
  new_map: d.Signed = 0.5  # of one visited for the first time in an episode
  battle_win: d.Signed = 1.0
  xp: d.Signed = 0.01  # of a point
  hp_lost: d.Signed = -0.05  # of a point
  stuck: d.Signed = -0.001  # of a step without any of the first five

  @property
  def weights(self) -> tuple[float, ...]:
    """`[7]`, in the order of `contract.TERMS`."""
    return tuple(getattr(self, name) for name in TERMS)


@dataclasses.dataclass(frozen=True)
class WorldModelNetwork:
  """Sizes and kinds of the world model's parts."""

  deter: d.Size = 512
  stoch: d.Size = 32  # categorical variables ...
  classes: d.Classes = 32  # ... of this many classes each
  blocks: d.Size = 1  # of the GRU: block-diagonal with more, for wide ones
  hidden: d.Size = 512  # width of the dense layers around the GRU
  tile_width: d.Size = 24  # channels of one tile, where pictures are read
  pair_width: d.Size = 48  # channels of a 2x2 cell of tiles
  cell_width: d.Size = 96  # channels of a 6x4 cell of tiles
  head_width: d.Size = 256
  codebook: d.Book = 1024  # capacity; the whole of Lantern Isle shows about 800
  #   patterns, up to the first badge 553; 4096-8192 suit Red
  decoder: d.choice("tiles", "pixels") = "tiles"  # pixels: for comparison
  decoder_width: d.Size = 16  # channels of one tile of the picture
  ensemble: d.Members = 4  # small priors; what they disagree on is not known
  ensemble_width: d.Size = 128
  dtype: d.Dtype = "auto"  # of matrix products: bfloat16 where the hardware
  #   multiplies it, else float32; or one of these. Weights and sums are float32


@dataclasses.dataclass(frozen=True)
class Latent:
  """How the discrete latents are sampled."""

  unimix: d.Mix = 0.01  # uniform share of every latent distribution
  dream_floor: d.Share = 0.02  # dreams leave out the uniform share and classes
  #   less likely than this; 0: they sample the prior as it is
  sampler: d.choice("straight_through", "gumbel") = "straight_through"
  temperature: d.Positive = 1.0  # of gumbel, at the start
  temperature_decay: d.Factor = 0.9999  # a factor per update
  temperature_floor: d.Positive = 0.3  # below it gumbel turns straight-through


@dataclasses.dataclass(frozen=True)
class WorldModelLoss:
  """Parts of the world model's loss, and their weights."""

  softmax_tiles: d.Count | None = None  # of the codebook that compete in an
  #   update: those that occur, and some others; none: all. 1024 suits books of
  #   thousands
  battle_scale: d.Weight = 1.0  # weight of a battle's picture
  moving_scale: d.Weight = 0.0  # more weight of tiles that change within four
  #   frames, the more the fewer they are: a list's cursor
  rare_power: d.Weight = 0.0  # weight of a tile id by its rarity to this power
  free_nats: d.Weight = 1.0  # KL below this is not pushed down, at first ...
  free_nats_end: d.Weight = 1.0  # ... and after `optimizer.decay_updates`
  dyn_scale: d.Weight = 1.0  # prior towards posterior
  rep_scale: d.Weight = 0.5  # posterior towards prior; DreamerV3 has 0.1
  probe_scale: d.Weight = 1.0
  reward_scale: d.Weight = 1.0
  probe_grad: d.Flag = True  # probes may shape the latent
  goal_heads: d.Flag = True  # predict which goals hold ...
  goal_scale: d.Weight = 0.3  # ... with this weight: 320 bits, many of them of
  #   a history that a window cannot know, else weigh as much as the picture
  overshoot_scale: d.Weight = 0.0  # of the KL along dreams from posteriors ...
  overshoot_steps: d.Count = 15  # ... of this many steps at the end of training


@dataclasses.dataclass(frozen=True)
class Optimizer:
  """How gradients become the world model's weights."""

  kind: d.choice("adam", "laprop") = "adam"  # DreamerV3 has laprop
  learning_rate: d.Rate = 3e-3
  warmup: d.Amount = 100  # updates until the learning rate is reached
  decay: d.Flag = True  # a cosine brings it down to a tenth ...
  decay_updates: d.Count | None = None  # ... over so many; none: as many as all
  #   rounds do. What else changes along with training follows these too
  clip: d.Positive | None = 100.0  # global gradient norm; none: any
  agc: d.Positive | None = None  # adaptive gradient clipping: a unit's gradient
  #   to its weights, at most; DreamerV3 has 0.3
  weight_decay: d.Weight = 0.0  # of matrices, a share of the learning rate
  ema_decay: d.Average | None = 0.999  # of the averaged weights that act, dream
  #   and are evaluated; none: none are kept, and the newest do all that


@dataclasses.dataclass(frozen=True)
class Sampling:
  """What the world model reads in an update."""

  batch: d.Size = 16  # sequences in an update
  length: d.whole(2, 65_536) = 32  # steps of each
  stream_windows: d.Count | None = 8  # windows in a row that a sequence reads
  #   on average, its latents carried over; none: each begins anew
  event_share: d.Share = 0.125  # of the sequences, drawn about rare events for
  #   the heads' sake, and weighted back for the dynamics
  own_share: d.Share = 0.25  # of streams, in later rounds, that begin in the
  #   policy's own play: what it tried and the dream had wrong
  surprise_share: d.Share = 0.0  # of the sequences, read again for a step that
  #   the model foresaw badly, and not weighted back (Kauvar et al. 2023)
  decoded_frames: d.Factor = 0.15  # share of a batch's frames, drawn anew each
  #   update, on which the decoder is trained: unbiased, and the softmax costs
  read_frames: d.Factor = 0.25  # ... heads and ensemble; all with a rare event


@dataclasses.dataclass(frozen=True)
class WorldModelSchedule:
  """How long the world model is trained, and when it is checked."""

  updates: d.Amount = 4000  # in the first round
  refresh_updates: d.Amount = 1500  # in each later round
  epochs: d.Positive | None = None  # passes over the replay in the first round,
  #   in place of `updates` ...
  refresh_epochs: d.Positive | None = None  # ... and of `refresh_updates`
  log_every: d.Count = 50  # updates a dispatch
  validate_every: d.Count | None = 500  # updates between checks on held-out
  #   episodes, see `data.validation`; none: no checks
  validate_batches: d.Amount = 8  # of the training's size, the same each time
  collapse_stops: d.Flag = False  # an alarm of `training.monitors` ends
  #   the run


@dataclasses.dataclass(frozen=True)
class WorldModelConfig:
  """The RSSM with its tile encoder, decoder and heads, and its training."""

  network: WorldModelNetwork = WorldModelNetwork()
  latent: Latent = Latent()
  loss: WorldModelLoss = WorldModelLoss()
  optimizer: Optimizer = Optimizer()
  sampling: Sampling = Sampling()
  schedule: WorldModelSchedule = WorldModelSchedule()


@dataclasses.dataclass(frozen=True)
class PolicyNetwork:
  """System 1's two small networks, and the goals that they are told."""

  width: d.Size = 256  # two hidden layers of this
  dtype: d.Dtype = "auto"  # of their products, as `world_model.network.dtype`
  unimix: d.Mix = 0.01  # uniform share of the policy: never exactly 0
  goal_dim: d.whole(1, 64) = 64


@dataclasses.dataclass(frozen=True)
class Cloning:
  """Behaviour cloning of recorded play, before the dreams."""

  updates: d.Amount = 8000
  refresh_updates: d.Amount = 200  # after the latents moved, in later rounds:
  #   of the clone, which holds the actor back and is a baseline
  batch: d.whole(2, 65_536) = 16
  length: d.Size = 32
  learning_rate: d.Rate = 1e-3  # brought down to a tenth in the first round
  sources: d.some_of(*d.CLONED) = "randomized_expert,explorer,courier"
  #   whose play is cloned beside the demonstrators', in the other half of the
  #   batch
  episodes: d.Count | None = None  # demonstrations that are cloned, of the
  #   smallest seeds; the world model sees all. None: all are
  commanded: d.Share = 0.5  # share of cloned windows that are told the default
  #   goal, where a badge follows; the others are told what came next
  own: d.Flag = True  # in later rounds, clone the policy's own play up to a
  #   badge too, where it took fewer actions than the demonstrators' median
  goal_noise: d.Weight = 0.02  # deviation of each number of a goal's embedding,
  #   0.16 of its length in all: as far as goals of much the same meaning
  label_smoothing: d.Mix = 0.02


@dataclasses.dataclass(frozen=True)
class Imagination:
  """Where dreams start, what they are told, and how they are paid."""

  batch: d.Size = 16  # replay sequences whose steps ...
  length: d.Size = 32  # ... start dreams
  own_share: d.Share = 0.5  # of those, in later rounds, of the policy's play
  context: d.Amount = 8  # steps of each that only warm the latent up
  branches: d.Size = 2  # dreams from each start, with the same goal: finding
  #   starts costs a tenth of an update. GRPO's groups
  goal_commanded: d.Share = 0.5  # share of starts whose goal is the default ...
  goal_hindsight: d.Share = 0.25  # ... or what the recorded play came to next;
  #   the rest have any goal that makes sense
  goal_ruled: d.Share = 0.0  # share of that rest which is told what System 2's
  #   rules would set there instead (`goals.order`)
  goal_scale: d.Weight = 100.0  # reward of reaching the commanded goal: with
  #   20, PPO finds that winning wild battles for ever pays better
  horizon: d.whole(1, 1000) = 15
  uncertainty_cap: d.Positive | None = None  # nats of the ensemble's
  #   disagreement at which a dream is cut short; none: never
  explore_scale: d.Weight = 0.0  # reward of a nat of it, for exploring policies
  discount: d.Share = 0.99
  lambda_: d.Share = 0.95


@dataclasses.dataclass(frozen=True)
class Actor:
  """How PPO or GRPO moves the policy."""

  algorithm: d.choice("ppo", "grpo") = "ppo"  # grpo: no critic, a dream is
  #   judged by its siblings; it wants `imagination.branches` of about 8, and a
  #   smaller `imagination.batch`
  learning_rate: d.Rate = 3e-4
  grad_clip: d.Positive | None = 10.0  # of the critic's too; none: any
  epochs: d.whole(1, 1000) = 1
  minibatches: d.Size = 8  # steps of actor and critic in each: with 2, values
  #   far from a goal lag far behind what dreams say
  clip_ratio: d.Positive = 0.2
  entropy_scale: d.Weight = 1e-2  # a nat's worth in units of advantage ...
  entropy_floor: d.Weight = 0.3  # ... while the mean is below this many nats:
  #   against collapse, not for dithering
  kl_scale: d.Weight = 0.3  # a nat of the KL divergence from the reference
  #   costs this many units of advantage. The reference is ...
  leash: d.choice("kept", "clone") = "kept"  # ... the policy that a round's
  #   dreams begin with (without `schedule.restart` the one that was kept, so
  #   that what rounds gain can add up); or the clone, in all rounds
  return_floor: d.Positive = 1.0  # rewards; returns that range over less are
  #   not blown up
  group_floor: d.Positive = 0.1  # the same for the spread of GRPO's groups


@dataclasses.dataclass(frozen=True)
class Critic:
  """The values of states, learned in dreams and from what really followed."""

  bins: d.whole(1, 10_000) | None = 97  # of a value, spread over two
  #   (DreamerV3): from a thousandth of a reward to hundreds. None: it is one
  #   number, with a squared error
  learning_rate: d.Rate = 1e-3
  warmup: d.Amount = 40  # updates of the critic alone, the actor cloned
  slow_fraction: d.Factor = 0.1  # of the slow critic's move per update: values
  #   must travel hundreds of steps in some hundreds of updates
  ground_updates: d.Amount = 1500  # on returns that really followed recorded
  #   steps, before each round's dreams (ppo) ...
  ground_batch: d.Size = 1440  # ... of so many steps in each; as many stand
  #   beside each update in dreams ...
  ground_scale: d.Weight = 0.3  # ... with this weight: dreams alone carry false
  #   values far. DreamerV3's replay loss has 0.3


@dataclasses.dataclass(frozen=True)
class PolicySchedule:
  """How long the policy learns in dreams, and what becomes of it."""

  updates: d.Amount = 160  # in each round
  gate: d.Flag = True  # undo a round whose policy plays clearly worse, over
  #   `data.own.episodes` games, than the one kept before it (at first, than the
  #   clone)
  restart: d.Flag = True  # each round's policy begins at the clone: what was
  #   learned of a poorer model is not carried on
  check_every: d.Count | None = 100  # updates between checks of critic and
  #   model on held-out episodes; none: no checks
  log_every: d.Count = 20  # updates a dispatch


@dataclasses.dataclass(frozen=True)
class PolicyConfig:
  """System 1: behaviour cloning, then policy optimisation in dreams."""

  network: PolicyNetwork = PolicyNetwork()
  cloning: Cloning = Cloning()
  imagination: Imagination = Imagination()
  actor: Actor = Actor()
  critic: Critic = Critic()
  schedule: PolicySchedule = PolicySchedule()


@dataclasses.dataclass(frozen=True)
class ScriptedPlay:
  """Episodes of the game's scripted players, collected in the first round."""

  demo_episodes: d.Episodes = 48  # of the scripted expert
  demo_epsilon: d.Share = 0.05  # share of its actions that are random
  explore_episodes: d.Episodes = 48  # of the expert with many random actions
  explore_steps: d.Steps = 1500  # actions in each of those
  explore_epsilon: d.Share = 0.3
  explore_strays: d.Share = 0.0  # chance at each step of its walks that it goes
  #   somewhere wrong on purpose, into a dead end or against a shut gate
  explore_blunders: d.Share = 0.0  # chance that a battle begins a spell of some
  #   that it fights badly on purpose; cloned is what it would have done
  explorer_episodes: d.Episodes = 16  # of the script that looks everywhere
  explorer_steps: d.Steps = 2500
  wanderer_episodes: d.Episodes = 0  # of the same script with random play and
  #   straight walks in between: what actions do where no script chooses them
  wanderer_steps: d.Steps = 2500
  courier_episodes: d.Episodes = 0  # of the script that does one errand after
  #   another: demonstrations for goals on command
  courier_steps: d.Steps = 2500


@dataclasses.dataclass(frozen=True)
class OwnPlay:
  """Fresh episodes of the policy, before each later round."""

  episodes: d.OwnEpisodes = 32
  steps: d.Count | None = None  # actions in each; none: `env.max_steps`
  patience: d.Count | None = None  # actions without progress that end one
  curious_episodes: d.OwnEpisodes = 8  # fresh too, leaning to what is in doubt
  curiosity: d.Weight = 1.0  # nats that a deviation of that doubt is worth


@dataclasses.dataclass(frozen=True)
class DataConfig:
  """What is collected, and what the device keeps of it."""

  scripted: ScriptedPlay = ScriptedPlay()
  own: OwnPlay = OwnPlay()
  capacity: d.Count = 200_000  # steps on all devices together (0.9 kB each)
  validation: d.real(0, 0.5) = 0.05  # share of the first round's episodes that
  #   are held out, by a hash of source and seed. Only the codebook sees them:
  #   it knows what can be drawn, not what follows what


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
  """What `dreamer-jax evaluate` plays and measures."""

  episodes: d.whole(1, 10_000) = 16  # from power-on, a policy
  seed: d.Seed = 2_000_000  # first of the seeds kept for evaluation: nothing is
  #   ever chosen by them. Comparisons use 1,200,000 to 1,299,999
  scripted: d.whole(3, 10_000) = 24  # episodes on which the world model is
  #   judged: a third each demonstrations, the same with many random actions,
  #   wandering
  windows: d.Count = 512  # open-loop forecasts along them, of up to 100 steps
  moments: d.Amount = 64  # saved states, from each of which the emulator ...
  branches: d.whole(4, 1000) = 8  # ... plays this many sequences of actions
  greedy: d.Flag = False  # most likely action instead of a sample
  max_steps: d.Count | None = None  # actions of a game; none: as in training
  stop_badges: d.EndBadges | None = None  # that end it; none: as in training
  play_on: d.Flag = False  # no number of badges ends it
  rivals: d.some_of(*d.RIVALS) = "other,planned,random,bc,bc_cold,expert"
  #   who plays: the agent in its other manner (greedy, sampled) and with goals
  #   of the rules planner, chance, clone, the clone at a lower temperature, a
  #   script
  goal_trials: d.Amount = 100  # commanded goals that the scripted play reached
  #   next, and as many chance ones that make sense ...
  goal_steps: d.Count = 200  # ... with so many actions for each ...
  goal_context: d.Amount = 32  # ... the emulator plays so many again before


@dataclasses.dataclass(frozen=True)
class ModelFreeConfig:
  """The baseline that learns on the emulator, see `training.model_free`.

  Widths, discount, lambda, clipping and rewards are those of the world model
  and the policy. The rest is what is usual for recurrent PPO.
  """

  unroll: d.Size = 64  # steps of each emulator between two updates
  epochs: d.whole(1, 1000) = 3
  minibatches: d.Size = 4  # of whole emulators: memory wants their order
  rate: d.Rate = 3e-4
  grad_clip: d.Positive | None = 0.5  # none: any
  entropy_scale: d.Weight = 1e-2
  value_scale: d.Weight = 0.5  # of the critic's loss; it shares the encoder


@dataclasses.dataclass(frozen=True)
class Config:
  """One run. `experiments/configs/*.py` return one of these."""

  name: d.Name = "base"
  seed: d.Seed = 0
  rounds: d.whole(1, 100) = 3  # world model, policy, fresh episodes, again
  checkpoint_secs: d.Weight = 60.0  # at the least between two checkpoints
  env: EnvConfig = EnvConfig()
  rewards: RewardsConfig = RewardsConfig()
  world_model: WorldModelConfig = WorldModelConfig()
  policy: PolicyConfig = PolicyConfig()
  data: DataConfig = DataConfig()
  evaluate: EvaluateConfig = EvaluateConfig()
  model_free: ModelFreeConfig = ModelFreeConfig()

  def __post_init__(self):
    """Checks it, whoever made it.

    Raises:
      UserError: see `rules.validate`.
    """
    rules.validate(self)


def change(tree: _T, changes: Mapping[str, Any]) -> _T:
  """A configuration, or a section of one, with other values.

  Example:
    >>> small = change(Config(), {"world_model.network.deter": 64, "seed": 1})
    >>> small.world_model.network.deter, Config().world_model.network.deter
    (64, 512)

  Args:
    tree: a dataclass of this module.
    changes: values by path below `tree`.

  Returns:
    A copy.

  Raises:
    UserError: a whole configuration would break a rule, see `rules.validate`.
    TypeError: a path names no field.
  """
  fields: dict[str, Any] = {}
  below: dict[str, dict[str, Any]] = {}
  for path, value in changes.items():
    name, _, rest = path.partition(".")
    if rest:
      below.setdefault(name, {})[rest] = value
    else:
      fields[name] = value
  known = {field.name for field in dataclasses.fields(tree)}
  if not {*fields, *below} <= known:
    wrong = min({*fields, *below} - known)
    raise TypeError(f"{type(tree).__name__} has no field {wrong!r}")
  for name, changed in below.items():
    fields[name] = change(fields.get(name, getattr(tree, name)), changed)
  return dataclasses.replace(tree, **fields)


def check_field(path: str) -> None:
  """Checks that `path`, "world_model.network.deter" say, names a field.

  Raises:
    UserError: it does not; the sentence offers the nearest name.
  """
  known = dict(d.fields(Config))
  if path in known:
    return
  if path in config_versions.GONE:
    _, remedy = config_versions.GONE[path]
    raise UserError(f"--config.{path} is gone: {remedy}")
  name = path.rpartition(".")[-1]
  same = [p for p in known if p.rpartition(".")[-1] == name]
  moved = config_versions.MOVED  # as an earlier version named it
  near = next(
    (moved[old] for old in moved if f"{old}.".startswith(f"{path}.")), ""
  )
  near = near or (same[0] if same else d.nearest(path, known, 0.0))
  raise UserError(
    f"--config.{path}: there is no field {name!r}; did you mean {near!r}?"
  )


def leaves(tree: Mapping, prefix: str = "") -> dict[str, Any]:
  """Values of nested dictionaries by path: `{"policy.actor.epochs": 1}`."""
  found = {}
  for key, value in tree.items():
    name = f"{prefix}{key}"
    nested = isinstance(value, Mapping)
    found.update(leaves(value, name + ".") if nested else {name: value})
  return found


def to_dict(config: Config) -> dict:
  """Plain nested dictionaries, for JSON."""
  return dataclasses.asdict(config)


def from_dict(tree: Mapping) -> Config:
  """The inverse of `to_dict`; values are taken as they are.

  Settings of earlier versions become what they meant: `config_versions`.

  Raises:
    UserError: the tree has a field that this version does not know.
  """
  found = config_versions.current(leaves(tree))
  for path in found:
    check_field(path)
  return change(Config(), found)
